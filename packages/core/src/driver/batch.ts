import type { RunEvent } from '@segno/schema/plan'
import type { Input } from '../kernel/decide.ts'
import type { Blob } from '../kernel/kept.ts'
import { runStatus, wakeAt } from '../kernel/outstanding.ts'
import type { Changes, Effect } from '../kernel/outstanding.ts'
import type { RunState } from '../kernel/state.ts'
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

/** The append that writes a batch, which `state` has taken in already. */
export function appendOf(
  state: RunState,
  { events, blobs, consume, notBefore }: Batch,
  means: LeaseName & Pick<AppendRequest, 'batchId' | 'plan' | 'snapshot' | 'park'>,
): AppendRequest {
  return {
    ...means,
    expectedSeq: state.seq - events.length,
    events,
    status: runStatus(state),
    wakeAt: wakeAt(state),
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
