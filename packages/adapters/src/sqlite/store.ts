import { crc32 } from 'node:zlib'
import { isTerminal, type RunRow, type StorageFault } from '@segno/core/storage'
import type { Database } from './database.ts'
import { damaged, isKept } from './faults.ts'
import type { Known } from './known.ts'

/** What the work in the thread is done with. */
export interface Store {
  readonly database: Database
  /** The identity of this process, as JSON text. */
  readonly identity: () => string
  /** Whether the process of an identity is known to have ended. */
  readonly isDead: (identity: string) => boolean
  /** Only where something is changed: who just reads looks at what is there. */
  readonly known?: Known | undefined
}

/** A row of `segno_runs`. */
export interface RunRecord {
  readonly id: number
  readonly run_id: string
  readonly incarnation: string
  readonly workflow: string
  readonly plan: string
  readonly idempotency_key: string | null
  readonly input_hash: string
  readonly about: string
  readonly crc: number
  readonly created_at: number
  readonly updated_at: number
  readonly status: RunRow['status']
  readonly head: number
  readonly wake_at: number | null
  readonly inbox_head: number
  readonly snapshot_seq: number
  readonly token: number
  readonly owner: string | null
  readonly process: number | null
  /** `NULL` once the newest lease was given back. */
  readonly expires_at: number | null
  readonly due_at: number | null
  readonly batches: string
  readonly state_crc: number | null
}

type SummedName =
  | ('crc' | 'created_at' | 'updated_at' | 'head' | 'wake_at' | 'inbox_head' | 'snapshot_seq' | 'token')
  | ('process' | 'expires_at' | 'due_at' | 'status' | 'owner' | 'batches')

/** What changes of a run. */
type RunState = Pick<RunRecord, 'plan' | Exclude<SummedName, 'created_at'>>

/** What is fixed when a run is created and only read when it is listed. */
export type About = Pick<RunRow, 'labels' | 'parent'>

/** A run by its id. Throws where what changes of its row is not as it was written. */
export function runOf(store: Store, runId: string): RunRecord | undefined {
  const known = store.known?.runs.get(runId)
  if (known !== undefined) return known
  const run = foundRun(store, runId)
  if (run === undefined) return undefined
  const sound = checkedRun(run)
  store.known?.runs.set(runId, sound)
  return sound
}

/** A run by its id, also one whose row is damaged. */
export function foundRun({ database }: Store, runId: string): RunRecord | undefined {
  return isKept(runId) ? database.one('SELECT * FROM segno_runs WHERE run_id = ?', runId) : undefined
}

/** A run, if what changes of its row is as it was written. Throws where it is not. */
export function checkedRun(run: RunRecord): RunRecord {
  if (isStateSound(run)) return run
  throw rowDamaged(run)
}

/** Whether a row is as it was written. */
export function isSound(run: RunRecord): boolean {
  return isStateSound(run) && creationCrc(run) === run.crc
}

function isStateSound(run: RunRecord): boolean {
  return run.state_crc === null || stateCrc(run) === run.state_crc
}

function rowDamaged(run: RunRecord): StorageFault {
  return damaged(`Run ${JSON.stringify(run.run_id)}`, 'its row has a wrong checksum')
}

/** Writes what changes of a run whose row is sound. */
export type RunWriter<Name extends keyof RunState> = (
  store: Store,
  run: RunRecord,
  changes: Pick<RunState, Name>,
) => void

/** What writes these columns. */
export function runWriter<Name extends keyof RunState>(names: readonly Name[]): RunWriter<Name> {
  const sql = `UPDATE segno_runs SET ${names.map((name) => `${name} = ?`).join(', ')}, state_crc = ? WHERE id = ?`
  return ({ database, known }, run, changes) => {
    // The one copy of a row that a step makes.
    const written: RunRecord & { state_crc: number } = { ...run, ...changes, state_crc: 0 }
    written.state_crc = stateCrc(written)
    database.run(sql, ...names.map((name) => changes[name]), written.state_crc, run.id)
    // One that has ended is not written to again.
    if (isTerminal(written.status)) known?.runs.delete(run.run_id)
    else known?.runs.set(run.run_id, written)
  }
}

/** Whether somebody holds the lease of a run, or held it until the process ended. */
export function isLeased({ expires_at: expiresAt }: RunRecord, now: number): boolean {
  return expiresAt !== null && expiresAt > now
}

/** Whether the newest lease is over although it was never given back. */
export function isLost(store: Store, run: RunRecord, now: number): boolean {
  if (run.expires_at === null) return false
  return run.expires_at <= now || (run.process !== null && store.isDead(identityOf(store, run.process)))
}

/** The row of a run, as the port tells it. Throws where what is fixed of it is not as it was written. */
export function rowOf(store: Store, run: RunRecord, now: number): RunRow {
  if (creationCrc(run) !== run.crc) throw rowDamaged(run)
  const { labels, parent } = JSON.parse(run.about) as About
  const { owner, expires_at: expiresAt } = run
  return {
    ...{ runId: run.run_id, incarnation: run.incarnation, workflow: run.workflow, plan: run.plan, labels },
    ...(parent === undefined ? {} : { parent }),
    ...{ status: run.status, head: run.head, wakeAt: run.wake_at, createdAt: run.created_at },
    ...{ updatedAt: run.updated_at, inboxHead: run.inbox_head },
    ...(run.idempotency_key === null ? {} : { idempotencyKey: run.idempotency_key }),
    ...(expiresAt === null ? {} : { holder: { owner: owner ?? '', expiresAt, isLost: isLost(store, run, now) } }),
  }
}

/** The checksum of what is fixed when a run is created. */
export function creationCrc(run: Omit<RunRecord, 'id' | 'crc' | 'state_crc'>): number {
  const { run_id, incarnation, workflow, plan, idempotency_key, input_hash, about } = run
  return crc32(JSON.stringify([run_id, incarnation, workflow, plan, idempotency_key, input_hash, about]))
}

/** The checksum of what changes, and of the other checksum. It is made with each append: of bytes, as texts of numbers take long. */
export function stateCrc(run: Pick<RunRecord, SummedName>): number {
  // One after another: a loop over their names costs several times as much.
  const { crc, created_at, updated_at, head, wake_at, inbox_head, snapshot_seq, token, process } = run
  sum(0, crc)
  sum(1, created_at)
  sum(2, updated_at)
  sum(3, head)
  sum(4, wake_at)
  sum(5, inbox_head)
  sum(6, snapshot_seq)
  sum(7, token)
  sum(8, process)
  sum(9, run.expires_at)
  sum(10, run.due_at)
  return crc32(` ${run.status} ${run.owner} ${run.batches}`, crc32(numbers))
}

// Zero has one sign only, as in SQLite.
function sum(n: number, value: number | null): void {
  view.setFloat64(8 * n, (value ?? -Infinity) + 0, true)
}

const numbers = new Uint8Array(8 * 11)
const view = new DataView(numbers.buffer)

function identityOf({ database }: Store, process: number): string {
  const sql = 'SELECT identity FROM segno_processes WHERE id = ?'
  return database.one<{ identity: string }>(sql, process)?.identity ?? '{}'
}
