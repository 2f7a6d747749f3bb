import type { Definition, RunEvent } from '@segno/schema/plan'
import type { AppendRequest, LeaseName, Message, NewRun, RunFilter, RunStatus, Storage } from '../ports/storage.ts'
import { faultOf } from './expectation.ts'
import { gathered } from './laws/law-run.ts'

/**
 * One call of a storage, as data. Instants are told from the beginning of the
 * sequence: each store of a comparison tells another time.
 */
export type StorageOperation =
  | { readonly type: 'putPlan'; readonly hash: string; readonly note: string }
  | { readonly type: 'getPlan'; readonly hash: string }
  | {
      readonly type: 'create'
      readonly run: NewRun
      readonly batch: Parameters<Storage['createRun']>[1]
      readonly options: Parameters<Storage['createRun']>[2]
    }
  | { readonly type: 'append'; readonly request: AppendRequest }
  | { readonly type: 'deliver'; readonly runId: string; readonly message: Message }
  | { readonly type: 'release'; readonly lease: LeaseName }
  | { readonly type: 'renew'; readonly leases: readonly LeaseName[]; readonly ttlMs: number }
  | { readonly type: 'acquire'; readonly options: AcquireOptions }
  | { readonly type: 'list'; readonly filter: RunFilter; readonly limit: number }
  /** The next page of the last list. */
  | { readonly type: 'more'; readonly limit: number }
  | { readonly type: 'row' | 'load' | 'delete'; readonly runId: string }
  | { readonly type: 'read'; readonly runId: string; readonly from: number }
  | { readonly type: 'inbox'; readonly runId: string; readonly after: number }
  | { readonly type: 'getBlob'; readonly runId: string; readonly sha256: string }
  | { readonly type: 'advance'; readonly ms: number }
  /** Goes on with the store as a new process sees it, where it outlives one. */
  | { readonly type: 'reopen' }

export type AcquireOptions = Parameters<Storage['acquire']>[0]

/** A store while operations are played on it. */
export interface PlayedStore {
  storage: Storage
  /** The store's time when the sequence began. */
  readonly base: number
  advance(ms: number): Promise<void>
  reopen?: (() => Promise<Storage>) | undefined
  /** Of the last list. */
  lastList: { readonly filter: RunFilter; readonly cursor: string | undefined } | undefined
}

/** Makes the call, and tells what a caller can see of its answer, or of the fault. */
export async function playOperation(store: PlayedStore, operation: StorageOperation): Promise<unknown> {
  try {
    return seen(await call(store, operation), store.base)
  } catch (error) {
    return { fault: faultOf(error) }
  }
}

async function call(store: PlayedStore, operation: StorageOperation): Promise<unknown> {
  const { storage } = store
  switch (operation.type) {
    case 'putPlan':
      return storage.putPlan(operation.hash, planOf(operation.note))
    case 'getPlan':
      return storage.getPlan(operation.hash)
    case 'create':
      return storage.createRun(
        operation.run,
        { ...operation.batch, wakeAt: later(store, operation.batch.wakeAt) },
        operation.options,
      )
    case 'append':
      return storage.append(requestOf(store, operation.request))
    case 'deliver':
      return storage.deliver(operation.runId, operation.message)
    case 'release':
      return storage.release(operation.lease)
    case 'acquire':
      return storage.acquire(operation.options)
    case 'renew': {
      const { now, renewed } = await storage.renew(operation)
      return { now, renewed: renewed.toSorted((one, other) => (one.runId < other.runId ? -1 : 1)) }
    }
    case 'advance':
      return store.advance(operation.ms)
    case 'reopen':
      if (store.reopen !== undefined) store.storage = await store.reopen()
      return undefined
    default:
      return look(store, operation)
  }
}

type Look = Extract<
  StorageOperation,
  { type: 'list' | 'more' | 'row' | 'load' | 'delete' | 'read' | 'inbox' | 'getBlob' }
>

async function look(store: PlayedStore, operation: Look): Promise<unknown> {
  const { storage } = store
  switch (operation.type) {
    case 'list':
      return list(store, operation.filter, { limit: operation.limit })
    case 'more': {
      const { filter, cursor } = store.lastList ?? {}
      return cursor === undefined ? undefined : list(store, filter ?? {}, { limit: operation.limit, cursor })
    }
    case 'row':
      return storage.row(operation.runId)
    case 'delete':
      return storage.delete(operation.runId)
    case 'read':
      return gathered(storage.read(operation.runId, operation.from))
    case 'inbox':
      return storage.inbox(operation.runId, operation.after)
    case 'getBlob':
      return storage.getBlob(operation.runId, operation.sha256)
    case 'load': {
      const run = await storage.load(operation.runId)
      return run === undefined ? undefined : { ...run, tail: await gathered(run.tail) }
    }
    default:
      return operation satisfies never
  }
}

// What a cursor says is a storage's own affair; that there is one, and what comes by it, is not.
async function list(
  store: PlayedStore,
  filter: RunFilter,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<unknown> {
  const { runs, cursor } = await store.storage.list(filter, page)
  store.lastList = { filter, cursor }
  return { runs, isLast: cursor === undefined }
}

function requestOf(store: PlayedStore, request: AppendRequest): AppendRequest {
  const { notBefore } = request
  const wakeAt = later(store, request.wakeAt)
  return { ...request, wakeAt, ...(notBefore === undefined ? {} : { notBefore: store.base + notBefore }) }
}

function later({ base }: PlayedStore, instant: number | null): number | null {
  return instant === null ? null : base + instant
}

const instants: ReadonlySet<string> = new Set(['now', 'createdAt', 'updatedAt', 'deliveredAt', 'expiresAt', 'wakeAt'])

// As JSON, because that is what a caller may count on, and by the clock of the sequence.
function seen(answer: unknown, base: number): unknown {
  const text = JSON.stringify(answer ?? null, (name, value: unknown) =>
    instants.has(name) && typeof value === 'number' ? value - base : value,
  )
  return JSON.parse(text)
}

function planOf(note: string): Definition {
  return { segno: 1, name: 'plan', steps: [{ id: 'step', set: { note } }] }
}

/** An event of a sequence. */
export function eventAt(runId: string, seq: number, note: string): RunEvent {
  return { seq, v: 1, at: 0, runId, type: 'step.completed', path: `step-${seq}`, output: { note } }
}

/** The event that ends a run of a sequence. */
export function endAt(runId: string, seq: number, status: RunStatus): RunEvent {
  const envelope = { seq, v: 1, at: 0, runId } as const
  return status === 'completed'
    ? { ...envelope, type: 'run.completed' }
    : { ...envelope, type: 'run.failed', failure: { code: 'OOPS', message: 'no luck', retryable: false } }
}
