import type { AcquiredRun, LeaseName, Storage } from '@segno/core/storage'
import { isKept, unsupported } from './faults.ts'
import { labelled } from './labels.ts'
import { bury, deadProcesses, processOf } from './processes.ts'
import { isLeased, rowOf, runOf, type RunRecord, type Store } from './store.ts'

type Wanted = Parameters<Storage['acquire']>[0]
type Acquired = Awaited<ReturnType<Storage['acquire']>>
type Renewal = Awaited<ReturnType<Storage['renew']>>

/** The answer to `Storage.acquire` where nothing is due: it needs no transaction. */
export function nothingDue(store: Store, wanted: Wanted, now: number): Acquired | undefined {
  if (deadProcesses(store).length > 0) return undefined
  return dueRuns(store, { ...wanted, limit: Math.min(1, wanted.limit) }, now).length > 0 ? undefined : { now, runs: [] }
}

/** `Storage.acquire`. */
export function acquire(store: Store, wanted: Wanted, now: number): Acquired {
  if (!isKept(wanted.owner)) throw unsupported(`the owner ${JSON.stringify(wanted.owner)}`)
  bury(store, deadProcesses(store), now)
  return { now, runs: dueRuns(store, wanted, now).map((run) => lease(store, run, { ...wanted, now })) }
}

/** `Storage.renew`. */
export function renew(store: Store, { leases, ttlMs }: Parameters<Storage['renew']>[0], now: number): Renewal {
  const expiresAt = now + ttlMs
  const renewed = leases.flatMap((name) => {
    const run = heldRun(store, name, now)
    if (run === undefined) return []
    const sql = 'UPDATE segno_runs SET expires_at = ?, due_at = ? WHERE id = ?'
    store.database.run(sql, expiresAt, expiresAt, run.id)
    return [{ runId: run.run_id, expiresAt, inboxHead: run.inbox_head }]
  })
  return { now, renewed }
}

/** `Storage.release`: whether the lease was held. */
export function release(store: Store, name: LeaseName, now: number): boolean {
  const run = heldRun(store, name, now)
  if (run === undefined) return false
  const sql = 'UPDATE segno_runs SET owner = NULL, process = NULL, expires_at = NULL, due_at = ? WHERE id = ?'
  store.database.run(sql, now, run.id)
  return true
}

/** The run of a lease that is held at `now`. */
export function heldRun(store: Store, { runId, incarnation, token }: LeaseName, now: number): RunRecord | undefined {
  const run = runOf(store, runId)
  return run?.incarnation === incarnation && run.token === token && isLeased(run, now) ? run : undefined
}

/** Runs that are due, longest due first. Found by the index on `due_at`, however many are not. */
export function dueQuery({ labels, runIds, workflows, except }: Omit<Wanted, 'owner' | 'ttlMs' | 'limit'>): {
  readonly sql: string
  readonly values: readonly string[]
} {
  const has = labelled(labels)
  const lists = [
    // The `+` keeps the index on workflows out of it, by which all of their runs would be looked at.
    { names: runIds, sql: ' AND run_id IN' },
    { names: workflows, sql: ' AND +workflow IN' },
    { names: except?.runIds, sql: ' AND run_id NOT IN' },
    { names: except?.plans, sql: ' AND plan NOT IN' },
  ].flatMap(({ names, sql }) => (names === undefined ? [] : [{ names: names.filter((name) => isKept(name)), sql }]))
  const among = lists.map(({ sql }) => `${sql} (SELECT value FROM json_each(?))`).join('')
  return {
    sql: `SELECT * FROM segno_runs WHERE due_at <= ?${among}${has.sql} ORDER BY due_at, id LIMIT ?`,
    values: [...lists.map(({ names }) => JSON.stringify(names)), ...has.values],
  }
}

function dueRuns({ database }: Store, wanted: Wanted, now: number): readonly RunRecord[] {
  const { sql, values } = dueQuery(wanted)
  return database.all(sql, now, ...values, wanted.limit)
}

function lease(store: Store, run: RunRecord, { owner, ttlMs, now }: Wanted & { readonly now: number }): AcquiredRun {
  const [token, expiresAt, process] = [run.token + 1, now + ttlMs, processOf(store)]
  const sql = 'UPDATE segno_runs SET token = ?, owner = ?, process = ?, expires_at = ?, due_at = ? WHERE id = ?'
  store.database.run(sql, token, owner, process, expiresAt, expiresAt, run.id)
  const leased = { ...run, token, owner, process, expires_at: expiresAt, due_at: expiresAt }
  const { run_id: runId, incarnation } = run
  const name = { runId, incarnation, token, expiresAt }
  return { lease: name, row: rowOf(store, leased, now), expired: run.expires_at !== null }
}
