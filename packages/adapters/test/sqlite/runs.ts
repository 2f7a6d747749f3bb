import type { AppendRequest, NewRun } from '@segno/core'
import type { RunEvent } from '@segno/schema/plan'
import type { SqliteStorage } from '../../src/sqlite/index.ts'
import type { Change } from '../../src/sqlite/protocol.ts'
import { appendText, eventTexts } from '../../src/sqlite/texts.ts'

/** A run as it is created. */
export function newRun(runId: string): NewRun {
  return { runId, incarnation: `${runId}-1`, workflow: 'w', plan: 'p', labels: {} }
}

/** An event of it. */
export function event(runId: string, seq: number, output = 'x'): RunEvent {
  return { seq, v: 1, at: 0, runId, type: 'step.completed', path: `step-${seq}`, output }
}

/** The append of one event under the first lease. */
export function batch(runId: string, expectedSeq: number, output = 'x'): AppendRequest {
  return {
    ...{ runId, incarnation: `${runId}-1`, token: 1, expectedSeq, batchId: `b-${expectedSeq}` },
    ...{ events: [event(runId, expectedSeq + 1, output)], status: 'running', wakeAt: null },
  }
}

/** Creates a run whose lease is held. */
export async function claim(storage: SqliteStorage, runId: string): Promise<void> {
  const first = { events: [event(runId, 1)], status: 'running', wakeAt: null } as const
  const claimed = { inputHash: 'i', claim: { owner: 'me', ttlMs: 60_000 } }
  await storage.createRun(newRun(runId), first, claimed)
}

/** All events of a run. */
export async function eventsOf(storage: SqliteStorage, runId: string): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const page of storage.read(runId, 1)) events.push(...page)
  return events
}

/** The creation of a run whose lease is held, as the thread is asked for it. */
export function creation(runId: string, id: number): Change {
  const batch = { events: eventTexts([event(runId, 1)]), status: 'running', wakeAt: null } as const
  const options = { inputHash: 'i', claim: { owner: 'me', ttlMs: 60_000 } }
  return { id, now: undefined, op: 'createRun', args: { run: newRun(runId), batch, options } }
}

/** The append of one event, as the thread is asked for it. */
export function appendAfter(expectedSeq: number, output: string): (runId: string, id: number) => Change {
  return (runId, id) => ({ id, now: undefined, op: 'append', args: appendText(batch(runId, expectedSeq, output)) })
}
