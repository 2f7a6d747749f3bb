import { DatabaseSync } from 'node:sqlite'
import type { RunEvent } from '@segno/schema/plan'
import type { Journal, StoredRow } from './journal.ts'

/** Reads the journals of a database with plain SQL. */
export function readSqliteJournals(file: string): Journal[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const { integrity_check: health } = database.prepare('PRAGMA integrity_check').get() ?? {}
    if (health !== 'ok') throw new Error(`${file}: ${String(health)}`)
    const rows = database.prepare('SELECT * FROM segno_runs ORDER BY id').all() as unknown as readonly RunRecord[]
    return rows.map((row) => journalOf(database, row))
  } finally {
    database.close()
  }
}

interface RunRecord {
  readonly id: number
  readonly run_id: string
  readonly status: string
  readonly head: number
  readonly wake_at: number | null
  readonly expires_at: number | null
}

function journalOf(database: DatabaseSync, run: RunRecord): Journal {
  const count = (table: string): number => {
    const found = database.prepare(`SELECT count(*) AS n FROM ${table} WHERE run = ?`).get(run.id)
    return Number(found?.['n'])
  }
  const events = database.prepare('SELECT json FROM segno_events WHERE run = ? ORDER BY seq').all(run.id)
  return {
    runId: run.run_id,
    row: rowOf(run),
    written: events.map(({ json }) => ({ event: JSON.parse(String(json)) as RunEvent })),
    hasSnapshot: count('segno_snapshots') > 0,
    blobs: count('segno_blobs'),
  }
}

function rowOf({ status, head, wake_at: wakeAt, expires_at: expiresAt }: RunRecord): StoredRow {
  return { status, head, wakeAt, isHeld: expiresAt !== null }
}
