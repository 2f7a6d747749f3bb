import type { RunBundle } from '@segno/schema'
import type { Definition, RunEvent } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { exportRun } from '../../src/bundle/export-run.ts'
import { replayRun } from '../../src/testing/replay-run.ts'
import { replayWith } from '../../src/testing/replay-with.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { world } from '../runtime/world.ts'
import { bundleOf, fixtureFiles } from './bundle-of-fixture.ts'

describe('a journal is what its plan gives for what happened to it:', () => {
  test.for(fixtureFiles)('%s', async (file) => {
    const { bundle } = bundleOf(file)
    const { divergence, status } = await replayRun(bundle)

    expect(divergence).toBeUndefined()
    expect(status).toBe(bundle.row.status)
  })
})

const trip: Definition = {
  segno: 1,
  name: 'trip',
  input: { seats: { type: 'integer' } },
  output: { total: { type: 'number', value: '${{ steps.price.output.total }}' } },
  steps: [
    { id: 'book', uses: 'book', retry: { max: 3, delay: '10s' } },
    { id: 'approved', waitFor: { signal: 'approved' } },
    { id: 'review', ask: { title: 'Go?', choices: ['yes', 'no'] } },
    { id: 'nap', sleep: '1h' },
    { id: 'price', set: { total: '${{ input.seats * 10 }}' } },
    { id: 'told', emit: { reply: 'approved', data: '${{ steps.price.output }}' } },
  ],
}

/** A run that was retried by lot, signalled, answered, paused and taken over after a crash. */
async function recorded(): Promise<RunBundle> {
  const here = world()
  let calls = 0
  const handlers = {
    book: () => {
      if (++calls < 3) throw new Error('busy')
      return { seat: '12A' }
    },
  }
  const first = here.engine({ handlers })
  const run = await first.start(trip, { seats: 2 }, { id: 'run_trip' })
  await here.clock.advanceBy(120_000)
  await first.close()
  await using engine = here.engine({ handlers })
  await engine.recover()
  await run.signal('approved', { by: 'bob' }, { id: 's1' })
  await here.clock.advanceBy(1000)
  await engine.run(run.id).pause()
  await settled()
  await engine.run(run.id).resume()
  await here.clock.advanceBy(5000)
  const [task] = await engine.run(run.id).tasks()
  if (task === undefined) throw new Error('nothing is asked')
  await engine.run(run.id).answer(task, { choice: 'yes' }, { by: 'ada' })
  await here.clock.advanceBy(3_700_000)
  expect(await engine.run(run.id).output()).toEqual({ total: 20 })
  return exportRun(here.storage, run.id, { redact: false })
}

describe('a run of an engine', () => {
  test('replays to the same events, drawn delays and all', async () => {
    const bundle = await recorded()
    const replay = await replayRun(bundle)

    expect(replay).toMatchObject({ same: true, status: 'completed' })
    expect(replay.compared).toBeGreaterThan(12)
  })

  test('replays redacted as well', async () => {
    const here = world()
    await using engine = here.engine({ handlers: { pay: () => ({ token: 'sk-live-123456' }) } })
    const paying: Definition = {
      segno: 1,
      name: 'paying',
      input: { apiKey: { type: 'string' } },
      steps: [
        { id: 'pay', uses: 'pay', with: { apiKey: '${{ input.apiKey }}' } },
        { id: 'kept', set: { copy: '${{ steps.pay.output.token }}' } },
      ],
    }
    const run = await engine.start(paying, { apiKey: 'sk-live-654321' })
    await here.inTime(run.result())

    expect(await replayRun(await exportRun(here.storage, run.id))).toMatchObject({ same: true })
    expect(await replayRun(await exportRun(here.storage, run.id, { redact: 'values' }))).toMatchObject({ same: true })
  })

  test.for<[string, RunEvent['type'], (event: object) => void]>([
    ['another value', 'run.completed', (event) => Object.assign(event, { output: { total: 21 } })],
    ['another reply', 'signal.replied', (event) => Object.assign(event, { data: { total: 19 } })],
    ['another instant of a timer', 'timer.set', (event) => Object.assign(event, { due: 7 })],
    ['another question', 'task.asked', (event) => Object.assign(event, { title: 'Stop?' })],
  ])('that was changed diverges at %s', async ([, type, change]) => {
    const bundle = structuredClone(await recorded())
    const changed = bundle.events.find(
      (event) => event.type === type && !('purpose' in event && event.purpose === 'retry'),
    )
    if (changed === undefined) throw new Error(`there is no ${type}`)
    const before = structuredClone(changed)
    change(changed)
    const { same, divergence } = await replayRun(bundle)

    expect({ same, divergence }).toMatchObject({ same: false, divergence: { seq: changed.seq, recorded: { type } } })
    expect(divergence?.replayed).toMatchObject({ type, seq: before.seq })
  })
})

describe('played to another workflow', () => {
  test('that is the same, a run does the same', async () => {
    const played = await replayWith(await recorded(), trip)

    expect(played.divergence).toBeUndefined()
    expect(played).toMatchObject({ same: true, status: 'completed', output: { total: 20 }, unknown: [] })
  })

  test('a run shows where it would have gone another way, and what it would have come to', async () => {
    const steps = trip.steps.map((step) =>
      step.id === 'price' ? { id: 'price', set: { total: '${{ input.seats * 12 }}' } } : step,
    )
    const played = await replayWith(await recorded(), { ...trip, steps })

    expect(played).toMatchObject({
      same: false,
      status: 'completed',
      output: { total: 24 },
      divergence: {
        recorded: { type: 'step.completed', path: 'price', output: { total: 20 } },
        replayed: { type: 'step.completed', path: 'price', output: { total: 24 } },
      },
    })
  })

  test('a run tells what it cannot know: the outcome of attempts that were never made', async () => {
    const steps = [...trip.steps, { id: 'mail', uses: 'mail' }]
    const played = await replayWith(await recorded(), { ...trip, steps })

    expect(played).toMatchObject({ same: false, status: 'running' })
    expect(played.unknown).toEqual(['attempt 1 of "mail" is not in the script'])
  })
})
