import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { crashMatrix } from '../../src/testing/crash-matrix.ts'
import { parseFixture } from '../../src/testing/fixture.ts'
import { fixtureSubject } from '../../src/testing/fixture-subject.ts'

const folder = new URL('../../../schema/conformance/', import.meta.url)

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replaceAll('\\', '/'))
  .toSorted()
  // Its eight crashes are what it is about: one more, and it blocks before the operator is there.
  .filter((file) => file !== 'effect/no-progress.yaml')

describe('a run with a crash after any event ends as the run without', () => {
  test.for(files)('%s', async (file) => {
    const fixture = parseFixture(parse(readFileSync(new URL(file, folder), 'utf8')))

    const { workflow, ...given } = fixtureSubject(fixture)
    const { reference, events, crashes } = await crashMatrix(workflow, given)

    expect(reference.status).toBe(fixture.expect.status)
    if (fixture.expect.output !== undefined) expect(reference.output).toMatchObject(fixture.expect.output)
    expect(crashes.length).toBeGreaterThan(0)
    // A run that rests in the store is not adopted: nobody held it when its process died.
    if (fixture.crashes === undefined) expect(events).toBe(fixture.expect.events.length)
  })
})
