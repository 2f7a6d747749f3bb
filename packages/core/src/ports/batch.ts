import type { RunEvent } from '@segno/schema/plan'
import { StorageFault } from './storage-fault.ts'
import type { AppendRequest, RunStatus } from './storage.ts'

/** What `createRun` and `append` have in common, as far as it can be judged: a storage may have it from elsewhere. */
export interface Batch {
  readonly events: readonly Pick<RunEvent, 'seq' | 'runId' | 'type'>[]
  readonly status: RunStatus
}

/** Whether a run in this status has ended: nothing is ever written to it again. */
export function isTerminal(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/**
 * Throws `BATCH_INVALID` on a batch that no journal can hold. Every storage
 * calls it before it looks at anything else, so that the row of a run can never
 * say what its journal does not.
 */
export function checkBatch(runId: string, expectedSeq: number, batch: Batch): void {
  const { events, status } = batch
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index]
    const seq = expectedSeq + index + 1
    if (event?.seq !== seq) throw invalid(runId, `event ${index} has seq ${event?.seq}, expected ${seq}`)
    if (event.runId !== runId) throw invalid(runId, `event ${seq} is of run ${JSON.stringify(event.runId)}`)
    const ending = endingOf(event.type)
    if (ending === undefined) continue
    if (index < events.length - 1)
      throw invalid(runId, `event ${seq} (${event.type}) ends the run, but ${seq + 1} follows`)
    if (ending !== status)
      throw invalid(runId, `event ${seq} (${event.type}) ends the run, but its status is ${status}`)
    return
  }
  if (isTerminal(status)) throw invalid(runId, `status ${status} without the event that ends the run`)
}

/**
 * Whether a batch with a known `batchId` is that batch sent again. The token may
 * differ (it says who writes, not what); blobs and the snapshot are derived from
 * the events.
 */
export function isSameBatch(a: AppendRequest, b: AppendRequest): boolean {
  return (
    a.expectedSeq === b.expectedSeq &&
    a.status === b.status &&
    a.wakeAt === b.wakeAt &&
    isSameJson(a.events, b.events) &&
    isSameJson(a.consume ?? [], b.consume ?? [])
  )
}

/** Whether the event ends its run: none follows it. */
export function endsRun(event: RunEvent): boolean {
  return endingOf(event.type) !== undefined
}

// The status of a run after an event of this type, where that ends it.
function endingOf(type: RunEvent['type']): RunStatus | undefined {
  switch (type) {
    case 'run.completed':
      return 'completed'
    case 'run.failed':
      return 'failed'
    case 'run.cancelled':
      return 'cancelled'
    default:
      return undefined
  }
}

/** The plan that a run goes by from this event on, where the event says so. */
export function planFrom(event: RunEvent): string | undefined {
  if (event.type === 'run.created') return event.plan
  return event.type === 'plan.migrated' ? event.to : undefined
}

function invalid(runId: string, mistake: string): StorageFault {
  return new StorageFault('BATCH_INVALID', `Run ${JSON.stringify(runId)}: ${mistake}.`, { ambiguous: false })
}

function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => isSameJson(item, b[index]))
    )
  }
  return isSameRecord(new Map(Object.entries(a)), new Map(Object.entries(b)))
}

// A field that is `undefined` does not exist: a storage that serialises drops it.
function isSameRecord(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    if (!isSameJson(a.get(key), b.get(key))) return false
  }
  return true
}
