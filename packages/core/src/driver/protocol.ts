import type { Because, BlobRef, Json, RunEvent } from '@segno/schema/plan'
import type { AttemptOutcome, Input } from '../kernel/decide.ts'
import type { KnownPlan } from '../kernel/deciding.ts'
import type { Effect, Errand } from '../kernel/outstanding.ts'
import type { Plan } from '../kernel/plan.ts'
import type { RunState } from '../kernel/state.ts'
import type { AbortCode } from '../ports/abort.ts'
import type { AppendOutcome, AppendRequest, InboxMessage, Lease } from '../ports/storage.ts'

/** How many messages are taken in at a time, so that no slice is long. */
export const messagesMax = 256

/** An attempt that its handler is to be called for. */
export type AttemptEffect = Extract<Effect, { type: 'attempt' }>

/** What a driver is told. `mono` is the monotonic clock at that moment. */
export type DriverInput =
  /** The state of the journal, folded; `inbox` is what has not been taken in. */
  | {
      readonly type: 'loaded'
      readonly state: RunState
      /** That which the run goes by now, where it is not the one that the driver was made with. */
      readonly plan?: Plan
      /** How many events came after the snapshot it was folded from; all of them without one. */
      readonly tail: number
      readonly inbox: readonly InboxMessage[]
      /** `n` of the newest message then, taken in or not. */
      readonly inboxHead: number
      readonly now: number
    }
  | { readonly type: 'appended'; readonly outcome: AppendOutcome }
  /** The append was refused by a fault; whether it was written is not known. */
  | { readonly type: 'appendFailed' }
  /** A handler may begin as soon as its attempt has a transaction of the store. */
  | { readonly type: 'ready'; readonly path: string; readonly attempt: number }
  /** The commit was refused by a fault: it was not written (and then, perhaps, the attempt has failed), or that is not known. */
  | { readonly type: 'commitFailed'; readonly outcome?: AttemptOutcome }
  | { readonly type: 'settled'; readonly path: string; readonly attempt: number; readonly outcome: AttemptOutcome }
  /** What was to be done about another run is done; `input` is what that means here. */
  | { readonly type: 'errandDone'; readonly name: string; readonly input?: Extract<Input, { type: 'child' | 'told' }> }
  | { readonly type: 'messages'; readonly messages: readonly InboxMessage[] }
  /** There may be messages. */
  | { readonly type: 'hint' }
  /** A plan that a message wants the run to be migrated to. */
  | { readonly type: 'plan'; readonly hash: string; readonly known: KnownPlan }
  | { readonly type: 'blobs'; readonly blobs: ReadonlyMap<string, Json> }
  /** Values that were asked for are lost or damaged, for good. */
  | { readonly type: 'blobsLost'; readonly because: Because }
  | { readonly type: 'wake' }
  /** `sentAt` is the monotonic clock before the request was sent: the lease is measured from there. */
  | { readonly type: 'renewed'; readonly sentAt: number; readonly now: number; readonly inboxHead: number }
  | { readonly type: 'leaseLost' }
  /** When the lease was to be renewed, the store did not have it. */
  | { readonly type: 'notRenewed' }
  | { readonly type: 'stop' }
  /** The handlers had their time to stop. */
  | { readonly type: 'stopNow' }

/** What a driver asks its shell to do. */
export type DriverRequest =
  | { readonly type: 'load' }
  | { readonly type: 'append'; readonly request: AppendRequest }
  /** The same append again: its outcome is not known. */
  | { readonly type: 'appendAgain'; readonly request: AppendRequest }
  | { readonly type: 'perform'; readonly attempt: AttemptEffect }
  /** Open a transaction for the attempt, and let its handler begin. Nothing else is appended until it is over. */
  | { readonly type: 'transact'; readonly path: string; readonly attempt: number }
  /** Append in the transaction of the attempt, and commit: once, whatever comes of it. */
  | { readonly type: 'commit'; readonly path: string; readonly attempt: number; readonly request: AppendRequest }
  /** Undo what the attempt did in its transaction. */
  | { readonly type: 'rollback'; readonly path: string; readonly attempt: number }
  | { readonly type: 'abort'; readonly path: string; readonly attempt: number; readonly code: AbortCode }
  /** Something to be done about another run, until it is: doing it again changes nothing. */
  | { readonly type: 'errand'; readonly name: string; readonly errand: Errand }
  /** The journal has given the attempt up. Its handler may still be at work; nobody waits for it. */
  | { readonly type: 'forget'; readonly path: string; readonly attempt: number }
  | { readonly type: 'readInbox'; readonly after: number }
  | { readonly type: 'loadBlobs'; readonly refs: readonly BlobRef[] }
  | { readonly type: 'loadPlan'; readonly hash: string }
  /** Wake this driver after so many milliseconds; `null` cancels the alarm. */
  | { readonly type: 'alarm'; readonly delayMs: number | null }
  /** The journal holds these now. */
  | { readonly type: 'publish'; readonly events: readonly RunEvent[] }
  /** The driver is done: the run ended, rests in the store until `wakeAt`, was let go of, or is somebody else's. */
  | {
      readonly type: 'done'
      readonly why: 'ended' | 'parked' | 'released' | 'lost' | 'gone'
      readonly wakeAt: number | null
      /** Whether a message may have come while the run was being parked. */
      readonly hinted: boolean
    }

/** What a driver is given when it takes a run. */
export interface DriverOptions {
  readonly plan: Plan
  readonly lease: Lease
  /** Monotonic, before the request that got the lease was sent. */
  readonly leasedAt: number
  readonly leaseMs: number
  /** The store's time in the answer that brought the lease, and the monotonic clock then. */
  readonly storeNow: number
  readonly mono: number
  /** Whether the holder before had not let go of the run. */
  readonly crashed: boolean
  /** For jitter. */
  readonly seed: number
}
