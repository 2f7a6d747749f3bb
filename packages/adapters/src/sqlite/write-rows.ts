import { crc32 } from 'node:zlib'
import type { Blob } from '@segno/core/storage'
import type { Database } from './database.ts'
import { isKept, unsupported } from './faults.ts'
import type { EventText, SnapshotText } from './protocol.ts'

/** Adds events to the journal of a run. */
export function writeEvents(database: Database, run: number, events: readonly EventText[]): void {
  const sql = 'INSERT INTO segno_events (run, seq, json, crc) VALUES (?, ?, ?, ?)'
  for (const { seq, json } of events) database.run(sql, run, seq, json, crc32(json))
}

/** Keeps the blobs of a run. One that is there already is written anew, which heals it. */
export function writeBlobs(database: Database, run: number, blobs: readonly Blob[]): void {
  for (const { sha256, text } of blobs) {
    if (!isKept(text)) throw unsupported(`the text of blob ${sha256}`)
    const sql =
      'INSERT INTO segno_blobs (run, sha256, text) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text'
    database.run(sql, run, sha256, text)
  }
}

/** Keeps the snapshot of a run in the place of the one before. */
export function writeSnapshot(database: Database, run: number, { seq, format, json }: SnapshotText): void {
  const sql = 'INSERT OR REPLACE INTO segno_snapshots (run, seq, format, json, crc) VALUES (?, ?, ?, ?, ?)'
  database.run(sql, run, seq, format, json, crc32(json))
}
