import type { RunEvent } from '@segno/schema/plan'
import { checkBatch, isTerminal } from '../../ports/batch.ts'
import { fitsFilter } from '../../ports/run-filter.ts'
import { StorageFault } from '../../ports/storage-fault.ts'
import type {
  CreateOutcome,
  Lease,
  LoadedRun,
  NewRun,
  RunFilter,
  RunPage,
  RunRow,
  Storage,
} from '../../ports/storage.ts'
import { keepBlobs } from './append.ts'
import { unconsumed } from './inbox.ts'
import { lease } from './leases.ts'
import { isLeased, keyOf, rowAt, type MemoryRun, type MemoryStore } from './store.ts'

type FirstBatch = Parameters<Storage['createRun']>[1]
type CreateOptions = Parameters<Storage['createRun']>[2]

/** `Storage.createRun`. */
export function createRun(store: MemoryStore, run: NewRun, batch: FirstBatch, options: CreateOptions): CreateOutcome {
  checkBatch(run.runId, 0, batch)
  if (batch.events.length === 0) {
    throw new StorageFault('BATCH_INVALID', `Run ${JSON.stringify(run.runId)}: created without an event.`, {
      ambiguous: false,
    })
  }
  const now = store.now()
  const key = options.idempotencyKey === undefined ? undefined : keyOf(run.workflow, options.idempotencyKey)
  const existing = (key === undefined ? undefined : store.keys.get(key)) ?? store.runs.get(run.runId)
  if (existing !== undefined) {
    const first = options.claim === undefined ? undefined : firstLease(existing, run, now)
    if (first !== undefined) return { outcome: 'created', now, lease: first }
    return { outcome: 'existing', now, runId: existing.row.runId, sameInput: existing.inputHash === options.inputHash }
  }
  store.created += 1
  const created = newRun(store.created, rowOf(run, batch, options, now), batch, options.inputHash)
  store.runs.set(run.runId, created)
  if (key !== undefined) store.keys.set(key, created)
  store.hint(run.runId, 'journal')
  if (isTerminal(batch.status)) return { outcome: 'created', now }
  if (options.claim !== undefined) return { outcome: 'created', now, lease: lease(store, created, now, options.claim) }
  store.due.set(created, now)
  return { outcome: 'created', now }
}

/** `Storage.row`. */
export function readRow(store: MemoryStore, runId: string): RunRow | undefined {
  const run = store.runs.get(runId)
  return run === undefined ? undefined : rowAt(run, store.now())
}

/** `Storage.load`. */
export function load(store: MemoryStore, runId: string): LoadedRun | undefined {
  const run = store.runs.get(runId)
  if (run === undefined) return undefined
  const { snapshot } = run
  const now = store.now()
  return {
    now,
    row: rowAt(run, now),
    ...(snapshot === undefined ? {} : { snapshot }),
    tail: eventsFrom(run, (snapshot?.seq ?? 0) + 1),
    inbox: unconsumed(run, 0),
  }
}

/** The events from `seq` on, in pages, as they are now: what is appended meanwhile is not among them. */
export function eventsFrom(run: MemoryRun | undefined, seq: number): AsyncIterable<readonly RunEvent[]> {
  return run === undefined ? pages([], 0, 0) : pages(run.events, Math.max(0, seq - run.dropped - 1), run.events.length)
}

/** `Storage.list`. */
export function list(
  store: MemoryStore,
  filter: RunFilter,
  page: { readonly limit: number; readonly cursor?: string },
): RunPage {
  const now = store.now()
  const before = page.cursor === undefined ? Number.POSITIVE_INFINITY : orderAt(page.cursor)
  const found: MemoryRun[] = []
  for (const run of [...store.runs.values()].reverse()) {
    if (run.order >= before || !fitsFilter(run.row, filter)) continue
    // One more than asked for tells that there is a next page.
    if (found.length === page.limit) return { runs: rowsOf(found, now), cursor: String(found.at(-1)?.order) }
    found.push(run)
  }
  return { runs: rowsOf(found, now) }
}

/** `Storage.delete`. */
export function deleteRun(store: MemoryStore, runId: string): boolean {
  const run = store.runs.get(runId)
  if (run === undefined || isLeased(run, store.now())) return false
  store.runs.delete(runId)
  store.due.remove(run)
  if (run.row.idempotencyKey !== undefined) store.keys.delete(keyOf(run.row.workflow, run.row.idempotencyKey))
  store.hint(runId, 'journal')
  return true
}

const eventsPerPage = 1_000

async function* pages(events: readonly RunEvent[], start: number, end: number): AsyncGenerator<readonly RunEvent[]> {
  for (let at = start; at < end; at += eventsPerPage) yield events.slice(at, Math.min(at + eventsPerPage, end))
}

function newRun(order: number, row: MemoryRun['row'], batch: FirstBatch, inputHash: string): MemoryRun {
  const run: MemoryRun = {
    row,
    inputHash,
    events: [...batch.events],
    dropped: 0,
    snapshot: undefined,
    blobs: undefined,
    inbox: undefined,
    accepted: undefined,
    token: 0,
    leaseExpiresAt: undefined,
    owner: '',
    batches: [],
    dueAt: 0,
    order,
    place: -1,
  }
  if (batch.blobs !== undefined) keepBlobs(run, batch.blobs)
  return run
}

/** The lease that this very creation was given, if it was this one and if the lease stands. */
function firstLease(existing: MemoryRun, { runId, incarnation }: NewRun, now: number): Lease | undefined {
  const { row, token, leaseExpiresAt: expiresAt } = existing
  if (row.runId !== runId || row.incarnation !== incarnation || token !== 1) return undefined
  return expiresAt !== undefined && isLeased(existing, now) ? { runId, incarnation, token, expiresAt } : undefined
}

function rowOf(run: NewRun, batch: FirstBatch, options: CreateOptions, now: number): MemoryRun['row'] {
  const { runId, incarnation, workflow, plan, labels, parent } = run
  const row: MemoryRun['row'] = {
    runId,
    incarnation,
    workflow,
    plan,
    labels,
    status: batch.status,
    head: batch.events.length,
    wakeAt: batch.wakeAt,
    createdAt: now,
    updatedAt: now,
    inboxHead: 0,
  }
  if (parent !== undefined) row.parent = parent
  if (options.idempotencyKey !== undefined) row.idempotencyKey = options.idempotencyKey
  return row
}

function rowsOf(runs: readonly MemoryRun[], now: number): RunRow[] {
  return runs.map((run) => rowAt(run, now))
}

function orderAt(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new StorageFault('CURSOR_INVALID', `${JSON.stringify(cursor)} is not a cursor of this storage.`, {
    ambiguous: false,
  })
}
