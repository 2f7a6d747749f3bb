import { crc32 } from 'node:zlib'
import { StorageFault, type RunFilter, type RunPage, type RunRow } from '@segno/core/storage'
import { openMessages } from './deliver.ts'
import { damaged, isKept } from './faults.ts'
import { labelled } from './labels.ts'
import type { Journal, LoadedText, PageText, SnapshotText } from './protocol.ts'
import { soundPlan } from './plans.ts'
import { rowOf, runOf, checkedRun, type RunRecord, type Store } from './store.ts'

/** `Storage.row`. */
export function readRow(store: Store, { runId }: { readonly runId: string }, now: number): RunRow | undefined {
  const run = runOf(store, runId)
  return run && rowOf(store, run, now)
}

/** `Storage.load`, with the first page. */
export function load(
  store: Store,
  { runId, withPlan = false }: { readonly runId: string; readonly withPlan?: boolean },
  now: number,
): LoadedText | undefined {
  const run = runOf(store, runId)
  if (run === undefined) return undefined
  const snapshot = snapshotOf(store, run)
  const plan = withPlan ? soundPlan(store, run.plan) : undefined
  const span = { run: run.id, from: (snapshot?.seq ?? 0) + 1, to: run.head }
  return {
    now,
    row: rowOf(store, run, now),
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(plan === undefined ? {} : { plan }),
    ...{ run: run.id, head: run.head, page: readPage(store, span), inbox: openMessages(store, run, 0) },
  }
}

/** Where the events of a run are. */
export function journalOf(store: Store, { runId }: { readonly runId: string }): Journal | undefined {
  const run = runOf(store, runId)
  return run && { run: run.id, head: run.head }
}

/** As many of the events from `from` to `to` as make a page. */
export function readPage({ database }: Store, { run, from, to }: Span): PageText {
  const sql = 'SELECT seq, json, crc FROM segno_events WHERE run = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?'
  const texts: string[] = []
  let [next, size] = [from, 0]
  for (const { seq, json, crc } of database.each<EventRecord>(sql, run, from, to, eventsPerPage)) {
    if (seq !== next) break
    if (crc32(json) !== crc) throw damaged(nameOf(database.file, run, seq), 'it has a wrong checksum')
    texts.push(json)
    next += 1
    size += json.length
    if (size >= charactersPerPage) break
  }
  if (next === from && from <= to) {
    const isThere = database.one('SELECT 1 FROM segno_runs WHERE id = ?', run)
    if (isThere !== undefined) throw damaged(nameOf(database.file, run, from), 'it is missing')
    throw new StorageFault('STORAGE_UNAVAILABLE', 'The run was deleted while it was read.', { ambiguous: false })
  }
  return { json: `[${texts.join(',')}]`, next }
}

/** `Storage.getBlob`. */
export function getBlob(
  store: Store,
  { runId, sha256 }: { readonly runId: string; readonly sha256: string },
): string | undefined {
  const run = runOf(store, runId)
  const sql = 'SELECT text FROM segno_blobs WHERE run = ? AND sha256 = ?'
  return run && store.database.one<{ text: string }>(sql, run.id, sha256)?.text
}

/** `Storage.list`: in the order of creation, newest first. */
export function list(
  store: Store,
  { filter, page }: { readonly filter: RunFilter; readonly page: { readonly limit: number; readonly cursor?: string } },
  now: number,
): RunPage {
  const { status, workflow, labels } = filter
  if (workflow !== undefined && !isKept(workflow)) return { runs: [] }
  const has = labelled(labels)
  const conditions = [
    'id < ?',
    ...(status === undefined ? [] : [`status IN (${status.map(() => '?').join(', ')})`]),
    ...(workflow === undefined ? [] : ['workflow = ?']),
  ]
  const before = page.cursor === undefined ? Number.MAX_SAFE_INTEGER : placeAt(page.cursor)
  const records = store.database.all<RunRecord>(
    `SELECT * FROM segno_runs WHERE ${conditions.join(' AND ')}${has.sql} ORDER BY id DESC LIMIT ?`,
    ...[before, ...(status ?? [])],
    ...[...(workflow === undefined ? [] : [workflow]), ...has.values],
    // One more than asked for tells that there is a next page.
    page.limit + 1,
  )
  const shown = records.slice(0, page.limit)
  const last = shown.at(-1)
  const runs = shown.map((run) => rowOf(store, checkedRun(run), now))
  return last !== undefined && records.length > shown.length ? { runs, cursor: String(last.id) } : { runs }
}

interface Span {
  readonly run: number
  readonly from: number
  readonly to: number
}

interface EventRecord {
  readonly seq: number
  readonly json: string
  readonly crc: number
}

const eventsPerPage = 1_000
const charactersPerPage = 1_000_000

function nameOf(file: string, run: number, seq: number): string {
  return `${file}: event ${seq} of the run with the number ${run}`
}

// A snapshot is a cache: one that is not as it was written is none.
function snapshotOf({ database }: Store, run: RunRecord): SnapshotText | undefined {
  const sql = 'SELECT seq, format, json, crc FROM segno_snapshots WHERE run = ?'
  const kept = run.snapshot_seq === 0 ? undefined : database.one<SnapshotText & { crc: number }>(sql, run.id)
  if (kept === undefined || crc32(kept.json) !== kept.crc || kept.seq > run.head) return undefined
  return { seq: kept.seq, format: kept.format, json: kept.json }
}

function placeAt(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new StorageFault('CURSOR_INVALID', `${JSON.stringify(cursor)} is not a cursor of this storage.`, {
    ambiguous: false,
  })
}
