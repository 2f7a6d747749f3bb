import type { AcquiredRun, LeaseName, Storage } from '@segno/core/storage'
import { isKept, unsupported } from './faults.ts'
import { labelled } from './labels.ts'
import { bury, deadProcesses, processOf } from './processes.ts'
import { foundRun, isLeased, isSound, rowOf, runWriter, type RunRecord, type Store } from './store.ts'

type Wanted = Parameters<Storage['acquire']>[0]
type Acquired = Awaited<ReturnType<Storage['acquire']>>
type Renewal = Awaited<ReturnType<Storage['renew']>>

const writeLeased = runWriter(['token', 'owner', 'process', 'expires_at', 'due_at'])
const writeRenewed = runWriter(['expires_at', 'due_at'])
const writeReleased = runWriter(['owner', 'process', 'expires_at', 'due_at'])

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
    writeRenewed(store, run, { expires_at: expiresAt, due_at: expiresAt })
    return [{ runId: run.run_id, expiresAt, inboxHead: run.inbox_head }]
  })
  return { now, renewed }
}

/** `Storage.release`: whether the lease was held. */
export function release(store: Store, name: LeaseName, now: number): boolean {
  const run = heldRun(store, name, now)
  if (run === undefined) return false
  writeReleased(store, run, { owner: null, process: null, expires_at: null, due_at: now })
  return true
}

/** The run of a lease that is held at `now`. One whose row is damaged is nobody's: its other leases are not to end with it. */
export function heldRun(store: Store, { runId, incarnation, token }: LeaseName, now: number): RunRecord | undefined {
  const run = foundRun(store, runId)
  if (run === undefined || !isSound(run)) return undefined
  return run.incarnation === incarnation && run.token === token && isLeased(run, now) ? run : undefined
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
    sql: `SELECT * FROM segno_runs WHERE due_at <= ?${among}${has.sql} ORDER BY due_at, id`,
    values: [...lists.map(({ names }) => JSON.stringify(names)), ...has.values],
  }
}

function dueRuns({ database }: Store, wanted: Wanted, now: number): readonly RunRecord[] {
  const { sql, values } = dueQuery(wanted)
  const due: RunRecord[] = []
  for (const run of database.each<RunRecord>(sql, now, ...values)) {
    if (due.length >= wanted.limit) break
    // One that is damaged keeps no other from being taken up.
    if (isSound(run)) due.push(run)
  }
  return due
}

function lease(store: Store, run: RunRecord, { owner, ttlMs, now }: Wanted & { readonly now: number }): AcquiredRun {
  const [token, expiresAt, process] = [run.token + 1, now + ttlMs, processOf(store)]
  const leased = { token, owner, process, expires_at: expiresAt, due_at: expiresAt }
  writeLeased(store, run, leased)
  const { run_id: runId, incarnation } = run
  const name = { runId, incarnation, token, expiresAt }
  return { lease: name, row: rowOf(store, { ...run, ...leased }, now), expired: run.expires_at !== null }
}
