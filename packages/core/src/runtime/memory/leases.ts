import { isWanted } from '../../ports/run-filter.ts'
import type { AcquiredRun, Lease, LeaseName, Storage } from '../../ports/storage.ts'
import { isLeased, rowAt, type MemoryRun, type MemoryStore } from './store.ts'

type AcquireOptions = Parameters<Storage['acquire']>[0]
type RenewOptions = Parameters<Storage['renew']>[0]

/** `Storage.acquire`. */
export function acquire(store: MemoryStore, options: AcquireOptions): Awaited<ReturnType<Storage['acquire']>> {
  const now = store.now()
  const due = options.runIds === undefined ? takeDue(store, options, now) : pickDue(store, options.runIds, options, now)
  const acquired = due.map((run): AcquiredRun => {
    const expired = run.leaseExpiresAt !== undefined
    return { expired, lease: lease(store, run, now, options), row: rowAt(run, now) }
  })
  return { now, runs: acquired }
}

/** `Storage.renew`. */
export function renew(store: MemoryStore, options: RenewOptions): Awaited<ReturnType<Storage['renew']>> {
  const now = store.now()
  const expiresAt = now + options.ttlMs
  const renewed: { runId: string; expiresAt: number; inboxHead: number }[] = []
  for (const held of options.leases) {
    const run = heldRun(store, held, now)
    if (run === undefined) continue
    const { runId } = held
    run.leaseExpiresAt = expiresAt
    store.due.set(run, expiresAt)
    renewed.push({ runId, expiresAt, inboxHead: run.row.inboxHead })
  }
  return { now, renewed }
}

/** `Storage.release`. */
export function release(store: MemoryStore, lease: LeaseName): void {
  const now = store.now()
  const run = heldRun(store, lease, now)
  if (run === undefined) return
  run.leaseExpiresAt = undefined
  store.due.set(run, now)
  store.hint(lease.runId, 'journal')
}

/** Gives the next lease of a run, whose holder before may never have given it back. */
export function lease(
  store: MemoryStore,
  run: MemoryRun,
  now: number,
  { owner, ttlMs }: { readonly owner: string; readonly ttlMs: number },
): Lease {
  const expiresAt = now + ttlMs
  run.token += 1
  run.owner = owner
  run.leaseExpiresAt = expiresAt
  store.due.set(run, expiresAt)
  const { runId, incarnation } = run.row
  return { runId, incarnation, token: run.token, expiresAt }
}

/** The run of a lease that is held at `now`. */
function heldRun(store: MemoryStore, { runId, incarnation, token }: LeaseName, now: number): MemoryRun | undefined {
  const run = store.runs.get(runId)
  return run?.row.incarnation === incarnation && run.token === token && isLeased(run, now) ? run : undefined
}

function takeDue(store: MemoryStore, options: AcquireOptions, now: number): MemoryRun[] {
  const taken: MemoryRun[] = []
  const passedOver: MemoryRun[] = []
  for (;;) {
    const run = store.due.first()
    if (run === undefined || run.dueAt > now || taken.length >= options.limit) break
    store.due.remove(run)
    if (isWanted(run.row, options)) taken.push(run)
    else passedOver.push(run)
  }
  for (const run of passedOver) store.due.set(run, run.dueAt)
  return taken
}

function pickDue(store: MemoryStore, runIds: readonly string[], options: AcquireOptions, now: number): MemoryRun[] {
  const due: MemoryRun[] = []
  for (const runId of new Set(runIds)) {
    const run = store.runs.get(runId)
    if (run === undefined || run.place < 0 || run.dueAt > now) continue
    if (isWanted(run.row, options)) due.push(run)
  }
  return due.toSorted((a, b) => a.dueAt - b.dueAt || a.order - b.order).slice(0, options.limit)
}
