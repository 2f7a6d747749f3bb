import { readdirSync, readFileSync } from 'node:fs'
import { kindOf, RunEvent } from '@segno/schema'
import type { Definition, Step, StepKind } from '@segno/schema'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { compile } from '../kernel/compile.ts'
import { evolve } from '../kernel/evolve.ts'
import { runStatus } from '../kernel/outstanding.ts'
import { emptyState } from '../kernel/state.ts'
import { planFrom } from '../ports/batch.ts'
import { matchFixture, shortEvent } from './fixture-match.ts'
import { runFixture } from './fixture-run.ts'
import { parseFixture } from './fixture.ts'

const folder = new URL('../../../schema/conformance/', import.meta.url)

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.yaml'))
  .toSorted()

const fixtures = new Map<string, ReturnType<typeof parseFixture>>()

function fixtureOf(file: string): ReturnType<typeof parseFixture> {
  const fixture = fixtures.get(file) ?? parseFixture(parse(readFileSync(new URL(file, folder), 'utf8')))
  fixtures.set(file, fixture)
  return fixture
}

describe('the kernel does what the fixtures say', () => {
  test.for(files)('%s', (file) => {
    const fixture = fixtureOf(file)

    const run = runFixture(fixture)

    expect(matchFixture(fixture, run), run.events.map(shortEvent).join('\n')).toEqual([])
  })
})

describe('the journal of a fixture is valid and folds to the same end', () => {
  test.for(files)('%s', (file) => {
    const { definition, plans = {} } = fixtureOf(file)
    const { events, status } = runFixture(fixtureOf(file))

    const compiled = [definition, ...Object.values(plans)].map((one) => compile(one))
    const byHash = new Map(compiled.map((plan) => [plan.hash, plan]))
    const state = emptyState()
    for (const event of events) {
      const plan = byHash.get(planFrom(event) ?? state.planHash)
      if (plan === undefined) throw new Error('a journal names a plan of its fixture')
      evolve(plan, state, RunEvent.parse(event))
    }

    expect(runStatus(state)).toBe(status)
  })
})

/** Whether fixtures show a verb, or why they cannot. */
const verbs = {
  ...{ uses: true, exec: true, run: true, http: true, call: true, start: true, set: true, assert: true },
  ...{ sleep: true, sleepUntil: true, waitFor: true, ask: true, watch: true, emit: true },
  ...{ do: true, if: true, match: true, parallel: true, forEach: true, repeat: true, try: true, states: true },
  ...{ return: true, fail: true },
  agent: 'no engine runs agents yet: the check refuses them',
} satisfies Record<StepKind, true | string>

/** What else has fixtures of its own, and how a definition shows that it has it. */
const otherConstructs: Readonly<Record<string, (definition: Definition) => boolean>> = {
  finally: (definition) => definition.finally !== undefined,
  imports: ({ imports }) => imports !== undefined,
  undo: ({ steps }) => stepsOf(steps).some((step) => 'undo' in step),
  idempotencyKey: ({ steps }) => stepsOf(steps).some((step) => 'idempotencyKey' in step),
}

const shown = [
  ...Object.entries(verbs).flatMap(([verb, is]) => (is === true ? [verb] : [])),
  ...Object.keys(otherConstructs),
]

function uses(definition: Definition, construct: string): boolean {
  const other = otherConstructs[construct]
  return other === undefined
    ? stepsOf(definition.steps)
        .map(kindOf)
        .includes(construct as StepKind)
    : other(definition)
}

const ends = { completes: 'completed', fails: 'failed', cancelled: 'cancelled' } as const

describe('every construct has a fixture for each end of a run', () => {
  const cases = shown.flatMap((construct) => Object.keys(ends).map((end) => ({ construct, end })))
  test.for(cases)('$construct $end', ({ construct, end }) => {
    const { definition, expect: expected } = fixtureOf(`${construct}/${end}.yaml`)

    expect(expected.status).toBe(ends[end as keyof typeof ends])
    expect(uses(definition, construct)).toBe(true)
  })
})

describe('what a crash in the middle does to it is shown of', () => {
  const waiting: readonly StepKind[] = ['call', 'start', 'states', 'ask', 'watch', 'emit', 'sleepUntil', 'http']
  test.for([...waiting, 'undo', 'idempotencyKey', 'imports'])('%s', (construct) => {
    const { definition, crashes } = fixtureOf(`${construct}/crashed.yaml`)

    expect(crashes?.length).toBeGreaterThan(0)
    expect(uses(definition, construct)).toBe(true)
  })
})

// Whatever holds steps, at any depth.
function stepsOf(value: unknown): Step[] {
  if (typeof value !== 'object' || value === null) return []
  const inside = Object.values(value).flatMap(stepsOf)
  return 'id' in value ? [value as Step, ...inside] : inside
}

const plain = {
  title: 'a fixture',
  definition: { segno: 1, name: 'plain', steps: [{ id: 'work', uses: 'worker' }] },
  handlers: { worker: {} },
  script: { work: [{ failure: { code: 'BROKEN', message: 'it broke' } }] },
  expect: {
    events: [
      'run.created',
      'attempt.started work',
      { 'step.failed work': { failure: { code: 'BROKEN', retryable: true } } },
      'run.failed',
    ],
    status: 'failed',
    failure: { code: 'BROKEN', retryable: true },
    effects: { work: 1 },
  },
}

function differences(change: object): string[] {
  const fixture = parseFixture({ ...plain, ...change })
  return matchFixture(fixture, runFixture(fixture))
}

describe('a difference is told in words', () => {
  const { expect: expected } = plain
  const [created, started, failed, ended] = expected.events
  test('none where there is none', () => {
    expect(differences({})).toEqual([])
  })
  test.for([
    ['an event too few', [created, started, failed], 'event 4: expected nothing more, got run.failed'],
    [
      'an event too many',
      [...expected.events, 'run.adopted'],
      'event 5: expected "run.adopted", but nothing more happened',
    ],
    ['another event', [created, failed], 'event 2: expected step.failed work, got attempt.started work'],
    [
      'another field',
      [created, { 'attempt.started work': { effect: 'once' } }, failed, ended],
      'event 2 (attempt.started work) effect: expected "once", got "idempotent"',
    ],
    [
      'a failure left out',
      [created, started, 'step.failed work', ended],
      'event 3 (step.failed work) failure: expected nothing, got',
    ],
    [
      'another instant',
      [{ 'run.created': { at: '1s' } }, started, failed, ended],
      'event 1 (run.created) at: expected 1000, got 0',
    ],
  ] as const)('%s', ([, events, words]) => {
    expect(differences({ expect: { ...expected, events } })).toEqual([expect.stringContaining(words)])
  })
  test('words of a failure are compared where they are given', () => {
    const failure = { ...expected.failure, message: 'it is broken' }
    expect(differences({ expect: { ...expected, failure } })).toEqual([
      'failure.message: expected "it is broken", got "it broke"',
    ])
  })
  test('an attempt that the script does not foresee', () => {
    expect(differences({ script: {} })).toContain('attempt 1 of "work" is not in the script')
  })
  test('an attempt that is never made', () => {
    expect(differences({ script: { work: [...plain.script.work, {}] } })).toEqual([
      'the script has 2 attempts of "work", 1 were made',
    ])
  })
})

describe('what is no fixture is refused', () => {
  test('a key that it does not have', () => {
    expect(() => parseFixture({ ...plain, scripts: {} })).toThrow(/scripts/)
  })
  test('a definition that does not check', () => {
    expect(() => parseFixture({ ...plain, handlers: {} })).toThrow('no handler "worker" is registered')
  })
  test('a migration to a plan that it does not have', () => {
    const commands = [{ at: '1m', id: 'm1', command: 'migrate', plan: 'second' }]
    expect(() => parseFixture({ ...plain, commands })).toThrow('commands.0.plan: it has no plan "second"')
  })
  test('a plan that does not check', () => {
    const plans = { second: { segno: 1, name: 'plain', steps: [{ id: 'work', uses: 'other' }] } }
    expect(() => parseFixture({ ...plain, plans })).toThrow('no handler "other" is registered')
  })
  test('an attempt that ends in two ways', () => {
    expect(() => parseFixture({ ...plain, script: { work: [{ output: 1, hang: true }] } })).toThrow('ends in one way')
  })
})
