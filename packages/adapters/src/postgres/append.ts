import { checkBatch, isSameBatch, StorageFault } from '@segno/core'
import type { AppendOutcome, AppendRequest, Blob, RunStatus } from '@segno/core'
import type { TextRow } from './connection.ts'
import { appendNext, knownBatch } from './functions.ts'
import { arraysOf, keptStatement, type GroupedCalls, type GroupValues } from './group-queue.ts'
import { keptName, keptText } from './names.ts'
import { change, look, type PostgresStore } from './store.ts'

/** `Storage.append`: one call of a function in the store, which decides and writes. */
export async function append(store: PostgresStore, request: AppendRequest): Promise<AppendOutcome> {
  const mistake = mistakeIn(request)
  if (mistake !== undefined) return judgeWrong(store, request, mistake)
  const answer = await (bringsEventsOnly(request)
    ? store.appends.ask(nextValues(request)).then(answerFrom)
    : change<AppendAnswer>(store, appendText(store.schema), appendValues(request)))
  return outcomeOf(store, request, answer)
}

/** What became of an append, from what the function in the store said. */
export async function outcomeOf(
  store: PostgresStore,
  request: AppendRequest,
  answer: AppendAnswer,
): Promise<AppendOutcome> {
  if (answer.outcome === 'known') return again(store, request, answer)
  if (answer.outcome === 'ok') store.hint(request.runId, 'journal')
  return answer
}

/** The text of the statement that calls the function. */
export function appendText(schema: string): string {
  const values = Array.from({ length: 20 }, (_, index) => `$${index + 1}`)
  return `SELECT ${schema}.append(${values.join(', ')})`
}

/** How the appends of many runs are written at a time. */
export function groupedAppends(schema: string): GroupedCalls {
  const types = ['text', 'text', 'bigint', 'bigint', 'text', 'text', 'bigint', 'text', 'text', 'float8']
  const goingOn = keptStatement(appendNext(schema, { ends: false }))
  const ending = keptStatement(appendNext(schema, { ends: true }))
  const places = types.map((type, index) => `$${index + 1}::${type}`)
  return {
    one: (values) => (isEnd(values[statusPlace]) ? ending : goingOn),
    many: keptStatement(`SELECT now, inbox_head, place FROM ${schema}.append_many(${arraysOf(types)})`),
    otherwise: `SELECT ${schema}.append(${places.join(', ')}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL)`,
  }
}

const statusPlace = 8

function isEnd(status: string | number | null | undefined): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

// One value is what the function says, and several are of a batch that was written as it was to be.
function answerFrom([first = null, inboxHead]: TextRow): AppendAnswer {
  if (inboxHead === undefined) return JSON.parse(first ?? 'null')
  return { outcome: 'ok', now: Number(first), inboxHead: Number(inboxHead) }
}

// All that a batch can bring but events is rare, and judged by the longer function.
function bringsEventsOnly(request: AppendRequest): boolean {
  const { events, notBefore, consume, blobs, snapshot, park, release, plan } = request
  const others = [notBefore, snapshot, park, plan]
  const lists = [consume, blobs]
  if (events.length === 0 || release === true) return false
  return others.every((other) => other === undefined) && lists.every((list = []) => list.length === 0)
}

// What both begin with.
function nextValues(request: AppendRequest): GroupValues {
  const { expectedSeq, events, status, wakeAt, consume = [] } = request
  const remembered: RememberedBatch = { expectedSeq, n: events.length, status, wakeAt, consume }
  return [
    ...([keptName(request.runId), keptName(request.incarnation), request.token, expectedSeq] as const),
    ...([keptName(request.batchId), JSON.stringify(remembered), events.length, JSON.stringify(events)] as const),
    ...([status, wakeAt] as const),
  ]
}

/** What is bound to it. */
export function appendValues(request: AppendRequest): unknown[] {
  const { consume = [], blobs = [], snapshot, park, release, plan } = request
  return [
    ...nextValues(request),
    ...[request.notBefore ?? null, consume.map(keptName)],
    ...[blobs.map(({ sha256 }) => keptName(sha256)), keptTexts(blobs)],
    ...[
      snapshot?.seq ?? null,
      snapshot?.format ?? null,
      snapshot === undefined ? null : JSON.stringify(snapshot.state),
    ],
    ...[park?.inboxHead ?? null, release === true, plan === undefined ? null : keptName(plan)],
  ]
}

/** The texts of blobs. */
export function keptTexts(blobs: readonly Blob[]): string[] {
  return blobs.map(({ text }) => keptText(text, 'a blob'))
}

/** What the function in the store answers. */
export type AppendAnswer = AppendOutcome | KnownBatch

interface KnownBatch {
  readonly outcome: 'known'
  readonly now: number
  readonly inboxHead: number
  /** The run's key in the tables. */
  readonly id: number
  /** A `RememberedBatch` as JSON. */
  readonly batch: string
}

/** What is kept of the last batch of a lease, beside its events. */
interface RememberedBatch {
  readonly expectedSeq: number
  readonly n: number
  readonly status: RunStatus
  readonly wakeAt: number | null
  readonly consume: readonly string[]
}

async function again(store: PostgresStore, request: AppendRequest, known: KnownBatch): Promise<AppendOutcome> {
  const { n, ...batch }: RememberedBatch = JSON.parse(known.batch)
  const text = `SELECT events FROM ${store.schema}.journal WHERE run = $1 AND last_seq = $2`
  const events = n === 0 ? [] : await look<AppendRequest['events']>(store, text, [known.id, batch.expectedSeq + n])
  const { now, inboxHead } = known
  if (isSameBatch({ ...request, ...batch, events: events ?? [] }, request))
    return { outcome: 'duplicate', now, inboxHead }
  const message = `Run ${JSON.stringify(request.runId)}: batch ${JSON.stringify(request.batchId)} was written with other content.`
  throw new StorageFault('BATCH_REUSED', message, { ambiguous: false })
}

/** What is wrong with a batch by itself. */
export function mistakeIn(request: AppendRequest): StorageFault | undefined {
  const { runId, expectedSeq, events, park, release } = request
  try {
    checkBatch(runId, expectedSeq, request)
    if (events.length > 0 || park !== undefined || release === true) return undefined
    const message = `Run ${JSON.stringify(runId)}: an empty batch that gives nothing back.`
    return new StorageFault('BATCH_INVALID', message, { ambiguous: false })
  } catch (error) {
    if (error instanceof StorageFault) return error
    throw error
  }
}

/** What becomes of a batch that contradicts itself: that is judged last, since there may be no such run, or another batch of its name. */
export async function judgeWrong(
  store: PostgresStore,
  request: AppendRequest,
  mistake: StorageFault,
): Promise<AppendOutcome> {
  const { schema } = store
  const text = `SELECT json_build_object('now', ${schema}.now_ms(), 'inboxHead', r.inbox_head, 'id', r.id,
    'isKnown', $3 = r.batch_id IS TRUE OR $3 = ANY (r.batch_ids), 'batch', ${knownBatch('r', '$3')})
    FROM (SELECT) AS one LEFT JOIN ${schema}.runs r ON r.run_id = $1 AND r.incarnation = $2`
  const names = [request.runId, request.incarnation, request.batchId].map(keptName)
  const found = await look<KnownBatch & { readonly isKnown: boolean | null }>(store, text, names)
  if (found === undefined || found.isKnown === null) return { outcome: 'gone', now: found?.now ?? 0 }
  if (found.isKnown) return again(store, request, found)
  throw mistake
}
