import type { Definition, RunEvent } from '@segno/schema/plan'
import type { AppendRequest, InboxMessage, RunRow, Snapshot } from '../../ports/storage.ts'
import type { Due, DueQueue } from './due-queue.ts'

/** All that a memory storage holds. */
export interface MemoryStore {
  readonly now: () => number
  readonly keep: 'all' | 'tail'
  /** How many runs were ever created: the order of the newest. */
  created: number
  readonly plans: Map<string, Definition>
  /** In the order of creation. */
  readonly runs: Map<string, MemoryRun>
  /** Idempotency keys, under `keyOf`. */
  readonly keys: Map<string, MemoryRun>
  /**
   * Exactly the runs that somebody may take over some day: an unleased run at the
   * instant it is due, a leased one at the instant its lease expires. Parked
   * runs that wait for a message only, and runs that have ended, are not in it.
   */
  readonly due: DueQueue<MemoryRun>
  readonly hint: (runId: string, news: 'journal' | 'inbox') => void
}

/** A run in memory. Events, messages and blobs are immutable values and are shared, not copied. */
export interface MemoryRun extends Due {
  readonly row: { -readonly [Field in keyof RunRow]: RunRow[Field] }
  readonly inputHash: string
  /** Event `seq` is at `seq - dropped - 1`. Only ever pushed to, or replaced: readers hold on to it. */
  events: RunEvent[]
  dropped: number
  snapshot: Snapshot | undefined
  blobs: Map<string, string> | undefined
  /** Messages not yet consumed, by id, oldest first. */
  inbox: Map<string, InboxMessage> | undefined
  /** Ids of all messages ever accepted. */
  accepted: Set<string> | undefined
  /** Of the newest lease; 0 before the first. */
  token: number
  /** `undefined` once the newest lease was given back. */
  leaseExpiresAt: number | undefined
  /** Who has the newest lease, or had it; empty before the first. */
  owner: string
  /** The last batch of each of the last leases, oldest first. */
  batches: AppendRequest[]
}

/** Whether somebody holds the run's lease at `now`. */
export function isLeased(run: MemoryRun, now: number): boolean {
  return run.leaseExpiresAt !== undefined && run.leaseExpiresAt > now
}

/** The row of a run to be given out: a copy, with who holds the run at `now`. */
export function rowAt(run: MemoryRun, now: number): RunRow {
  const row: MemoryRun['row'] = { ...run.row }
  const { owner, leaseExpiresAt: expiresAt } = run
  if (expiresAt !== undefined) row.holder = { owner, expiresAt, isLost: expiresAt <= now }
  return row
}

/** The key of `MemoryStore.keys`: idempotency keys belong to a workflow. */
export function keyOf(workflow: string, idempotencyKey: string): string {
  return JSON.stringify([workflow, idempotencyKey])
}
