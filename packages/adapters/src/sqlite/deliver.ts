import { crc32 } from 'node:zlib'
import { isTerminal, type DeliverOutcome } from '@segno/core/storage'
import { damaged, isKept, unsupported } from './faults.ts'
import type { MessageText } from './protocol.ts'
import { runOf, runWriter, type RunRecord, type Store } from './store.ts'

const writeDelivered = runWriter(['inbox_head', 'due_at'])

/** `Storage.deliver`. */
export function deliver(
  store: Store,
  { runId, id, json }: { readonly runId: string; readonly id: string; readonly json: string },
  now: number,
): DeliverOutcome {
  const { database } = store
  const run = runOf(store, runId)
  if (run === undefined) return { outcome: 'unknown', now }
  if (!isKept(id)) throw unsupported(`a message with the id ${JSON.stringify(id)}`)
  const known = database.one('SELECT 1 FROM segno_messages WHERE run = ? AND message_id = ?', run.id, id)
  if (known !== undefined) return { outcome: 'duplicate', now }
  if (isTerminal(run.status)) return { outcome: 'closed', now }
  const n = run.inbox_head + 1
  const sql = 'INSERT INTO segno_messages (run, n, message_id, json, crc, delivered_at) VALUES (?, ?, ?, ?, ?, ?)'
  database.run(sql, run.id, n, id, json, crc32(json), now)
  writeDelivered(store, run, { inbox_head: n, due_at: dueAfter(run, now) })
  return { outcome: 'accepted', now }
}

/** `Storage.inbox`. */
export function inbox(
  store: Store,
  { runId, after }: { readonly runId: string; readonly after: number },
): readonly MessageText[] {
  const run = runOf(store, runId)
  return run === undefined ? [] : openMessages(store, run, after)
}

/** Messages not yet consumed and newer than `after`. */
export function openMessages({ database }: Store, run: RunRecord, after: number): readonly MessageText[] {
  const sql =
    'SELECT n, json, crc, delivered_at FROM segno_messages WHERE run = ? AND n > ? AND json IS NOT NULL ORDER BY n'
  const rows = database.all<{ n: number; json: string; crc: number; delivered_at: number }>(sql, run.id, after)
  return rows.map(({ n, json, crc, delivered_at: deliveredAt }) => {
    if (crc32(json) === crc) return { n, json, deliveredAt }
    throw damaged(`Run ${JSON.stringify(run.run_id)}, message ${n}`, 'it has a wrong checksum')
  })
}

// The holder of a lease hears of it when it renews, appends or parks.
function dueAfter({ expires_at: expiresAt, due_at: dueAt }: RunRecord, now: number): number | null {
  return expiresAt === null ? Math.min(dueAt ?? now, now) : dueAt
}
