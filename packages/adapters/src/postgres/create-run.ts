import { checkBatch, StorageFault, type CreateOutcome, type NewRun, type Storage } from '@segno/core'
import { keptTexts } from './append.ts'
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
  const text = `SELECT ${store.schema}.create_run(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`
  const answer = await change<CreateAnswer>(store, text, createValues(run, batch, options))
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

function createValues(run: NewRun, batch: FirstBatch, { inputHash, idempotencyKey, claim }: CreateOptions): unknown[] {
  const { events, blobs = [], status, wakeAt } = batch
  return [
    ...[keptName(run.runId), keptName(run.incarnation), keptName(run.workflow), keptName(run.plan)],
    ...[JSON.stringify(run.labels), keptLabels(run.labels)],
    ...[keptOrNull(run.parent?.runId), keptOrNull(run.parent?.path), keptOrNull(idempotencyKey), keptName(inputHash)],
    ...[status, wakeAt, events.length, JSON.stringify(events)],
    ...[blobs.map(({ sha256 }) => keptName(sha256)), keptTexts(blobs)],
    ...[keptOrNull(claim?.owner), claim?.ttlMs ?? null],
  ]
}

function keptOrNull(name: string | undefined): string | null {
  return name === undefined ? null : keptName(name)
}
