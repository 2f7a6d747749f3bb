import { readdirSync, readFileSync } from 'node:fs'
import { Fixture, loadWorkflow, normalise, planHash, toYaml } from '@segno/schema'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { matchFixture } from '../../src/testing/fixture-match.ts'
import { runFixture } from '../../src/testing/fixture-run.ts'
import { NoTwin } from './given.ts'
import { twinOf } from './twin-of.ts'
import { typedTwins } from './typed-twins.ts'

const folder = new URL('../../../schema/conformance/', import.meta.url)

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.yaml'))
  .toSorted()

/** The fixtures that no calls of the builder give, and why. */
const withoutTwin: Readonly<Record<string, string>> = {
  'patterns/wcp-17-interleaved-parallel-routing.yaml': '`needs` of a step that is written after it',
  'states/output-declared.yaml': '`output` on `states`: each branch returns what it gives',
  'try/output-fails.yaml': '`output` on `try`: each branch returns what it gives',
}

function fixtureOf(file: string): Fixture {
  return Fixture.parse(parse(readFileSync(new URL(file, folder), 'utf8')), { jitless: true })
}

describe('the twin of a fixture, written with the builder, has its hash and gives its events:', () => {
  test.for(files.filter((file) => !Object.hasOwn(withoutTwin, file)))('%s', (file) => {
    const fixture = fixtureOf(file)

    const { definition } = twinOf(fixture.definition)

    expect(planHash(definition)).toBe(planHash(fixture.definition))
    const played = { ...fixture, definition: normalise(definition) }
    expect(matchFixture(played, runFixture(played))).toEqual([])
  })
})

describe('what is written with types by hand has the hash of its fixture and gives its events:', () => {
  test.for(Object.entries(typedTwins))('%s', ([path, { definition }]) => {
    const fixture = fixtureOf(`${path}.yaml`)

    expect(normalise(definition)).toEqual(normalise(fixture.definition))
    expect(planHash(definition)).toBe(planHash(fixture.definition))
    const played = { ...fixture, definition: normalise(definition) }
    expect(matchFixture(played, runFixture(played))).toEqual([])
  })

  test.for(Object.entries(typedTwins))('%s, also as YAML', ([, workflow]) => {
    expect(loadWorkflow(toYaml(workflow)).workflow?.hash).toBe(planHash(workflow.definition))
  })
})

describe('a fixture has no twin:', () => {
  test.for(Object.entries(withoutTwin))('%s, for %s', ([file, reason]) => {
    const { definition } = fixtureOf(file)
    expect(() => twinOf(definition)).toThrow(new NoTwin(reason))
  })
})
