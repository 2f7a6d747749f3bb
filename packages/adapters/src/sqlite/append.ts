import { crc32 } from 'node:zlib'
import { appendRefusal, isTerminal, StorageFault, type AppendOutcome } from '@segno/core/storage'
import { isKept } from './faults.ts'
import type { AppendText } from './protocol.ts'
import { readPage } from './read-run.ts'
import { creationCrc, isLeased, runOf, runWriter, type RunRecord, type Store } from './store.ts'
import { writeBlobs, writeEvents, writeSnapshot } from './write-rows.ts'

/** `Storage.append`. */
export function append(store: Store, request: AppendText, now: number): AppendOutcome {
  const run = runOf(store, request.runId)
  if (run?.incarnation !== request.incarnation) return { outcome: 'gone', now }
  const batches = JSON.parse(run.batches) as readonly Remembered[]
  // Before every other question: the first answer may have been lost, and since
  // then the lease may have been too.
  if (wasWritten(store, run, { batches, request })) return { outcome: 'duplicate', now, inboxHead: run.inbox_head }
  const refusal = appendRefusal(request, {
    now,
    status: run.status,
    head: run.head,
    inboxHead: run.inbox_head,
    isHeld: run.token === request.token && isLeased(run, now),
    hasMessage: (id) => isOpen(store, run, id),
  })
  if (refusal !== undefined) return { outcome: refusal, now }
  write(store, run, { request, now, batches: remembered(batches, [request.token, request.batchId, markOf(request)]) })
  return { outcome: 'ok', now, inboxHead: run.inbox_head }
}

/** The token, the id and the mark of the last batch of a lease. */
type Remembered = readonly [token: number, batchId: string, mark: string]

// A holder can be unsure of its last batch only. Older ones of its lease were
// acknowledged, or it would not have gone on.
const leasesRemembered = 4

function remembered(batches: readonly Remembered[], batch: Remembered): string {
  const others = batches.filter(([token]) => token !== batch[0])
  return JSON.stringify([...others.slice(1 - leasesRemembered), batch])
}

// What `isSameBatch` compares beside the events, which are in the journal. A batch may have consumed ten thousand messages.
function markOf({ expectedSeq, status, wakeAt, consume = [], events }: AppendText): string {
  const consumed = consume.length === 0 ? '' : crc32(JSON.stringify(consume))
  return `${expectedSeq} ${events.length} ${status} ${wakeAt} ${consume.length} ${consumed}`
}

interface Asked {
  readonly batches: readonly Remembered[]
  readonly request: AppendText
}

function wasWritten(store: Store, run: RunRecord, { batches, request }: Asked): boolean {
  const batch = batches.find(([, id]) => id === request.batchId)
  if (batch === undefined) return false
  if (batch[2] === markOf(request) && isInJournal(store, run, request)) return true
  const message = `Run ${JSON.stringify(run.run_id)}: batch ${JSON.stringify(request.batchId)} was written with other content.`
  throw new StorageFault('BATCH_REUSED', message, { ambiguous: false })
}

function isInJournal(store: Store, run: RunRecord, { expectedSeq, events }: AppendText): boolean {
  const to = expectedSeq + events.length
  for (let from = expectedSeq + 1; from <= to;) {
    const { json, next } = readPage(store, { run: run.id, from, to })
    const sent = events.slice(from - expectedSeq - 1, next - expectedSeq - 1).map((event) => event.json)
    if (json !== `[${sent.join(',')}]`) return false
    from = next
  }
  return true
}

function isOpen({ database }: Store, run: RunRecord, id: string): boolean {
  const sql = 'SELECT 1 FROM segno_messages WHERE run = ? AND message_id = ? AND json IS NOT NULL'
  return isKept(id) && database.one(sql, run.id, id) !== undefined
}

interface Writing {
  readonly request: AppendText
  readonly now: number
  readonly batches: string
}

const writeStep = runWriter(['head', 'wake_at', 'updated_at', 'batches'])
const writeAppended = runWriter([
  ...(['status', 'head', 'wake_at', 'updated_at', 'batches', 'snapshot_seq'] as const),
  ...(['owner', 'process', 'expires_at', 'due_at', 'plan', 'crc'] as const),
])

function write(store: Store, run: RunRecord, { request, now, batches }: Writing): void {
  const { database } = store
  const { events, blobs = [], consume = [], snapshot, status, wakeAt, plan = run.plan } = request
  writeEvents(database, run.id, events)
  writeBlobs(database, run.id, blobs)
  for (const id of consume) {
    database.run('UPDATE segno_messages SET json = NULL WHERE run = ? AND message_id = ?', run.id, id)
  }
  const isNewer = snapshot !== undefined && snapshot.seq > run.snapshot_seq
  if (isNewer) writeSnapshot(database, run.id, snapshot)
  const step = { head: request.expectedSeq + events.length, wake_at: wakeAt, updated_at: now, batches }
  const lease = leaseAfter(request, now)
  // A column of an index that is written, be it as it was, writes the index: a page more that has to be synced.
  if (lease === undefined && status === run.status && plan === run.plan && !isNewer) return writeStep(store, run, step)
  const { owner, process, expires_at, due_at } = lease ?? run
  writeAppended(store, run, {
    ...{ ...step, status, snapshot_seq: isNewer ? snapshot.seq : run.snapshot_seq },
    ...{ owner, process, expires_at, due_at },
    ...{ plan, crc: plan === run.plan ? run.crc : creationCrc({ ...run, plan }) },
  })
}

type LeaseRecord = Pick<RunRecord, 'owner' | 'process' | 'expires_at' | 'due_at'>

/** What the lease of a run is after a batch that gives it back. */
function leaseAfter({ status, park, release, wakeAt }: AppendText, now: number): LeaseRecord | undefined {
  const ended = isTerminal(status)
  if (!ended && park === undefined && release !== true) return undefined
  const dueAt = ended ? null : park === undefined ? now : wakeAt
  return { owner: null, process: null, expires_at: null, due_at: dueAt }
}
