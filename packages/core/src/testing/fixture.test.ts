import { readdirSync, readFileSync } from 'node:fs'
import { RunEvent } from '@segno/schema'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { compile } from '../kernel/compile.ts'
import { evolve } from '../kernel/evolve.ts'
import { runStatus, wakeAt } from '../kernel/outstanding.ts'
import { emptyState } from '../kernel/state.ts'
import { matchFixture, shortEvent } from './fixture-match.ts'
import { runFixture } from './fixture-run.ts'
import { parseFixture } from './fixture.ts'

const folder = new URL('../../../schema/conformance/', import.meta.url)

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replaceAll('\\', '/'))
  .toSorted()

describe('every implementation of the language keeps the fixtures', () => {
  test.for(files)('%s', (file) => {
    const fixture = parseFixture(parse(readFileSync(new URL(file, folder), 'utf8')))

    const run = runFixture(fixture)

    expect(matchFixture(fixture, run), run.events.map(shortEvent).join('\n')).toEqual([])
    expect(run.events.map((event) => RunEvent.safeParse(event).error)).toEqual(run.events.map(() => undefined))
  })
})
