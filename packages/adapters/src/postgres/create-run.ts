import { checkBatch, StorageFault, type Blob, type CreateOutcome, type NewRun, type Storage } from '@segno/core'
import { keptTexts } from './append.ts'
import type { TextRow } from './connection.ts'
import { callsOf, type GroupedCalls, type GroupValues } from './group-queue.ts'
import { keptLabels, keptName, nameFrom } from './names.ts'
import { change, type PostgresStore } from './store.ts'

type FirstBatch = Parameters<Storage['createRun']>[1]
type CreateOptions = Parameters<Storage['createRun']>[2]

/** `Storage.createRun`: one call of the function in the store. */
export async function createRun(
  store: PostgresStore,
  run: NewRun,
  batch: FirstBatch,
  options: CreateOptions,
): Promise<CreateOutcome> {
  checkBatch(run.runId, 0, batch)
  if (batch.events.length === 0) {
    const message = `Run ${JSON.stringify(run.runId)}: created without an event.`
    throw new StorageFault('BATCH_INVALID', message, { ambiguous: false })
  }
  const process = options.claim === undefined ? null : await store.host.processId()
  const values = createValues({ run, batch, options, process })
  const { blobs = [] } = batch
  const answer = await (blobs.length === 0
    ? store.creations.ask(values).then(answerFrom)
    : createWithBlobs(store, values, blobs))
  const { now } = answer
  if (answer.outcome === 'existing') return { ...answer, runId: nameFrom(answer.runId) }
  store.hint(run.runId, 'journal')
  const { expiresAt } = answer
  if (expiresAt === null) return { outcome: 'created', now }
  const { runId, incarnation } = run
  return { outcome: 'created', now, lease: { runId, incarnation, token: 1, expiresAt } }
}

type CreateAnswer =
  | { readonly outcome: 'created'; readonly now: number; readonly expiresAt: number | null }
  | { readonly outcome: 'existing'; readonly now: number; readonly runId: string; readonly sameInput: boolean }

/** How runs without blobs are created, many at a time. */
export function groupedCreations(schema: string): GroupedCalls {
  return callsOf(schema, 'create_run', [
    ...['text', 'text', 'text', 'text', 'text', 'text[]', 'text', 'text', 'text', 'text', 'text', 'float8'],
    ...['bigint', 'text', 'text', 'float8', 'bigint'],
  ])
}

function answerFrom([answer]: TextRow): CreateAnswer {
  return JSON.parse(answer ?? 'null')
}

async function createWithBlobs(
  store: PostgresStore,
  values: GroupValues,
  blobs: readonly Blob[],
): Promise<CreateAnswer> {
  const places = Array.from({ length: values.length + 2 }, (_, index) => `$${index + 1}`)
  const text = `SELECT ${store.schema}.create_run(${places.join(', ')})`
  return change(store, text, [...values, blobs.map(({ sha256 }) => keptName(sha256)), keptTexts(blobs)])
}

interface Creation {
  readonly run: NewRun
  readonly batch: FirstBatch
  readonly options: CreateOptions
  readonly process: number | null
}

function createValues({ run, batch, options, process }: Creation): GroupValues {
  const { events, status, wakeAt } = batch
  const { inputHash, idempotencyKey, claim } = options
  return [
    keptName(run.runId),
    ...[keptName(run.incarnation), keptName(run.workflow), keptName(run.plan)],
    ...[JSON.stringify(run.labels), arrayText(keptLabels(run.labels))],
    ...[keptOrNull(run.parent?.runId), keptOrNull(run.parent?.path), keptOrNull(idempotencyKey), keptName(inputHash)],
    ...[status, wakeAt, events.length, JSON.stringify(events)],
    ...[keptOrNull(claim?.owner), claim?.ttlMs ?? null, process],
  ]
}

// As PostgreSQL writes an array.
function arrayText(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`).join(',')}}`
}

function keptOrNull(name: string | undefined): string | null {
  return name === undefined ? null : keptName(name)
}
