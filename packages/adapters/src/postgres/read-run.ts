import { StorageFault, type InboxMessage, type LoadedRun, type RunRow, type Snapshot } from '@segno/core'
import type { Definition, Json, RunEvent } from '@segno/schema/plan'
import { keptName } from './names.ts'
import { messageFrom, rowFrom, type KeptMessage, type KeptRow } from './rows.ts'
import type { TextRow } from './connection.ts'
import { look, lookForRows, type PostgresStore } from './store.ts'

/** `Storage.row`. */
export async function readRow(store: PostgresStore, runId: string): Promise<RunRow | undefined> {
  const { schema } = store
  const text = `SELECT json_build_object('now', ${schema}.now_ms(), 'row', ${schema}.run_row(r))
    FROM ${schema}.runs AS r WHERE run_id = $1`
  const found = await look<{ readonly now: number; readonly row: KeptRow }>(store, text, [keptName(runId)])
  return found && rowFrom(store, found.row, found.now)
}

/** `Storage.load`: one statement, so that all of it is of one moment; what does not fit is read page by page. */
export async function loadRun(
  store: PostgresStore,
  runId: string,
  { withPlan = false }: { readonly withPlan?: boolean } = {},
): Promise<LoadedRun | undefined> {
  const { schema } = store
  const text = withPage(
    schema,
    `SELECT r.id, r.plan, coalesce(s.seq, 0) + 1 AS next,
      json_build_object('now', ${schema}.now_ms(), 'id', r.id, 'row', ${schema}.run_row(r),
        'snapshot', CASE WHEN s.run IS NOT NULL THEN json_build_array(s.seq, s.format, s.state) END,
        'inbox', (${inboxOf(schema, 'r.id', '0')}))::text AS told
    FROM ${schema}.runs AS r LEFT JOIN ${schema}.snapshots AS s ON s.run = r.id WHERE r.run_id = $1`,
    withPlan,
  )
  const [found, page, plan] = await lookWithPage<LoadAnswer>(store, text, [keptName(runId)])
  if (found === undefined) return undefined
  const { now, id } = found
  const snapshot = found.snapshot === null ? undefined : snapshotFrom(found.snapshot)
  const row = rowFrom(store, found.row, now)
  const next = (snapshot?.seq ?? 0) + 1
  return {
    now,
    row,
    ...(snapshot === undefined ? {} : { snapshot }),
    tail: events(store, { id, runId, next, head: row.head }, page),
    inbox: messagesFrom(found.inbox),
    ...(plan === undefined ? {} : { definition: JSON.parse(plan) as Definition }),
  }
}

/** `Storage.read`. */
export async function* readEvents(
  store: PostgresStore,
  runId: string,
  from: number,
): AsyncGenerator<readonly RunEvent[]> {
  const { schema } = store
  const next = Math.max(1, from)
  const text = withPage(
    schema,
    `SELECT r.id, $2::bigint AS next, json_build_object('id', r.id, 'head', r.head)::text AS told
    FROM ${schema}.runs AS r WHERE r.run_id = $1`,
  )
  const [found, page] = await lookWithPage<ReadAnswer>(store, text, [keptName(runId), next])
  if (found !== undefined) yield* events(store, { id: found.id, runId, next, head: found.head }, page)
}

/** `Storage.inbox`. */
export async function readInbox(store: PostgresStore, runId: string, after: number): Promise<readonly InboxMessage[]> {
  const { schema } = store
  const text = `SELECT (${inboxOf(schema, 'r.id', '$2')}) FROM ${schema}.runs AS r WHERE r.run_id = $1`
  return messagesFrom((await look<KeptInbox>(store, text, [keptName(runId), after])) ?? null)
}

/** `Storage.getBlob`. */
export async function readBlob(store: PostgresStore, runId: string, sha256: string): Promise<string | undefined> {
  const { schema } = store
  const text = `SELECT to_json(b.content) FROM ${schema}.blobs AS b JOIN ${schema}.runs AS r ON r.id = b.run
    WHERE r.run_id = $1 AND b.sha256 = $2`
  return look<string>(store, text, [keptName(runId), keptName(sha256)])
}

type KeptInbox = readonly KeptMessage[] | null
type KeptSnapshot = readonly [seq: number, format: number, state: string]
/** The batches of a page: the `seq` of the first event, and the events as JSON. */
type KeptPage = readonly TextRow[]

interface ReadAnswer {
  readonly id: number
  readonly head: number
}

interface LoadAnswer {
  readonly now: number
  readonly id: number
  readonly row: KeptRow
  readonly snapshot: KeptSnapshot | null
  readonly inbox: KeptInbox
}

interface Span {
  /** The run's key in the tables: another one where the run was deleted and made again. */
  readonly id: number
  readonly runId: string
  readonly next: number
  readonly head: number
}

const eventsPerPage = 1_000

// As many batches as fit, and one at least.
const batchesPerPage = 1_000
const bytesPerPage = 1024 * 1024

const pageOf = (schema: string, run: string, from: string): string => `
  SELECT first_seq, events FROM (
    SELECT *, sum(size) OVER (ORDER BY last_seq) - size AS before FROM (
      SELECT first_seq, last_seq, size, events FROM ${schema}.journal
      WHERE run = ${run} AND last_seq >= ${from} ORDER BY last_seq LIMIT ${batchesPerPage}
    ) AS batches
  ) AS page WHERE before < ${bytesPerPage}`

// What is told of the run is the row of no event, and those after it are the first page of its journal from `next`. Its
// plan, which may be long, comes before it.
const withPage = (schema: string, found: string, withPlan = false): string => `
  WITH found AS MATERIALIZED (${found})
  SELECT 0 AS first_seq, told AS events FROM found${withPlan ? planOf(schema) : ''}
  UNION ALL SELECT page.first_seq, page.events FROM found, LATERAL (${pageOf(schema, 'found.id', 'found.next')}) AS page
  ORDER BY first_seq`

const planOf = (schema: string): string => `
  UNION ALL SELECT -1, p.definition FROM found JOIN ${schema}.plans AS p ON p.hash = found.plan`

async function lookWithPage<Answer>(
  store: PostgresStore,
  text: string,
  values: readonly unknown[],
): Promise<readonly [Answer | undefined, KeptPage, plan: string | undefined]> {
  const rows = await lookForRows(store, text, values)
  const plan = rows[0]?.[0] === '-1' ? (rows[0][1] ?? undefined) : undefined
  const [told, ...page] = plan === undefined ? rows : rows.slice(1)
  return [told === undefined ? undefined : JSON.parse(told[1] ?? 'null'), page, plan]
}

const inboxOf = (schema: string, run: string, after: string): string => `
  SELECT json_agg(json_build_array(n, delivered_at, message) ORDER BY n) FROM ${schema}.inbox
  WHERE run = ${run} AND n > ${after} AND message IS NOT NULL`

// What was appended after the first page was read is not among them.
async function* events(store: PostgresStore, span: Span, first: KeptPage): AsyncGenerator<readonly RunEvent[]> {
  let page = first
  let next = span.next
  while (next <= span.head) {
    if (page.length === 0) page = await nextPage(store, span.id, next)
    if (page.length === 0 && !(await isThere(store, span.id))) return
    const found: RunEvent[] = []
    for (const [first, text] of page) {
      const firstSeq = Number(first)
      const batch = batchFrom(text ?? '', span, firstSeq)
      if (firstSeq + batch.length <= next) continue
      if (firstSeq > next) throw damaged(span, next)
      for (const event of batch.slice(next - firstSeq, span.head - firstSeq + 1)) found.push(event)
      next = firstSeq + batch.length
    }
    if (found.length === 0) throw damaged(span, next)
    for (let at = 0; at < found.length; at += eventsPerPage) yield found.slice(at, at + eventsPerPage)
    page = []
  }
}

async function nextPage(store: PostgresStore, id: number, from: number): Promise<KeptPage> {
  return lookForRows(store, `${pageOf(store.schema, '$1', '$2')} ORDER BY first_seq`, [id, from])
}

async function isThere(store: PostgresStore, id: number): Promise<boolean> {
  return (await look(store, `SELECT 1 FROM ${store.schema}.runs WHERE id = $1`, [id])) !== undefined
}

function batchFrom(text: string, span: Span, firstSeq: number): RunEvent[] {
  try {
    return JSON.parse(text)
  } catch {
    throw damaged(span, firstSeq)
  }
}

function damaged({ runId }: Span, seq: number): StorageFault {
  const message = `Run ${JSON.stringify(runId)}: the journal does not hold event ${seq} as it was written. Nothing was changed.`
  return new StorageFault('JOURNAL_DAMAGED', message, { ambiguous: false })
}

function snapshotFrom([seq, format, text]: KeptSnapshot): Snapshot {
  const state: Json = JSON.parse(text)
  return { seq, format, state }
}

function messagesFrom(kept: KeptInbox): readonly InboxMessage[] {
  return (kept ?? []).map((message) => messageFrom(message))
}
