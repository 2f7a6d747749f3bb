import type { RunEvent } from '@segno/schema/plan'
import type { Decision, Input } from '../kernel/decide.ts'
import { decimal } from '../kernel/decimal.ts'
import type { Blob } from '../kernel/kept.ts'
import { runStatus } from '../kernel/outstanding.ts'
import type { Changes, Effect } from '../kernel/outstanding.ts'
import { isTerminal, type AttemptName, type RunState } from '../kernel/state.ts'
import type { AppendRequest, LeaseName } from '../ports/storage.ts'

/** What has been decided and is on its way to the journal. */
export interface Batch {
  events: readonly RunEvent[]
  blobs: readonly Blob[]
  consume: readonly string[]
  /** What handlers gave: it is nowhere else until the journal holds what follows from it. */
  settled: readonly Input[]
  added: readonly Effect[]
  /** Attempts that are over for the journal, whatever their handlers still do. */
  removed: Changes['removed']
  notBefore: number
}

/** A batch on its way, and the attempt whose transaction it ends. */
export interface Sent {
  readonly request: AppendRequest
  readonly batch: Batch
  readonly commits: AttemptName | undefined
}

/** Nothing decided yet. */
export function emptyBatch(): Batch {
  return {
    events: nothing,
    blobs: nothing,
    consume: nothing,
    settled: nothing,
    added: nothing,
    removed: nothing,
    notBefore: 0,
  }
}

const nothing: readonly never[] = []

interface Numbered extends Pick<AppendRequest, 'wakeAt' | 'snapshot' | 'park'> {
  /** How many batches of this lease came before. */
  readonly number: number
}

/** The append that writes a batch, which `state` has taken in already. */
export function appendOf(
  state: RunState,
  { events, blobs, consume, notBefore }: Batch,
  { runId, incarnation, token }: LeaseName,
  { number, wakeAt, snapshot, park }: Numbered,
): AppendRequest {
  return {
    runId,
    incarnation,
    token,
    batchId: `${token}.${decimal(number)}`,
    snapshot,
    park,
    plan: migratedTo(events),
    expectedSeq: state.seq - events.length,
    events,
    status: runStatus(state),
    wakeAt,
    blobs: blobs.length > 0 ? blobs : undefined,
    notBefore: notBefore > 0 ? notBefore : undefined,
    consume: consume.length > 0 ? consume : undefined,
  }
}

/**
 * One list after another. A decision's lists are the driver's own: the first of a
 * batch is taken as it is, and grows with those that follow, so that a thousand
 * completions in one batch cost a thousand and not their square.
 */
export function joined<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  if (before.length === 0) return after
  const own = before as T[]
  for (const item of after) own.push(item)
  return own
}

/** Takes a decision into a batch: what follows from an input, and what it changes of what is to be done. */
export function extend(
  batch: Batch,
  { input, decision, changed }: { readonly input: Input; readonly decision: Decision; readonly changed: Changes },
): void {
  const { events, blobs, notBefore } = decision
  if (input.type === 'settled') batch.settled = joined(batch.settled, [input])
  batch.events = joined(batch.events, events)
  batch.blobs = joined(batch.blobs, blobs)
  if (notBefore > batch.notBefore) batch.notBefore = notBefore
  batch.added = joined(batch.added, changed.added)
  batch.removed = joined(batch.removed, changed.removed)
}

// The plan that the row of the run names from a batch on, where that changes.
function migratedTo(events: readonly RunEvent[]): string | undefined {
  let to: string | undefined
  for (const event of events) if (event.type === 'plan.migrated') ({ to } = event)
  return to
}

/** Whether a lease is over once what is on its way is written. */
export function givesBack(sent: Sent | undefined): boolean {
  if (sent === undefined) return false
  const { park, release } = sent.request
  return isTerminal(sent.request) || park !== undefined || release === true
}
