import { appendRefusal, isSameBatch, isTerminal, StorageFault } from '@segno/core'
import type { AppendOutcome, AppendRequest } from '@segno/core'
import { writeBlobs } from './blobs.ts'
import { ifPossible, onDisk, unavailable } from './faults.ts'
import { fileNameOf } from './file-name.ts'
import { refreshInbox, syncInbox } from './inbox.ts'
import { journalOf, segmentPath, segmentsIn } from './layout.ts'
import { writeNote } from './lease-note.ts'
import { writeForPeople } from './people.ts'
import { currentState } from './read-run.ts'
import { placedBatch } from './read-events.ts'
import { batchText, type EndMark } from './record.ts'
import { applyBatch, headOf, type BatchPlace, type RunState } from './run-state.ts'
import { readHead } from './segment.ts'
import { snapshotJson, writeSnapshot } from './snapshot-file.ts'
import { afterwards, entryOf, inBackground, inTurn, letGo, type FileStore, type Held, type RunEntry } from './store.ts'

/** `Storage.append`. */
export async function append(store: FileStore, request: AppendRequest): Promise<AppendOutcome> {
  const name = fileNameOf(request.runId)
  if (name === undefined) return { outcome: 'gone', now: store.now() }
  const entry = entryOf(store, name)
  const answer = await inTurn(entry, () => appendInTurn(store, entry, request))
  if (answer.outcome === 'ok') store.hint(request.runId, 'journal')
  return answer
}

async function appendInTurn(store: FileStore, entry: RunEntry, request: AppendRequest): Promise<AppendOutcome> {
  const now = store.now()
  // A holder knows its run: nothing is read before an append but what may have come into the inbox.
  const isPlain = request.park === undefined && (request.consume ?? []).length === 0
  const isHolding = isPlain && entry.held?.token === request.token && (entry.state?.lease.expiresAt ?? 0) > now
  const state = isHolding ? entry.state : await onDisk(false, currentState(store, entry))
  if (state?.incarnation !== request.incarnation) return { outcome: 'gone', now }
  // Before every other question: the first answer may have been lost, and since
  // then the lease may have been too.
  if (await wasWritten(store, entry, { state, request })) {
    return { outcome: 'duplicate', now, inboxHead: state.inbox.head }
  }
  const { held } = entry
  const refusal = appendRefusal(request, {
    now,
    status: state.status,
    head: headOf(state),
    inboxHead: state.inbox.head,
    isHeld: held?.token === request.token && state.lease.expiresAt > now,
    hasMessage: (id) => state.inbox.open.has(id),
  })
  if (refusal !== undefined) return { outcome: refusal, now }
  if (held === undefined) return { outcome: 'fenced', now }
  return write(store, entry, { state, request, held, now })
}

interface Known {
  readonly state: RunState
  readonly request: AppendRequest
}

async function wasWritten(store: FileStore, entry: RunEntry, { state, request }: Known): Promise<boolean> {
  const place = state.batches.findLast(({ batchId }) => batchId === request.batchId)
  if (place === undefined) return false
  const { events, end } = await onDisk(false, placedBatch(store.disk, state.folder, place))
  const { status, wakeAt, consumed } = end
  const written = { ...request, expectedSeq: place.expectedSeq, events, status, wakeAt, consume: consumed }
  if (!isSameBatch(written, request)) {
    const message = `Run ${JSON.stringify(request.runId)}: batch ${JSON.stringify(request.batchId)} was written with other content.`
    throw new StorageFault('BATCH_REUSED', message, { ambiguous: false })
  }
  if (entry.held?.token !== place.segment) await onDisk(true, settle(store, state, place))
  return true
}

// A batch of another process may have been written and not be durable, and a lease
// that is just being taken may yet seal its segment before it.
async function settle({ disk }: FileStore, state: RunState, { segment }: BatchPlace): Promise<void> {
  if (state.seen.segment > segment && state.links.at(-1)?.segment === segment) {
    throw unavailable(new Error('another process is taking the run over'), true)
  }
  const file = await disk.open(segmentPath(state.folder, segment))
  try {
    await file?.sync()
  } finally {
    await file?.close()
  }
  await disk.syncFolder(journalOf(state.folder))
}

interface Writing extends Known {
  readonly held: Held
  readonly now: number
}

async function write(store: FileStore, entry: RunEntry, writing: Writing): Promise<AppendOutcome> {
  const { state, request, held, now } = writing
  const end = endOf(request, now)
  const bytes = Buffer.from(batchText(request.expectedSeq, request.events, end))
  const snapshot = snapshotOf(state, request)
  await onDisk(false, writeBlobs(store, entry, request.blobs ?? []))
  if (end.park !== undefined || end.consumed !== undefined) await onDisk(false, syncInbox(store, entry, state))
  const offset = state.end.segment === held.token ? state.end.offset : startOf(state, held)
  const next = offset + bytes.length
  const segments = await writeBytes(store, entry, { state, held, bytes, offset })
  const fate = await judged(entry, fateOf(store, state, { token: held.token, next, segments }))
  if (fate !== 'ok') return { outcome: fate, now }
  state.recent = undefined
  applyBatch(state, end, { segment: held.token, offset, next })
  if (snapshot !== undefined) await ifPossible(writeSnapshot(store.disk, state, snapshot))
  if (state.lease.givenBack !== undefined) {
    entry.held = undefined
    if (!isTerminal(state.status)) await ifPossible(rests(store, state))
    inBackground(entry, () => rested(store, state, held))
    afterwards(entry, () => writeForPeople(store.disk, state, request.snapshot))
  }
  return { outcome: 'ok', now, inboxHead: state.inbox.head }
}

// A message that came while the batch was written was perhaps told of when this storage held the run, and did not look at it.
async function rests(store: FileStore, state: RunState): Promise<void> {
  await refreshInbox(store, state)
  await store.changes.tell()
}

// What this storage wrote itself it need not read again, as long as the segment is as it left it.
async function rested({ disk }: FileStore, state: RunState, { token, file }: Held): Promise<void> {
  const [look] = await Promise.all([disk.look(segmentPath(state.folder, token)), file.close()])
  if (look?.size === state.end.offset) state.seen = { segment: token, ...look }
}

function startOf(state: RunState, held: Held): number {
  return state.links.find(({ segment }) => segment === held.token)?.start ?? 0
}

function endOf(request: AppendRequest, at: number): EndMark {
  const { batchId, events, status, wakeAt, plan, consume = [], park, release } = request
  return {
    ...{ batchId, n: events.length, status, wakeAt, at },
    ...(plan === undefined ? {} : { plan }),
    ...(consume.length === 0 ? {} : { consumed: consume }),
    ...(park === undefined ? {} : { park: { inboxHead: park.inboxHead } }),
    ...(release === true ? { release } : {}),
  }
}

function snapshotOf(state: RunState, { snapshot }: AppendRequest): { seq: number; json: string } | undefined {
  if (snapshot === undefined || snapshot.seq <= state.snapshotSeq) return undefined
  return { seq: snapshot.seq, json: snapshotJson(snapshot) }
}

interface Bytes {
  readonly state: RunState
  readonly held: Held
  readonly bytes: Uint8Array
  readonly offset: number
}

// After a write or a sync that failed, nobody knows what the file holds, and a later
// sync of it may succeed all the same. So this lease is over: the next one seals the
// segment where it was sure.
async function writeBytes(
  store: FileStore,
  entry: RunEntry,
  { state, held, bytes, offset }: Bytes,
): Promise<readonly number[]> {
  try {
    await held.file.commit(bytes)
    return await segmentsFrom(store, state.folder, held.token)
  } catch (error) {
    await giveUp(store, entry, { state, goodUntil: offset })
    const look = hasNoRoom(error) ? await ifKnown(store.disk.look(segmentPath(state.folder, held.token))) : undefined
    const isPart = look !== undefined && look.size < offset + bytes.length
    throw unavailable(error, !isPart)
  }
}

/**
 * The segments of a run that are there, from that of a lease on; none where the run is gone.
 *
 * Whoever takes the run over makes the next segment first, and then reads and syncs
 * this one. Where it is not there after a write, whoever makes it will find the batch.
 * And where this one is there after that look, the look was at this run: what is
 * renamed away does not come back.
 */
async function segmentsFrom({ disk }: FileStore, folder: string, token: number): Promise<readonly number[]> {
  const isNext = await disk.has(segmentPath(folder, token + 1))
  if (!isNext && (await disk.has(segmentPath(folder, token)))) return [token]
  const names = (await disk.list(journalOf(folder))) ?? []
  return segmentsIn(names).filter((segment) => segment >= token)
}

async function ifKnown<Value>(work: Promise<Value>): Promise<Value | undefined> {
  const [known] = await Promise.allSettled([work])
  return known.status === 'fulfilled' ? known.value : undefined
}

async function giveUp(
  store: FileStore,
  entry: RunEntry,
  { state, goodUntil }: { readonly state: RunState; readonly goodUntil: number },
): Promise<void> {
  const { token, ...lease } = state.lease
  const expiresAt = Math.min(lease.expiresAt, store.now())
  state.lease = { ...state.lease, expiresAt }
  const note = { expiresAt, goodUntil }
  entry.doubt = { incarnation: state.incarnation, segment: token, note }
  await ifPossible(letGo(entry))
  await ifPossible(writeNote(store.disk, state.folder, { token, ...note }))
  await store.changes.tell()
}

function hasNoRoom(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS' || code === 'EFBIG'
}

type Fate = 'ok' | 'fenced' | 'gone'

interface Written {
  readonly token: number
  readonly next: number
  readonly segments: readonly number[]
}

/** What a lease that was taken in the meantime made of a batch that ends at `next`. */
async function fateOf({ disk }: FileStore, { folder }: RunState, { token, next, segments }: Written): Promise<Fate> {
  if (segments.length === 0) return 'gone'
  const later = segments.filter((segment) => segment > token)
  if (later.length === 0) return 'ok'
  for (const segment of later.toReversed()) {
    const { seal } = await readHead(disk, folder, segment)
    if (seal === undefined) continue
    // Leases came and went since: the first of them sealed this one.
    if (seal.segment > token) continue
    return seal.segment === token && seal.length >= next ? 'ok' : 'fenced'
  }
  throw new Error('another process is taking the run over')
}

// Without a good answer the lease is over for this process: what the segment holds is read again.
async function judged(entry: RunEntry, fate: Promise<Fate>): Promise<Fate> {
  try {
    const known = await onDisk(true, fate)
    if (known !== 'ok') await ifPossible(letGo(entry))
    return known
  } catch (error) {
    await ifPossible(letGo(entry))
    throw error
  }
}
