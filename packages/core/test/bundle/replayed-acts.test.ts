import type { RunBundle } from '@segno/schema'
import { planHash } from '@segno/schema/plan'
import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { exportRun } from '../../src/bundle/export-run.ts'
import { replayWith } from '../../src/testing/replay-with.ts'
import { world } from '../runtime/world.ts'
import { bundleOf, fixtureFiles, fixtureIn } from './bundle-of-fixture.ts'

const acts: ReadonlySet<string> = new Set(['pause', 'resume', 'retry', 'raise', 'skip', 'override'])

const apart: Readonly<Record<string, string>> = {
  'effect/no-progress.yaml': 'its processes die, which is no part of what happens by another workflow',
  'start/child-blocked.yaml': 'what it does is done to a run that it started, which the bundle of a fixture lacks',
  'operator/override-a-blocked-step.yaml': 'an override of it is refused, and what that would give is in no journal',
}

const operated = fixtureFiles
  .filter((file) => apart[file] === undefined)
  .map((file) => [file, fixtureIn(file)] as const)
  .filter(([, { commands = [] }]) => commands.some(({ command }) => acts.has(command)))
  // A run that was migrated is played by one plan only, see below.
  .filter(([, { plans }]) => plans === undefined)

describe('what operators did is done again by the same workflow, at its place:', () => {
  test.for(operated)('%s', async ([file]) => {
    const { bundle, fixture } = bundleOf(file)
    const { divergence, acts: differing, unknown, status } = await replayWith(bundle, fixture.definition)

    expect({ divergence, differing, unknown, status }).toEqual({
      differing: [],
      unknown: [],
      status: bundle.row.status,
    })
  })

  test('there are fixtures of every act', () => {
    const seen = operated.flatMap(([, { commands = [] }]) => commands.map(({ command }) => command))
    expect([...acts].filter((act) => !seen.some((command) => command === act))).toEqual([])
  })
})

const trip: Definition = {
  segno: 1,
  name: 'trip',
  limits: { steps: 6 },
  output: { price: { type: 'integer', value: '${{ steps.price.output }}' } },
  steps: [
    { id: 'book', uses: 'book', onFailure: 'block' },
    { id: 'review', ask: { title: 'Go?', choices: ['yes', 'no'] } },
    { id: 'price', waitFor: { signal: 'price', schema: { type: 'integer' } } },
    ...['one', 'two', 'three', 'four'].map((id) => ({ id, set: { n: 1 } })),
    { id: 'bye', uses: 'book' },
  ],
}

/** A run that was retried, skipped through, told what it waits for, and given more steps. */
async function operatedTrip(): Promise<RunBundle> {
  const here = world()
  let calls = 0
  const book = (): unknown => {
    if (++calls === 1) throw new Error('busy')
    return { seat: '12A' }
  }
  await using engine = here.engine({ handlers: { book } })
  const run = await engine.start(trip, {}, { id: 'run_trip' })
  const minute = (): Promise<void> => here.clock.advanceBy(60_000)
  await minute()
  await run.retry({ path: 'book', actor: 'ada' })
  await minute()
  await run.skip('review', { actor: 'ada', reason: 'known' })
  await minute()
  await run.override('price', 12, { actor: 'bob' })
  await minute()
  expect(await run.status()).toBe('blocked')
  await run.raise({ steps: 30 })
  await minute()
  expect(await run.output()).toEqual({ price: 12 })
  return exportRun(here.storage, run.id, { redact: false })
}

function tripWith(change: Partial<Definition>): Definition {
  return { ...trip, ...change } as Definition
}

describe('a run that people have helped along, played to another workflow,', () => {
  test('is helped along there too', async () => {
    const longer = tripWith({ steps: [...trip.steps, { id: 'told', set: { said: 'bye' } }] })
    const { acts: differing, status, output, divergence, unknown } = await replayWith(await operatedTrip(), longer)

    expect({ differing, status, output, unknown }).toEqual({
      differing: [],
      status: 'completed',
      output: { price: 12 },
      unknown: [],
    })
    expect(divergence?.replayed).toMatchObject({ type: 'step.completed', path: 'told' })
  })

  const cases: readonly (readonly [string, Definition, readonly object[]])[] = [
    [
      'each that has no place there',
      tripWith({ steps: trip.steps.map((step) => (step.id === 'review' ? { ...step, id: 'look' } : step)) }),
      [
        { action: 'skip', code: 'ACT_REFUSED', path: 'review', message: '"review" has not begun, or has ended' },
        { action: 'override', code: 'ACT_REFUSED', path: 'price', message: '"price" has not begun, or has ended' },
      ],
    ],
    [
      'an output that does not fit there',
      tripWith({
        output: {},
        steps: trip.steps.map((step) =>
          step.id === 'price' ? { id: 'price', waitFor: { signal: 'price', schema: { type: 'string' } } } : step,
        ),
      }),
      [{ action: 'override', code: 'ACT_REFUSED', path: 'price' }],
    ],
    [
      'a limit that is as high already',
      tripWith({ limits: { steps: 30 }, steps: [...trip.steps, { id: 'rest', sleep: '1d' }] }),
      [{ action: 'raise', code: 'ACT_REFUSED', message: 'no limit is raised' }],
    ],
    [
      'those that come when it has ended',
      tripWith({ output: {}, steps: [{ id: 'book', uses: 'book', onFailure: 'continue' }] }),
      ['retry', 'skip', 'override', 'raise'].map((action) => ({ action, code: 'RUN_ENDED' })),
    ],
  ]

  test.for(cases)('tells of %s, with its place in the journal', async ([, workflow, expected]) => {
    const bundle = await operatedTrip()
    const { same, acts: differing } = await replayWith(bundle, workflow)

    expect(differing).toMatchObject(expected)
    expect({ same, count: differing.length }).toEqual({ same: false, count: expected.length })
    for (const { seq, action } of differing) expect(bundle.events[seq - 1]).toMatchObject({ action, seq })
  })

  test('tells of an act that was refused here, and is not there', async () => {
    const { bundle, fixture } = bundleOf('operator/skip-waits.yaml')
    const [all, ...others] = fixture.definition.steps
    const last = { id: 'last', waitFor: { signal: 'page' } }
    const parallel = all !== undefined && 'parallel' in all ? all.parallel.filter(({ id }) => id !== 'busy') : []
    const idle = { ...fixture.definition, steps: [{ id: 'all', parallel }, last, ...others.slice(1)] } as Definition
    const { acts: differing } = await replayWith(bundle, idle)

    expect(differing).toMatchObject([
      {
        action: 'skip',
        path: 'last',
        code: 'ACT_TAKEN',
        message: 'it was refused: "last" has not begun, or has ended',
      },
      { action: 'skip', path: 'all', code: 'RUN_ENDED' },
    ])
  })

  test('tells where other steps are done again', async () => {
    const { bundle, fixture } = bundleOf('operator/redo-downstream.yaml')
    const steps = fixture.definition.steps.filter(({ id }) => id !== 'group')
    const { acts: differing } = await replayWith(bundle, { ...fixture.definition, steps })

    expect(differing).toMatchObject([
      {
        action: 'retry',
        path: 'fetch',
        code: 'ACT_DIFFERS',
        message: expect.stringContaining('it does "fetch", "book", "group", "check" again') as string,
      },
    ])
  })

  test('tells of an override that was refused: what it would have given is not known', async () => {
    const { bundle, fixture } = bundleOf('operator/override-a-blocked-step.yaml')
    const { same, acts: differing } = await replayWith(bundle, fixture.definition)

    expect(same).toBe(true)
    expect(differing).toMatchObject([{ action: 'override', path: 'price', code: 'ACT_NOT_REPLAYED' }])
  })
})

describe('a run that was migrated, played to another workflow,', () => {
  const before = tripWith({ limits: {}, steps: trip.steps.slice(1, 3) })
  const after = { ...before, steps: [...before.steps, { id: 'thank', uses: 'thank' }] } as Definition

  async function migrated(): Promise<RunBundle> {
    const here = world()
    await using engine = here.engine({ handlers: { thank: { perform: () => 'thanks', effect: 'once' } } })
    const run = await engine.start(before, {}, { id: 'run_trip' })
    await here.clock.advanceBy(60_000)
    await engine.migrate([run.id], after, { actor: 'ada' })
    await here.clock.advanceBy(60_000)
    await here.storage.deliver(run.id, { id: 'again', name: 'segno.migrate', payload: { plan: planHash(after) } })
    await here.clock.advanceBy(60_000)
    await run.skip('review')
    await here.clock.advanceBy(60_000)
    await run.override('price', 3)
    await here.inTime(run.result())
    return exportRun(here.storage, run.id, { redact: false })
  }

  const leftOut = [{ action: 'migrate', code: 'MIGRATION_NOT_REPLAYED' }]

  test('goes by the given one from the start, and tells that it was not migrated there', async () => {
    const bundle = await migrated()
    const { acts: differing, ...played } = await replayWith(bundle, after)

    expect(played).toMatchObject({ same: true, status: 'completed', output: { price: 3 }, unknown: [] })
    expect(differing).toMatchObject([
      {
        seq: 3,
        message: `the run was put on plan ${planHash(after)}; it is played by the given workflow from the start`,
      },
      { seq: 4, message: 'it was refused: the run goes by this plan already' },
    ])
    expect(differing).toMatchObject([...leftOut, ...leftOut])
    for (const { seq } of differing) expect(JSON.stringify(bundle.events[seq - 1])).toContain('migrate')
  })

  test('goes another way by the one that it began with', async () => {
    const { same, divergence, status } = await replayWith(await migrated(), before)

    expect({ same, status }).toEqual({ same: false, status: 'completed' })
    expect(divergence).toMatchObject({
      recorded: { type: 'attempt.started', path: 'thank' },
      replayed: { type: 'run.completed' },
    })
  })
})

describe('what was done to a run that the run started', () => {
  const parent: Definition = {
    segno: 1,
    name: 'parent',
    imports: { child: { segno: 1, name: 'child', steps: [{ id: 'nap', sleep: '1d' }] } },
    steps: [{ id: 'begin', start: 'child' }],
  }

  test('is told with the id of that run: a replay is of one journal', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(parent)
    await here.clock.advanceBy(60_000)
    const { runs } = await here.storage.list({ workflow: 'child' }, { limit: 1 })
    const child = runs[0]?.runId ?? ''
    await engine.run(child).skip('nap', { actor: 'ada' })
    await here.inTime(run.result())
    const bundle = await exportRun(here.storage, run.id, { redact: false, children: true })

    const { acts: differing } = await replayWith(bundle, parent)
    expect(differing).toEqual([
      {
        ...{ seq: 3, runId: child, code: 'ACT_NOT_REPLAYED', action: 'skip', path: 'nap' },
        message: 'it was done to a run that the run started',
      },
    ])
  })
})
