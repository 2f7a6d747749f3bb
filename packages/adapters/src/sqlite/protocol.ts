import type {
  AppendOutcome,
  AppendRequest,
  Blob,
  CreateOutcome,
  DeliverOutcome,
  LeaseName,
  NewRun,
  RunFilter,
  RunPage,
  RunRow,
  RunStatus,
  SqlResult,
  SqlValue,
  Storage,
  StorageFaultCode,
} from '@segno/core/storage'
import type { RunEvent } from '@segno/schema/plan'

/** An event on its way to the thread: its JSON text, and what it is judged by. */
export interface EventText extends Pick<RunEvent, 'seq' | 'runId' | 'type'> {
  readonly json: string
}

/** A snapshot with its state as JSON text. */
export interface SnapshotText {
  readonly seq: number
  readonly format: number
  readonly json: string
}

/** An append whose values are JSON texts, so that neither thread walks them twice. */
export interface AppendText extends Omit<AppendRequest, 'events' | 'snapshot'> {
  readonly events: readonly EventText[]
  readonly snapshot?: SnapshotText | undefined
}

/** A run that is to be created. */
export interface CreationText {
  readonly run: NewRun
  readonly batch: {
    readonly events: readonly EventText[]
    readonly blobs?: readonly Blob[]
    readonly status: RunStatus
    readonly wakeAt: number | null
  }
  readonly options: Parameters<Storage['createRun']>[2]
}

/** A message that waits; its JSON text has all but its place. */
export interface MessageText {
  readonly n: number
  readonly deliveredAt: number
  readonly json: string
}

/** Events as the text of a JSON array, and the `seq` that follows them. */
export interface PageText {
  readonly json: string
  readonly next: number
}

/** Where the events of a run are. */
export interface Journal {
  /** The number of the run in this database, never given twice. */
  readonly run: number
  readonly head: number
}

/** A run as it is loaded, with the first of its pages. */
export interface LoadedText extends Journal {
  readonly now: number
  readonly row: RunRow
  readonly snapshot?: SnapshotText
  readonly page: PageText
  readonly inbox: readonly MessageText[]
  /** Its plan, as JSON text, where that was asked for. */
  readonly plan?: string
}

interface Call<Args, Answer> {
  readonly args: Args
  readonly answer: Answer
}

/** What is asked of the database. */
export interface Questions {
  readonly getPlan: Call<{ readonly hash: string }, string | undefined>
  readonly row: Call<{ readonly runId: string }, RunRow | undefined>
  readonly load: Call<{ readonly runId: string; readonly withPlan?: boolean }, LoadedText | undefined>
  readonly journal: Call<{ readonly runId: string }, Journal | undefined>
  readonly page: Call<{ readonly run: number; readonly from: number; readonly to: number }, PageText>
  readonly getBlob: Call<{ readonly runId: string; readonly sha256: string }, string | undefined>
  readonly inbox: Call<{ readonly runId: string; readonly after: number }, readonly MessageText[]>
  readonly list: Call<
    { readonly filter: RunFilter; readonly page: { readonly limit: number; readonly cursor?: string } },
    RunPage
  >
}

/** What changes the database. */
export interface Changes {
  readonly putPlan: Call<{ readonly hash: string; readonly json: string }, undefined>
  readonly createRun: Call<CreationText, CreateOutcome>
  readonly append: Call<AppendText, AppendOutcome>
  readonly deliver: Call<{ readonly runId: string; readonly id: string; readonly json: string }, DeliverOutcome>
  readonly acquire: Call<Parameters<Storage['acquire']>[0], Awaited<ReturnType<Storage['acquire']>>>
  readonly renew: Call<Parameters<Storage['renew']>[0], Awaited<ReturnType<Storage['renew']>>>
  /** Answers whether it was held. */
  readonly release: Call<LeaseName, boolean>
  readonly delete: Call<{ readonly runId: string }, boolean>
}

/** What is done in a transaction of a `tx` step, named by its number. */
export interface Steps {
  readonly begin: Call<{ readonly lease: LeaseName; readonly timeoutMs: number }, number | undefined>
  readonly query: Call<
    { readonly transaction: number; readonly text: string; readonly values: readonly SqlValue[] },
    SqlResult
  >
  readonly finish: Call<{ readonly transaction: number; readonly request: AppendText }, AppendOutcome>
  readonly rollback: Call<{ readonly transaction: number }, undefined>
}

/** All that the thread does. */
export type Calls = Questions & Changes & Steps

/** A call on its way to the thread; `now` where the store's clock is the host's. */
export interface CallOf<Op extends keyof Calls> {
  readonly id: number
  readonly now: number | undefined
  readonly op: Op
  readonly args: Calls[Op]['args']
}

/** Any question. */
export type Question = { [Op in keyof Questions]: CallOf<Op> }[keyof Questions]

/** Any change. */
export type Change = { [Op in keyof Changes]: CallOf<Op> }[keyof Changes]

/** Any call about a transaction. */
export type Step = { [Op in keyof Steps]: CallOf<Op> }[keyof Steps]

/** A fault as it crosses threads. */
export interface FaultText {
  readonly code: StorageFaultCode
  readonly message: string
  readonly ambiguous: boolean
}

/** What became of a call. */
export type Reply =
  { readonly id: number; readonly answer: unknown } | { readonly id: number; readonly fault: FaultText }

/** Calls as they cross to the thread, in one list: `packCalls` makes it, `unpackCalls` reads it. */
export type PackedCalls = readonly unknown[]

/** What is sent to the thread. */
export type ToThread = PackedCalls | 'close'

/** What the thread sends: replies, in one list. `packReplies` makes it, `unpackReplies` reads it. */
export type PackedReplies = readonly unknown[]

/** What the thread is started with. */
export interface ThreadData {
  readonly file: string
  /** The identity of the process, as JSON text, where it is not what the thread itself finds. */
  readonly identity: string | undefined
}
