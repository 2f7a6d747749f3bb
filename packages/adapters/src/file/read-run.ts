import { isTerminal } from '@segno/core'
import { batchesIn, type StoredBatch } from './batches.ts'
import { chainOf, type Chain } from './chain.ts'
import type { Disk } from './disk.ts'
import { damaged, isDamage } from './faults.ts'
import { refreshInbox } from './inbox.ts'
import { journalOf, keptPath, notePath, segmentPath, segmentsIn } from './layout.ts'
import { readKept, readNote, type LeaseNote } from './lease-note.ts'
import { applyBatch, headOf, leaseOf, newState, type Recent, type RunState } from './run-state.ts'
import type { SegmentHead } from './segment.ts'
import { readCheckpoint } from './snapshot-file.ts'
import { forget, letGo, type FileStore, type RunEntry } from './store.ts'

/**
 * What is known of a run, as it is now; `undefined` when there is none. Reads only
 * what was written since the last time. To be called in the run's turn.
 */
export async function currentState(
  store: FileStore,
  entry: RunEntry,
  { keepsRecent = false }: { readonly keepsRecent?: boolean } = {},
): Promise<RunState | undefined> {
  const { held, state } = entry
  if (held !== undefined && state !== undefined) {
    // A thread may have kept it while this one was busy.
    if (state.lease.expiresAt <= store.now()) await hearKept(store, state, held.token)
    if (state.lease.expiresAt > store.now()) {
      await refreshInbox(store, state)
      return state
    }
  }
  await letGo(entry)
  const refreshed = await refreshedState(store, entry)
  if (refreshed !== undefined && !keepsRecent) refreshed.recent = undefined
  return refreshed
}

/** The same for a run whose lease this storage does not have, or is about to take. */
export async function refreshedState(store: FileStore, entry: RunEntry): Promise<RunState | undefined> {
  const before = entry.state?.incarnation
  try {
    if (await isOver(store, entry.state)) return entry.state
    entry.state = await refreshed(store, entry)
    entry.fault = undefined
    if (entry.state !== undefined) await refreshInbox(store, entry.state)
  } catch (error) {
    entry.state = undefined
    // A disk that fails now may answer next time; what is damaged stays so.
    if (isDamage(error)) entry.fault = error
    throw error
  }
  if (entry.state?.incarnation !== before) entry.synced.length = 0
  if (entry.state === undefined) forget(store, entry)
  return entry.state
}

async function refreshed(store: FileStore, entry: RunEntry): Promise<RunState | undefined> {
  const { disk } = store
  const names = await disk.list(journalOf(entry.folder))
  if (names === undefined) return undefined
  const segments = segmentsIn(names)
  const newest = segments.at(-1) ?? 1
  const look = await disk.look(segmentPath(entry.folder, newest))
  if (look === undefined) return missing(store, entry, newest)
  const seen = { segment: newest, ...look }
  const known = await sameRun(store, entry.state, seen)
  const noteOf = async (segment: number): Promise<LeaseNote | undefined> =>
    names.includes(noteName(segment)) ? readNote(disk, entry.folder, segment) : undefined
  const isUnchanged = known?.seen.segment === seen.segment && known.seen.size === seen.size
  const state = isUnchanged ? known : await readOn(store, entry, { known, segments, noteOf })
  state.seen = seen
  const note = doubtOf(entry, state, newest) ?? (await noteOf(newest))
  if (note !== undefined && state.lease.givenBack === undefined) {
    const { expiresAt, givenBackAt } = note
    state.lease = {
      ...state.lease,
      expiresAt,
      ...(givenBackAt === undefined ? {} : { givenBack: { at: givenBackAt } }),
    }
  }
  if (names.includes(keptName(newest))) await hearKept(store, state, newest)
  return state
}

/** Takes in how long a lease lasts that a thread renews beside its holder. */
async function hearKept({ disk }: FileStore, state: RunState, token: number): Promise<void> {
  if (state.lease.token !== token || state.lease.givenBack !== undefined) return
  const { expiresAt } = (await readKept(disk, state.folder, token)) ?? state.lease
  if (expiresAt > state.lease.expiresAt) state.lease = { ...state.lease, expiresAt }
}

// Nothing follows the end of a run: it is there as it was, or it was deleted.
async function isOver({ disk }: FileStore, state: RunState | undefined): Promise<boolean> {
  if (state === undefined || !isTerminal(state.status) || state.seen.segment !== state.end.segment) return false
  const look = await disk.look(segmentPath(state.folder, state.seen.segment))
  return look?.identity === state.seen.identity && look.size === state.seen.size
}

// The folder was renamed away between two looks, or its segments are not there.
async function missing(store: FileStore, { folder }: RunEntry, segment: number): Promise<undefined> {
  if ((await store.disk.list(journalOf(folder))) === undefined) return undefined
  throw await damaged(store.disk, { path: segmentPath(folder, segment), offset: 0 }, 'the segment is missing')
}

/** What was known, if it is of this run and not of one that had its name before. */
async function sameRun(
  store: FileStore,
  state: RunState | undefined,
  seen: RunState['seen'],
): Promise<RunState | undefined> {
  if (state === undefined || seen.segment < state.seen.segment) return undefined
  const isSame = seen.segment === state.seen.segment
  const look = isSame ? seen : await store.disk.look(segmentPath(state.folder, state.seen.segment))
  return look?.identity === state.seen.identity ? state : undefined
}

interface Found {
  readonly known: RunState | undefined
  readonly segments: readonly number[]
  readonly noteOf: (segment: number) => Promise<LeaseNote | undefined>
}

async function readOn(store: FileStore, entry: RunEntry, { known, segments, noteOf }: Found): Promise<RunState> {
  const { disk } = store
  const { folder } = entry
  const from = known ?? (await readCheckpoint(disk, folder))
  const chain = from && (await chainOf(disk, folder, { segments, stopAt: from.end.segment }))
  const first = chain?.links[0]
  // Where a later lease sealed less than what was known, that was never acknowledged.
  const isUsable = first?.end === undefined || from === undefined || first.end >= from.end.offset
  if (from !== undefined && chain !== undefined && isUsable && from.incarnation === chain.newest.header.incarnation) {
    from.links = [...from.links.filter(({ segment }) => segment < from.end.segment), ...chain.links]
    await applyAll(disk, from, { entry, newest: chain.newest, noteOf })
    return from
  }
  const whole = await chainOf(disk, folder, { segments })
  const state = await emptyState(disk, folder, whole)
  await applyAll(disk, state, { entry, newest: whole.newest, noteOf })
  if (headOf(state) > 0) return state
  const place = { path: segmentPath(folder, state.end.segment), offset: state.end.offset }
  throw await damaged(disk, place, 'the batch that the run was created with is not whole')
}

interface Ending extends Pick<Found, 'noteOf'> {
  readonly entry: RunEntry
  readonly newest: SegmentHead
}

async function applyAll(disk: Disk, state: RunState, { entry, newest, noteOf }: Ending): Promise<void> {
  const { header } = newest
  if (state.lease.token !== header.segment) state.lease = leaseOf(header, state.creation)
  for (const link of state.links) {
    const { segment } = link
    if (segment < state.end.segment) continue
    const from = segment === state.end.segment ? state.end.offset : link.start
    // The last segment goes as far as it is sure.
    const to = link.end ?? (doubtOf(entry, state, segment) ?? (await noteOf(segment)))?.goodUntil
    const span = {
      path: segmentPath(state.folder, segment),
      from,
      head: headOf(state),
      ...(to === undefined ? {} : { to }),
    }
    for await (const batches of batchesIn(disk, span)) {
      for (const batch of batches) {
        state.recent = recentWith(state, batch)
        applyBatch(state, batch.end, { segment, offset: batch.offset, next: batch.next })
      }
    }
  }
}

// More is what nobody has left a snapshot of, and is read page by page.
const recentMax = 1_000

function recentWith({ recent, end: { seq } }: RunState, { records, end }: StoredBatch): Recent {
  const follows = recent?.next === seq && recent.records.length + records.length <= recentMax
  const all = follows ? recent : { seq, next: seq, records: [] }
  all.records.push(...records)
  all.next += end.n
  return all
}

function doubtOf({ doubt }: RunEntry, { incarnation }: RunState, segment: number): LeaseNote | undefined {
  return doubt?.incarnation === incarnation && doubt.segment === segment ? doubt.note : undefined
}

function noteName(segment: number): string {
  return notePath('', segment).slice('/journal/'.length)
}

async function emptyState(disk: Disk, folder: string, { links, newest, oldest }: Chain): Promise<RunState> {
  const { segment, run } = oldest.header
  if (run === undefined) {
    throw await damaged(disk, { path: segmentPath(folder, segment), offset: 0 }, 'the first segment is missing')
  }
  return { ...newState(folder, oldest, run), links: [...links], lease: leaseOf(newest.header, run) }
}

function keptName(segment: number): string {
  return keptPath('', segment).slice(journalOf('').length + 1)
}
