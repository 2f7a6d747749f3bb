import { crc32 } from 'node:zlib'
import type { RunRow } from '@segno/core/storage'
import type { Database } from './database.ts'
import { damaged, isKept } from './faults.ts'

/** What the work in the thread is done with. */
export interface Store {
  readonly database: Database
  /** The identity of this process, as JSON text. */
  readonly identity: string
  /** Whether the process of an identity is known to have ended. */
  readonly isDead: (identity: string) => boolean
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
}

/** What is fixed when a run is created and only read when it is listed. */
export type About = Pick<RunRow, 'labels' | 'parent'>

/** A run by its id. */
export function runOf({ database }: Store, runId: string): RunRecord | undefined {
  return isKept(runId) ? database.one('SELECT * FROM segno_runs WHERE run_id = ?', runId) : undefined
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

/** The row of a run, as the port tells it. */
export function rowOf(store: Store, run: RunRecord, now: number): RunRow {
  const { labels, parent } = aboutOf(run)
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
export function creationCrc(run: Omit<RunRecord, 'crc'>): number {
  const { run_id, incarnation, workflow, plan, idempotency_key, input_hash, about } = run
  return crc32(JSON.stringify([run_id, incarnation, workflow, plan, idempotency_key, input_hash, about]))
}

function aboutOf(run: RunRecord): About {
  if (creationCrc(run) !== run.crc) throw damaged(`Run ${JSON.stringify(run.run_id)}`, 'its row has a wrong checksum')
  return JSON.parse(run.about) as About
}

function identityOf({ database }: Store, process: number): string {
  const sql = 'SELECT identity FROM segno_processes WHERE id = ?'
  return database.one<{ identity: string }>(sql, process)?.identity ?? '{}'
}
