import { checkBatch, isTerminal, StorageFault, type CreateOutcome, type Lease, type NewRun } from '@segno/core/storage'
import { isKept, unsupported } from './faults.ts'
import { labelText } from './labels.ts'
import { processOf } from './processes.ts'
import type { CreationText } from './protocol.ts'
import { creationCrc, isLeased, runOf, checkedRun, stateCrc, type About, type RunRecord, type Store } from './store.ts'
import { writeBlobs, writeEvents } from './write-rows.ts'

/** `Storage.createRun`. */
export function createRun(store: Store, creation: CreationText, now: number): CreateOutcome {
  const { run, batch, options } = creation
  checkBatch(run.runId, 0, batch)
  if (batch.events.length === 0) {
    throw new StorageFault('BATCH_INVALID', `Run ${JSON.stringify(run.runId)}: created without an event.`, {
      ambiguous: false,
    })
  }
  refuseOdd(creation)
  const claim = isTerminal(batch.status) ? undefined : options.claim
  const expiresAt = claim === undefined ? null : now + claim.ttlMs
  const isNew = insert(store, creation, { now, owner: claim?.owner ?? null, expiresAt })
  if (!isNew) return existingOf(store, creation, now)
  if (expiresAt === null) return { outcome: 'created', now }
  return { outcome: 'created', now, lease: { runId: run.runId, incarnation: run.incarnation, token: 1, expiresAt } }
}

function existingOf(store: Store, creation: CreationText, now: number): CreateOutcome {
  const { run, options } = creation
  const existing = ofKey(store, creation) ?? runOf(store, run.runId)
  if (existing === undefined) throw new Error('the run that is in the place of a new one is not there')
  const first = options.claim === undefined ? undefined : firstLease(existing, run, now)
  if (first !== undefined) return { outcome: 'created', now, lease: first }
  return { outcome: 'existing', now, runId: existing.run_id, sameInput: existing.input_hash === options.inputHash }
}

function refuseOdd({ run, options }: CreationText): void {
  const { runId, incarnation, workflow, plan } = run
  const texts = [runId, incarnation, workflow, plan, options.inputHash, options.idempotencyKey, options.claim?.owner]
  for (const text of texts)
    if (text !== undefined && !isKept(text)) throw unsupported(`the name ${JSON.stringify(text)}`)
}

function ofKey({ database }: Store, { run, options }: CreationText): RunRecord | undefined {
  const { idempotencyKey } = options
  if (idempotencyKey === undefined) return undefined
  const sql = 'SELECT * FROM segno_runs WHERE workflow = ? AND idempotency_key = ?'
  const existing = database.one<RunRecord>(sql, run.workflow, idempotencyKey)
  return existing && checkedRun(existing)
}

/** The lease that this very creation was given, if it was this one and if the lease stands. */
function firstLease(existing: RunRecord, { runId, incarnation }: NewRun, now: number): Lease | undefined {
  const { token, expires_at: expiresAt } = existing
  if (existing.run_id !== runId || existing.incarnation !== incarnation || token !== 1) return undefined
  return expiresAt !== null && isLeased(existing, now) ? { runId, incarnation, token, expiresAt } : undefined
}

interface FirstHolder {
  readonly now: number
  readonly owner: string | null
  readonly expiresAt: number | null
}

/** False where the run exists, or its key is taken. */
function insert(store: Store, { run, batch, options }: CreationText, { now, owner, expiresAt }: FirstHolder): boolean {
  const { database } = store
  const about: About = { labels: run.labels, ...(run.parent === undefined ? {} : { parent: run.parent }) }
  const record: Omit<RunRecord, 'id' | 'crc' | 'state_crc'> = {
    ...{ run_id: run.runId, incarnation: run.incarnation, workflow: run.workflow, plan: run.plan },
    ...{ idempotency_key: options.idempotencyKey ?? null, input_hash: options.inputHash, about: JSON.stringify(about) },
    ...{ created_at: now, updated_at: now, status: batch.status, head: batch.events.length, wake_at: batch.wakeAt },
    ...{ inbox_head: 0, snapshot_seq: 0, token: expiresAt === null ? 0 : 1, owner, expires_at: expiresAt },
    ...{
      process: expiresAt === null ? null : processOf(store),
      due_at: isTerminal(batch.status) ? null : (expiresAt ?? now),
    },
    batches: '[]',
  }
  const created = { ...record, crc: creationCrc(record) }
  const values = { ...created, state_crc: stateCrc(created) }
  const id = database.insert(insertRun, ...columns.map((name) => values[name]))
  if (id === undefined) return false
  store.known?.runs.set(run.runId, { id, ...values })
  for (const label of Object.entries(run.labels)) {
    database.run('INSERT INTO segno_labels (run, label) VALUES (?, ?)', id, labelText(...label))
  }
  writeEvents(database, id, batch.events)
  writeBlobs(database, id, batch.blobs ?? [])
  return true
}

const columns = [
  ...(['run_id', 'incarnation', 'workflow', 'plan', 'idempotency_key', 'input_hash', 'about', 'crc'] as const),
  ...(['created_at', 'updated_at', 'status', 'head', 'wake_at', 'inbox_head', 'snapshot_seq'] as const),
  ...(['token', 'owner', 'process', 'expires_at', 'due_at', 'batches', 'state_crc'] as const),
] as const
const insertRun = `INSERT INTO segno_runs (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`
