import { expect, test } from 'vitest'
import type { Storage } from '@segno/core'
import type { RunEvent } from '@segno/schema/plan'
import { describeOnEachStorage } from '../storages/storages.ts'
import { keepScale, percentile, residentMiB, sizeOf, timed, timeout } from './measure.ts'

const runId = 'long'
const incarnation = 'long-1'
const batchSize = 100

describeOnEachStorage('a run of very many events', (stores) => {
  const events = sizeOf(1_000_000, 2000)

  test('is written as quickly at its end as at its beginning, and resumed at once', { timeout }, async () => {
    const { storage, reopen } = await stores.live()
    await create(storage)
    const before = residentMiB()
    const times: number[] = []
    let head = 1
    for (let batch = 1; head < events; batch++) {
      const request = batchAfter(head, batch, head + batchSize >= events)
      times.push(await timed(() => storage.append(request)))
      head += batchSize
    }
    const residentGrowthMiB = residentMiB() - before
    const tenth = Math.max(1, Math.floor(times.length / 10))
    let tail = 0
    let seq = 0
    const resumedMs = await timed(async () => {
      const cold = await reopen()
      const run = await cold.load(runId)
      seq = run?.snapshot?.seq ?? 0
      for await (const page of run?.tail ?? []) tail += page.length
    })
    const [first, last] = [percentile(times.slice(0, tenth), 99), percentile(times.slice(-tenth), 99)]
    await keepScale(`long-run-${stores.name}`, {
      events: head,
      batchSize,
      appendP50FirstTenthMs: percentile(times.slice(0, tenth), 50),
      appendP50LastTenthMs: percentile(times.slice(-tenth), 50),
      appendP99FirstTenthMs: first,
      appendP99LastTenthMs: last,
      resumedColdMs: resumedMs,
      residentGrowthMiB,
    })
    expect(seq + tail).toBe(head)
  })
})

async function create(storage: Storage): Promise<void> {
  const run = { runId, incarnation, workflow: 'long', plan: 'plan', labels: {} }
  const batch = { events: [event(1)], status: 'running' as const, wakeAt: null }
  const claim = { owner: 'creator', ttlMs: 10 * 3_600_000 }
  await storage.createRun(run, batch, { inputHash: 'input', claim })
}

// A state is saved with the last but some events, as the driver does from time to time.
function batchAfter(head: number, batch: number, isLast: boolean): Parameters<Storage['append']>[0] {
  return {
    ...{ runId, incarnation, token: 1, expectedSeq: head, batchId: `batch-${batch}` },
    events: Array.from({ length: batchSize }, (_, index) => event(head + 1 + index)),
    status: 'running',
    wakeAt: null,
    ...(isLast ? {} : batch % 100 === 0 ? { snapshot: { seq: head + batchSize, format: 1, state: { head } } } : {}),
  }
}

function event(seq: number): RunEvent {
  return { seq, v: 1, at: 1_700_000_000_000, runId, type: 'step.completed', path: `loop[${seq}]/step`, output: { seq } }
}
