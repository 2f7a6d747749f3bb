import type { RunBundle } from '@segno/schema'
import type { Definition } from '@segno/schema/plan'
import { planHash } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { diffRuns } from '../../src/bundle/diff-runs.ts'
import { exportRun } from '../../src/bundle/export-run.ts'
import type { ExportOptions } from '../../src/bundle/export-run.ts'
import { importRun } from '../../src/bundle/import-run.ts'
import { SegnoError } from '../../src/error.ts'
import { replayRun } from '../../src/testing/replay-run.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { expectLawful, journalOf, world } from '../runtime/world.ts'
import type { World } from '../runtime/world.ts'

const note = 'y'.repeat(20_000)

const first: Definition = {
  segno: 1,
  name: 'order',
  input: { customer: { type: 'string' }, note: { type: 'string', default: note } },
  output: { seat: { type: 'string', value: '${{ steps.book.output.seat }}' } },
  steps: [
    { id: 'book', uses: 'book', with: { customer: '${{ input.customer }}', note: '${{ input.note }}' } },
    { id: 'paid', waitFor: { signal: 'paid' } },
    { id: 'ship', uses: 'ship', with: { to: '${{ input.customer }}' } },
  ],
}
const second: Definition = {
  ...first,
  steps: [...first.steps, { id: 'thank', uses: 'thank', with: { to: '${{ input.customer }}' } }],
}
const third: Definition = {
  ...second,
  output: { ...first.output, rating: { type: 'integer', value: '${{ steps.rated.output }}' } },
  steps: [...second.steps, { id: 'rated', waitFor: { signal: 'rated', schema: { type: 'integer' } } }],
}
const plans = [first, second, third]

const handlers = { book: () => ({ seat: '12A', token: 'sk-live-123456' }), ship: () => null, thank: () => note }

/** A run of `first` that waits for its payment, and was migrated so often. */
async function waiting(here: World, times: number): Promise<void> {
  await using engine = here.engine({ handlers })
  const run = await engine.start(first, { customer: 'Ada' }, { id: 'run_order', idempotencyKey: 'order-1' })
  await settled()
  for (const plan of plans.slice(1, times + 1)) {
    await here.clock.advanceBy(60_000)
    await engine.migrate([run.id], plan, { actor: 'ada', reason: 'thank people' })
    await settled()
  }
  expect((await run.row()).plan).toBe(planHash(plans[times] ?? first))
}

/** Sends what it waits for, and tells what it came to. */
async function toItsEnd(here: World): Promise<unknown> {
  await using engine = here.engine({ handlers })
  await engine.recover()
  const run = engine.run('run_order')
  if ((await run.status()) === 'paused') await run.resume()
  await run.signal('paid', { amount: 3 }, { id: 's1', sender: 'bank' })
  await run.signal('rated', 5, { id: 's2' })
  return await here.inTime(run.output())
}

const outputs = [undefined, { seat: '12A' }, { seat: '12A', rating: 5 }] as const
const redactions: readonly ExportOptions[] = [{ redact: false }, { redact: 'keys' }, { redact: 'values' }]
const cases = [1, 2].flatMap((times) =>
  redactions.map(({ redact = false }) => [times, String(redact), { redact }] as const),
)

describe.for(cases)('a run that was migrated, %i times, and exported with redact: %s,', ([times, , options]) => {
  test('has all its plans with it, and has ended elsewhere as it did here', async () => {
    const [here, there] = [world(), world()]
    await waiting(here, times)
    await toItsEnd(here)
    const bundle = await exportRun(here.storage, 'run_order', options)
    expect(Object.keys(bundle.plans)).toEqual(plans.slice(0, times + 1).map((plan) => planHash(plan)))

    expect(await importRun(there.storage, JSON.parse(JSON.stringify(bundle)))).toEqual({
      runId: 'run_order',
      status: 'completed',
    })
    expect(await journalOf(there.storage, 'run_order')).toEqual(bundle.events)
    await expectLawful(there.storage, 'run_order')
    const again = await exportRun(there.storage, 'run_order', { redact: false })
    expect(diffRuns(bundle, again)).toMatchObject({ same: true })
  })

  test('goes on elsewhere by its newest plan to its end', async () => {
    const [here, there] = [world(), world()]
    await waiting(here, times)
    const bundle = await exportRun(here.storage, 'run_order', options)
    expect(await importRun(there.storage, bundle)).toEqual({ runId: 'run_order', status: 'paused' })
    await expectLawful(there.storage, 'run_order')
    await using reader = there.engine({ handlers })
    // The key stands for the call that began it, whatever plan it goes by now.
    if (options.redact === false) {
      const again = reader.start(first, { customer: 'Ada' }, { id: 'run_other', idempotencyKey: 'order-1' })
      expect((await again).id).toBe('run_order')
    }

    const theirs = await toItsEnd(there)
    const ours = await toItsEnd(here)
    expect(ours).toEqual(outputs[times])
    if (options.redact !== 'values') expect(theirs).toEqual(ours)
    await expectLawful(there.storage, 'run_order')
    const diff = diffRuns(
      await exportRun(here.storage, 'run_order', options),
      await exportRun(there.storage, 'run_order', options),
    )
    expect(diff).toMatchObject({ same: true, before: { plan: diff.after.plan } })
    expect(await replayRun(await exportRun(there.storage, 'run_order', options))).toMatchObject({ same: true })
  })

  test.for(['open', 'ended'])('replays offline to the same events, %s', async (how) => {
    const here = world()
    await waiting(here, times)
    if (how === 'ended') await toItsEnd(here)
    const bundle = await exportRun(here.storage, 'run_order', options)
    const { same, divergence, status } = await replayRun(bundle)

    expect({ same, divergence, status }).toEqual({ same: true, divergence: undefined, status: bundle.row.status })
  })
})

describe('a bundle of a migrated run that does not hold together is refused with the place:', () => {
  type Mutable = RunBundle & { events: object[]; plans: Record<string, Definition>; row: object }
  const hash = planHash(second)
  const changes: readonly [string, string, (bundle: Mutable) => void][] = [
    ['a plan that it was migrated to is missing', '/events/4/to', ({ plans: kept }) => delete kept[hash]],
    ['the plan that it began with is missing', '/events/0/plan', ({ plans: kept }) => delete kept[planHash(first)]],
    [
      'the definition of a plan that it was migrated to is another',
      `/plans/${hash}`,
      ({ plans: kept }) => Object.assign(kept[hash] ?? {}, { description: 'changed' }),
    ],
    [
      'it goes from another plan',
      '/events/4',
      ({ events }) => Object.assign(events[4] ?? {}, { from: planHash(third) }),
    ],
    ['its row names the plan before', '/row/plan', ({ row }) => Object.assign(row, { plan: planHash(first) })],
    [
      'it goes on by a plan that has no place for it',
      '/events/4',
      (bundle) => {
        const other: Definition = { ...first, steps: first.steps.slice(1) }
        bundle.plans[planHash(other)] = other
        Object.assign(bundle.events[4] ?? {}, { to: planHash(other) })
      },
    ],
  ]

  test.for(changes)('%s', async ([, pointer, change]) => {
    const [here, there] = [world(), world()]
    await waiting(here, 1)
    const bundle = structuredClone(await exportRun(here.storage, 'run_order')) as Mutable
    expect(bundle.events[4]).toMatchObject({ type: 'plan.migrated' })
    change(bundle)

    expect(await mistakeOf(importRun(there.storage, bundle))).toBe(pointer)
    if (!pointer.startsWith('/row')) expect(await mistakeOf(replayRun(bundle))).toBe(pointer)
    expect((await there.storage.list({}, { limit: 1 })).runs).toEqual([])
  })
})

async function mistakeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    if (!SegnoError.is(error, 'BUNDLE_INVALID')) throw error
    return (error.details as { readonly pointer: string }).pointer
  }
}
