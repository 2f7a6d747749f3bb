import { expect, test } from 'vitest'
import type { Storage } from '@segno/core'
import type { RunEvent } from '@segno/schema/plan'
import { describeOnEachStorage } from '../storages/storages.ts'
import { inTurns, keepScale, percentile, residentMiB, rounded, sizeOf, timed, timeout } from './measure.ts'

const hour = 3_600_000

describeOnEachStorage('many runs that sleep', (stores) => {
  // A file of its own for each run is not made for so many of them.
  const count = stores.name === 'file' ? sizeOf(5000, 50) : sizeOf(100_000, 200)

  test('cost nothing while they sleep, and are all had once they are due', { timeout }, async () => {
    const { storage, advance } = await stores.atRest()
    const before = residentMiB()
    const createdMs = await timed(() => inTurns(count, 64, (index) => asleep(storage, index)))
    const residentGrowthMiB = residentMiB() - before
    const polls: number[] = []
    let early = 0
    for (let poll = 0; poll < sizeOf(500, 20); poll++) {
      polls.push(await timed(async () => (early += (await take(storage)).length)))
    }
    await advance(2 * hour)
    let drained = 0
    const drainedMs = await timed(async () => {
      for (let runs = await take(storage); runs.length > 0; runs = await take(storage)) drained += runs.length
    })
    await keepScale(`sleepers-${stores.name}`, {
      runs: count,
      createdPerSecond: Math.round((count / createdMs) * 1000),
      residentGrowthMiB,
      duePollP50Ms: percentile(polls, 50),
      duePollP99Ms: percentile(polls, 99),
      drainedMs: rounded(drainedMs),
      early,
    })
    expect({ early, drained }).toEqual({ early: 0, drained: count })
  })
})

async function take(storage: Storage): ReturnType<typeof taken> {
  return taken(storage)
}

async function taken(storage: Storage) {
  return (await storage.acquire({ owner: 'one', ttlMs: 10 * hour, limit: 100 })).runs
}

// The clock stands still: an instant in an hour is that for all of them.
async function asleep(storage: Storage, index: number): Promise<void> {
  const runId = `run-${index}`
  const incarnation = `${runId}-1`
  const run = { runId, incarnation, workflow: 'sleeper', plan: 'plan', labels: {} }
  const batch = { events: [event(runId, 1)], status: 'running' as const, wakeAt: null }
  const claim = { owner: 'creator', ttlMs: hour }
  const { now } = await storage.createRun(run, batch, { inputHash: 'input', claim })
  const { outcome } = await storage.append({
    ...{ runId, incarnation, token: 1, expectedSeq: 1, batchId: 'sleep' },
    events: [event(runId, 2)],
    status: 'waiting',
    wakeAt: now + hour + index,
    park: { inboxHead: 0 },
  })
  expect(outcome).toBe('ok')
}

function event(runId: string, seq: number): RunEvent {
  return { seq, v: 1, at: 0, runId, type: 'step.completed', path: `step-${seq}` }
}
