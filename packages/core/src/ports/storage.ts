import type { Definition, Json, RunEvent } from '@segno/schema/plan'
import type { Blob } from '../kernel/kept.ts'
import type { RunStatus } from '../kernel/life-cycle.ts'
import type { Message } from '../kernel/messages.ts'

export type { Blob, Message, RunStatus }

/** Identity and labels of a run, fixed when it is created. */
export interface NewRun {
  readonly runId: string
  /** New for each creation, also of the same `runId` after a deletion. */
  readonly incarnation: string
  readonly workflow: string
  /** Hash of the plan; `putPlan` comes first. */
  readonly plan: string
  readonly labels: Readonly<Record<string, string>>
  readonly parent?: { readonly runId: string; readonly path: string }
}

/** What the list of runs knows of a run: a projection of its journal, changed in the same transaction. */
export interface RunRow extends NewRun {
  readonly status: RunStatus
  /** `seq` of the last event. */
  readonly head: number
  /** When the run has work to do, epoch ms by the store's clock; `null` while it waits for a message or has ended. */
  readonly wakeAt: number | null
  readonly createdAt: number
  /** When the last batch was written. */
  readonly updatedAt: number
  /** `n` of the newest message ever delivered; 0 before the first. */
  readonly inboxHead: number
  readonly idempotencyKey?: string
  /** Who drives the run; absent while nobody has it, and once the lease was given back. */
  readonly holder?: LeaseHolder
}

/** Who holds the lease of a run, or held it last and has not given it back. */
export interface LeaseHolder {
  readonly owner: string
  readonly expiresAt: number
  /** Whether the lease has run out, or its process is known to be dead: the run is due, and its holder has crashed. */
  readonly isLost: boolean
}

/** A message as the store keeps it: `n` is its place in the run's inbox, from 1. */
export interface InboxMessage extends Message {
  readonly n: number
  readonly deliveredAt: number
}

/** What names a lease. */
export interface LeaseName {
  readonly runId: string
  /** Of the run that was leased: tokens begin again with a run that is created anew under an old id. */
  readonly incarnation: string
  readonly token: number
}

/** The right to drive a run until `expiresAt` (store time). The token fences off every earlier holder. */
export interface Lease extends LeaseName {
  readonly expiresAt: number
}

/** A saved state: a cache. `format` and `seq` say whether it can be used. */
export interface Snapshot {
  readonly seq: number
  readonly format: number
  readonly state: Json
}

/** One atomic write by the holder of a lease. */
export interface AppendRequest extends LeaseName {
  /** `seq` of the last event before this batch. */
  readonly expectedSeq: number
  /**
   * Names the batch within its run, so that it can be sent again after an
   * ambiguous error. The last batch of a lease is remembered, also while later
   * leases write; the same id with other content is a fault, `BATCH_REUSED`.
   */
  readonly batchId: string
  /** In order, `seq` from `expectedSeq + 1` without a gap. May be empty with `park` or `release`. */
  readonly events: readonly RunEvent[]
  readonly blobs?: readonly Blob[] | undefined
  /** The run goes by this plan from now on: its row says so. `putPlan` comes first. */
  readonly plan?: string | undefined
  readonly status: RunStatus
  readonly wakeAt: number | null
  /** A timer in this batch fired for this instant: `early` if the store's clock has not reached it. */
  readonly notBefore?: number | undefined
  /** Ids of the inbox messages that this batch takes in. Each is in the inbox, or the batch is a fault. */
  readonly consume?: readonly string[] | undefined
  /** Kept if it is newer than the one before. */
  readonly snapshot?: Snapshot | undefined
  /** Parks the run and gives the lease back, unless a message newer than `inboxHead` has come: then `inboxMoved`. */
  readonly park?: { readonly inboxHead: number } | undefined
  /** Gives the lease back; the run is due at once. A batch that ends the run gives it back too. */
  readonly release?: boolean | undefined
}

/**
 * What became of an append. Outcomes of a race are values; a rejection is a
 * fault, and whether the batch was written is then unknown unless the error's
 * `ambiguous` is `false` (`StorageFault`, `mayHaveWritten`). The first that
 * applies:
 *
 * `duplicate` this `batchId` was written before · `gone` no run of this id and
 * incarnation, or it has ended · `fenced` the token is not the lease's, or the lease has expired or was
 * given back · `conflict` the journal is at another `seq` · `early` `notBefore` has
 * not come · `inboxMoved` not parked, the lease is kept · `ok` written. Only `ok`
 * changes anything.
 */
export type AppendOutcome =
  | { readonly outcome: 'ok' | 'duplicate'; readonly now: number; readonly inboxHead: number }
  | { readonly outcome: 'conflict' | 'fenced' | 'inboxMoved' | 'early' | 'gone'; readonly now: number }

/**
 * What became of a delivery: `duplicate` a message of this id was accepted
 * before, even if the run has ended since · `closed` the run has ended ·
 * `unknown` no such run.
 */
export type DeliverOutcome = { readonly outcome: 'accepted' | 'duplicate' | 'closed' | 'unknown'; readonly now: number }

/** What became of a creation. There is no lease without a claim, nor for a run that ends with its first batch. */
export type CreateOutcome =
  | { readonly outcome: 'created'; readonly now: number; readonly lease?: Lease }
  | { readonly outcome: 'existing'; readonly now: number; readonly runId: string; readonly sameInput: boolean }

/** A run as it is loaded to be driven. */
export interface LoadedRun {
  readonly now: number
  readonly row: RunRow
  readonly snapshot?: Snapshot
  /** Events after the snapshot (all without one), in pages, in order; a prefix of the journal at the time of the call. */
  readonly tail: AsyncIterable<readonly RunEvent[]>
  /** Messages not yet consumed, oldest first. */
  readonly inbox: readonly InboxMessage[]
  /** The plan that the row names, where it was asked for; a store for which that is no cheaper than `getPlan` leaves it out. */
  readonly definition?: Definition
}

/** A run handed to a driver. */
export interface AcquiredRun {
  readonly lease: Lease
  readonly row: RunRow
  /** Whether the lease before was never given back: its holder crashed, or is lost. */
  readonly expired: boolean
}

/** Runs that are not to be acquired, by their ids and by the hashes of their plans. */
export interface AcquireException {
  readonly runIds?: readonly string[]
  readonly plans?: readonly string[]
}

/** Which runs to list; all conditions hold together. */
export interface RunFilter {
  readonly status?: readonly RunStatus[]
  readonly workflow?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** A page of runs, newest first. */
export interface RunPage {
  readonly runs: readonly RunRow[]
  /** Pass it to get the next page; absent after the last. Stable while runs are created. */
  readonly cursor?: string
}

/** What can be bound to a statement. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array

/** What a statement gave. */
export interface SqlResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** Rows changed, or given. */
  readonly rowCount: number
}

/** SQL in the database of the store, inside the transaction of a `tx` step. */
export interface Sql {
  /** Runs one statement. Values are bound, never put into the text; placeholders are the database's own (`?`, `$1`). */
  query(text: string, values?: readonly SqlValue[]): Promise<SqlResult>
}

/**
 * A transaction of the store's own database, open for the attempt of a `tx` step.
 * What the step writes and the batch that records its end are one: both are there,
 * or neither.
 */
export interface Transaction {
  readonly sql: Sql
  /**
   * Writes the batch and commits it with what `sql` did. Any outcome but `ok` has rolled
   * both back. After a rejection that may have written, the batch is never sent again:
   * who sent it loads anew and sees what became of it.
   */
  append(request: AppendRequest): Promise<AppendOutcome>
  /** Undoes all; harmless once it has ended. */
  rollback(): Promise<void>
}

/**
 * Renews leases beside the host's main thread, so that a host whose event loop is
 * busy keeps its runs. One that is hung gives them up: it is alive for as long as
 * it calls `keep`.
 */
export interface LeaseKeeper {
  /** The leases to be renewed from now on, in place of those before; says that the host is alive. */
  keep(leases: readonly LeaseName[]): void
  close(): Promise<void>
}

/**
 * Keeps journals, inboxes, leases, plans and the list of runs, because they
 * change together. Its laws are `storageLaws` in `@segno/core/testing`; every
 * adapter keeps all of them.
 *
 * Truth is the journal. Only the holder of a run's lease appends; everyone else
 * delivers. Every reply carries the store's time, the one clock by which leases
 * and timers are judged.
 */
export interface Storage {
  readonly capabilities: {
    readonly multiProcess: boolean
    readonly durability: 'none' | 'process' | 'power'
    readonly transactions: boolean
  }
  /** Keeps a definition under its hash. The same hash again changes nothing. */
  putPlan(hash: string, definition: Definition): Promise<void>
  getPlan(hash: string): Promise<Definition | undefined>
  /**
   * Creates a run with its first events, of which there is at least one. With
   * `claim`, the creator holds its lease, whose token is 1; otherwise it is due at
   * once. An `idempotencyKey` that is taken in this workflow, or a `runId` that
   * exists, gives `existing`; `inputHash` tells whether it is the same call. The
   * same creation (`runId`, `incarnation` and a claim) sent again by the same
   * storage object, because its answer was lost, gives `created` and the first lease
   * again, for as long as that one is held. Afterwards, and without a claim, it is
   * told `existing` as any other: there is nothing that its sender would have to take
   * care of.
   */
  createRun(
    run: NewRun,
    batch: {
      readonly events: readonly RunEvent[]
      readonly blobs?: readonly Blob[]
      readonly status: RunStatus
      readonly wakeAt: number | null
    },
    options: {
      readonly inputHash: string
      readonly idempotencyKey?: string
      readonly claim?: { readonly owner: string; readonly ttlMs: number }
    },
  ): Promise<CreateOutcome>
  /** What the list of runs says of one; `undefined` when there is no such run. */
  row(runId: string): Promise<RunRow | undefined>
  /** The run, its newest snapshot and the events after it; `undefined` when there is no such run. */
  load(runId: string, options?: { readonly withPlan?: boolean }): Promise<LoadedRun | undefined>
  /** Events from `from` (inclusive) in pages, for readers; a prefix at the time of the call. */
  read(runId: string, from: number): AsyncIterable<readonly RunEvent[]>
  append(request: AppendRequest): Promise<AppendOutcome>
  /** The text of a blob of this run, `undefined` if there is none. The caller verifies it. */
  getBlob(runId: string, sha256: string): Promise<string | undefined>
  /** Puts a message into the inbox and makes the run due, in one transaction. `closed` once the run has ended. */
  deliver(runId: string, message: Message): Promise<DeliverOutcome>
  /** Unconsumed messages newer than `after`, oldest first. */
  inbox(runId: string, after: number): Promise<readonly InboxMessage[]>
  /**
   * Leases up to `limit` runs that are due and that nobody holds, longest due
   * first. A run that was parked is due from `wakeAt` on, or once a message has
   * come since; one whose lease expired or was released is due at once; one
   * that has ended never is. With `runIds`, only among these; with `labels`, only
   * runs that have all of them; with `workflows`, only runs of these; with `except`,
   * none of what its caller cannot drive. What is passed over stays due for others.
   */
  acquire(options: {
    readonly owner: string
    readonly ttlMs: number
    readonly limit: number
    readonly runIds?: readonly string[]
    readonly labels?: Readonly<Record<string, string>>
    readonly workflows?: readonly string[]
    readonly except?: AcquireException
  }): Promise<{ readonly now: number; readonly runs: readonly AcquiredRun[] }>
  /** Prolongs leases that are still held; the others, also expired ones, are missing from the answer. */
  renew(options: { readonly leases: readonly LeaseName[]; readonly ttlMs: number }): Promise<{
    readonly now: number
    readonly renewed: readonly { readonly runId: string; readonly expiresAt: number; readonly inboxHead: number }[]
  }>
  /** Gives a lease back without writing. A lease that is no longer held is left alone. */
  release(lease: LeaseName): Promise<void>
  list(filter: RunFilter, page: { readonly limit: number; readonly cursor?: string }): Promise<RunPage>
  /**
   * Deletes a run with all that belongs to it, its idempotency key too, in one
   * transaction. False if there was none, or somebody holds its lease.
   */
  delete(runId: string): Promise<boolean>
  /**
   * Calls back when a run may have news: in its journal (a batch, a lease given back), or in its inbox. A hint: may drop, repeat and reorder, but
   * never comes from inside a call. Returns how to stop.
   */
  subscribe?(callback: (runId: string, news: 'journal' | 'inbox') => void): () => void
  /**
   * Opens a transaction for an attempt of a `tx` step; `undefined` where the lease is not held.
   * Rolled back by the store once `timeoutMs` have passed. There where `capabilities.transactions` is.
   */
  begin?(lease: LeaseName, options: { readonly timeoutMs: number }): Promise<Transaction | undefined>
  /**
   * Renews leases from a thread of its own, three times in `ttlMs`, for as long as `keep` was called
   * within the last `hungAfterMs`. Absent where a store, or its host, has no threads.
   */
  keeper?(options: { readonly ttlMs: number; readonly hungAfterMs: number }): LeaseKeeper
}
