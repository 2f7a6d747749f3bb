import { grown } from '../../kernel/grown.ts'
import { appendRefusal } from '../../ports/append-refusal.ts'
import { isSameBatch, isTerminal } from '../../ports/batch.ts'
import { StorageFault } from '../../ports/storage-fault.ts'
import type { AppendOutcome, AppendRequest, Blob } from '../../ports/storage.ts'
import { isLeased, type MemoryRun, type MemoryStore } from './store.ts'

/** `Storage.append`. Decides first and writes after, so that nothing is ever written by half. */
export function append(store: MemoryStore, request: AppendRequest): AppendOutcome {
  const now = store.now()
  const run = store.runs.get(request.runId)
  if (run?.row.incarnation !== request.incarnation) return { outcome: 'gone', now }
  // Before every other question: the first answer may have been lost, and since
  // then the lease may have been too.
  if (wasWritten(run, request)) return { outcome: 'duplicate', now, inboxHead: run.row.inboxHead }
  const { status, head, inboxHead } = run.row
  const isHeld = run.token === request.token && isLeased(run, now)
  const hasMessage = (id: string): boolean => run.inbox?.has(id) === true
  const refusal = appendRefusal(request, { now, status, head, inboxHead, isHeld, hasMessage })
  if (refusal !== undefined) return { outcome: refusal, now }
  write(store, run, request, now)
  store.hint(request.runId, 'journal')
  return { outcome: 'ok', now, inboxHead: run.row.inboxHead }
}

/** Adds blobs to a run. */
export function keepBlobs(run: MemoryRun, blobs: readonly Blob[]): void {
  run.blobs ??= new Map()
  for (const blob of blobs) run.blobs.set(blob.sha256, blob.text)
}

function wasWritten(run: MemoryRun, request: AppendRequest): boolean {
  for (const batch of run.batches) {
    if (batch.batchId !== request.batchId) continue
    if (isSameBatch(batch, request)) return true
    const message = `Run ${JSON.stringify(request.runId)}: batch ${JSON.stringify(request.batchId)} was written with other content.`
    throw new StorageFault('BATCH_REUSED', message, { ambiguous: false })
  }
  return false
}

function write(store: MemoryStore, run: MemoryRun, request: AppendRequest, now: number): void {
  const { row } = run
  for (const event of request.events) run.events.push(event)
  for (const id of request.consume ?? []) run.inbox?.delete(id)
  if (request.blobs !== undefined) keepBlobs(run, request.blobs)
  row.head = request.expectedSeq + request.events.length
  row.status = request.status
  row.wakeAt = request.wakeAt
  if (request.plan !== undefined) row.plan = request.plan
  row.updatedAt = now
  if (request.snapshot !== undefined) keepSnapshot(store, run, request.snapshot)
  remember(run, request)
  giveBack(store, run, request, now)
}

function keepSnapshot(store: MemoryStore, run: MemoryRun, snapshot: NonNullable<AppendRequest['snapshot']>): void {
  if (run.snapshot !== undefined && run.snapshot.seq >= snapshot.seq) return
  run.snapshot = snapshot
  if (store.keep === 'all') return
  // A new array, because a reader may be in the middle of the old one.
  run.events = run.events.slice(snapshot.seq - run.dropped)
  run.dropped = snapshot.seq
}

// A holder can be unsure of its last batch only. Older ones of its lease were
// acknowledged, or it would not have gone on.
const leasesRemembered = 4

function remember(run: MemoryRun, request: AppendRequest): void {
  const { batches } = run
  if (batches.at(-1)?.token === request.token) batches.pop()
  else if (batches.length === leasesRemembered) batches.shift()
  run.batches = grown(batches, request)
}

function giveBack(store: MemoryStore, run: MemoryRun, request: AppendRequest, now: number): void {
  const ended = isTerminal(request.status)
  // None comes after these: what there was room for is given back.
  if (ended) run.events = run.events.slice()
  if (!ended && request.park === undefined && request.release !== true) return
  run.leaseExpiresAt = undefined
  const dueAt = ended ? null : request.park === undefined ? now : request.wakeAt
  if (dueAt === null) store.due.remove(run)
  else store.due.set(run, dueAt)
}
