import { isTerminal, type InboxMessage, type RunRow, type RunStatus } from '@segno/core'
import type { Creation, LeaseHead, Seal, SegmentHead, SegmentHeader } from './segment.ts'
import type { EndMark, JournalRecord } from './record.ts'

/** A place between two batches: `seq` is the next event's. */
export interface Mark {
  readonly seq: number
  readonly segment: number
  readonly offset: number
}

/** Where the last batch of a lease is, to be compared with one that has the same id. */
export interface BatchPlace {
  readonly batchId: string
  readonly segment: number
  readonly offset: number
  readonly next: number
  readonly expectedSeq: number
}

/** A segment of the journal: its batches stand from `start` to `end`, which is not known of the last one. */
export interface Link {
  readonly segment: number
  readonly start: number
  readonly end?: number
}

/** The newest lease of a run. */
export interface LeaseState extends LeaseHead {
  /** The number of its segment. */
  readonly token: number
  /** Once it was given back: when, and up to where the inbox was seen by who parked the run. */
  readonly givenBack?: { readonly at: number; readonly inboxHead?: number }
}

/** The inbox of a run, as far as it was read. */
export interface InboxState {
  head: number
  /** Up to which message it is known to be durable. */
  syncedTo: number
  /** Ids of all messages, by which a message that comes again is known. */
  readonly ids: Set<string>
  /** Messages not yet consumed, oldest first. */
  readonly open: Map<string, InboxMessage>
  /** Ids consumed by the journal whose messages were not read yet. */
  readonly consumed: Set<string>
  /** What a snapshot knew: of the messages up to `head` only these were open. */
  readonly settled: { readonly head: number; readonly open: ReadonlySet<string> }
}

/** The last records of a journal as they were just read, from the event `seq` up to the one before `next`. */
export interface Recent {
  readonly seq: number
  next: number
  readonly records: JournalRecord[]
}

/** What is known of a run: the fold of its journal, without the events. */
export interface RunState {
  readonly runId: string
  readonly incarnation: string
  readonly folder: string
  /** Its plan is the one that the run goes by now. */
  creation: Creation
  status: RunStatus
  wakeAt: number | null
  updatedAt: number
  /** Behind the last batch. */
  end: Mark
  /** Sparse, ascending, the first one at the beginning of the journal or of what was read of it. */
  readonly marks: Mark[]
  /** From the segment of the first mark on. */
  links: Link[]
  batches: readonly BatchPlace[]
  lease: LeaseState
  inbox: InboxState
  /** `seq` of the snapshot; 0 without one. */
  snapshotSeq: number
  /** The newest segment as it was when the journal was read, to see whether it was read to its end. */
  seen: { readonly segment: number; readonly size: number; readonly identity: string }
  /** Kept from the look that finds a run due until the run is loaded, which asks for the same. */
  recent?: Recent | undefined
}

/** A run of which nothing was read but how its first segment begins. */
export function newState(folder: string, { header, start }: SegmentHead, creation: Creation): RunState {
  const { runId, incarnation, segment } = header
  const mark = { seq: 1, segment, offset: start }
  return {
    ...{ runId, incarnation, folder, creation },
    ...{ status: 'queued', wakeAt: null, updatedAt: creation.createdAt },
    ...{ end: mark, marks: [mark], links: [{ segment, start }], batches: [], snapshotSeq: 0 },
    lease: leaseOf(header, creation),
    inbox: noInbox,
    seen: { segment: 0, size: 0, identity: '' },
  }
}

/** The lease of a segment. That of segment 0 is nobody's: the run is due. */
export function leaseOf({ segment: token, lease }: SegmentHeader, { createdAt }: Creation): LeaseState {
  if (lease !== undefined) return { token, ...lease }
  return { token, owner: '', expiresAt: createdAt, process: { pid: 0, host: '' }, givenBack: { at: createdAt } }
}

/** An inbox that was not read yet. */
export function emptyInbox(settled: InboxState['settled'] = { head: 0, open: new Set() }): InboxState {
  return { head: 0, syncedTo: 0, ids: new Set(), open: new Map(), consumed: new Set(), settled }
}

/** The inbox of every run that has had no message: most runs never have one, and there may be very many. */
export const noInbox: InboxState = emptyInbox()

/** The inbox of a run, to be changed. */
export function ownInbox(state: RunState): InboxState {
  if (state.inbox === noInbox) state.inbox = emptyInbox()
  return state.inbox
}

/** `seq` of the last event. */
export function headOf(state: RunState): number {
  return state.end.seq - 1
}

/** Folds a batch that stands in `segment` from `offset` to `next`. */
export function applyBatch(
  state: RunState,
  end: EndMark,
  { segment, offset, next }: { readonly segment: number; readonly offset: number; readonly next: number },
): void {
  const expectedSeq = headOf(state)
  state.end = { seq: expectedSeq + end.n + 1, segment, offset: next }
  if (state.end.seq - (state.marks.at(-1)?.seq ?? 0) >= eventsPerMark) state.marks.push(state.end)
  state.status = end.status
  state.wakeAt = end.wakeAt
  if (end.plan !== undefined) state.creation = { ...state.creation, plan: end.plan }
  state.updatedAt = end.at
  for (const id of end.consumed ?? []) if (!state.inbox.open.delete(id)) ownInbox(state).consumed.add(id)
  if (end.batchId !== null) remember(state, { batchId: end.batchId, segment, offset, next, expectedSeq })
  if (segment !== state.lease.token) return
  if (isTerminal(end.status) || end.release === true) state.lease = { ...state.lease, givenBack: { at: end.at } }
  else if (end.park !== undefined) state.lease = { ...state.lease, givenBack: { at: end.at, ...end.park } }
}

/** Where to begin to read in order to come to `seq`. */
export function markBefore(state: RunState, seq: number): Mark | undefined {
  return state.marks.findLast((mark) => mark.seq <= seq)
}

/** Where the batches of the last effective segment end: what a next segment seals. */
export function sealFor(state: RunState): Seal {
  const last = state.links.at(-1)
  const segment = last?.segment ?? state.end.segment
  return { segment, length: state.end.segment === segment ? state.end.offset : (last?.start ?? 0) }
}

/** Whether somebody holds the run. */
export function isHeld(state: RunState, isLost: boolean): boolean {
  return !isTerminal(state.status) && state.lease.givenBack === undefined && !isLost
}

/** When the run became or becomes due; `undefined` while it waits for a message only, and once it has ended. */
export function dueAt(state: RunState, now: number, isLost: boolean): number | undefined {
  if (isTerminal(state.status)) return undefined
  const { givenBack, expiresAt } = state.lease
  if (givenBack === undefined) return isLost ? Math.min(expiresAt, now) : expiresAt
  // Another host's clock said when. What has happened is due now, whatever it said.
  const { inboxHead } = givenBack
  if (inboxHead === undefined) return Math.min(givenBack.at, now)
  const times = state.wakeAt === null ? [] : [state.wakeAt]
  if (state.inbox.head > inboxHead) times.push(Math.min(messageAfter(state, inboxHead), now))
  return times.length === 0 ? undefined : Math.min(...times)
}

/** The row of the run. */
export function rowOf(state: RunState, isLost: boolean): RunRow {
  const { runId, incarnation, creation, lease, status } = state
  const { workflow, plan, labels, parent, createdAt, idempotencyKey } = creation
  const isDriven = lease.givenBack === undefined && !isTerminal(status)
  return {
    ...{ runId, incarnation, workflow, plan, labels: { ...labels } },
    ...(parent === undefined ? {} : { parent }),
    ...{ status, head: headOf(state), wakeAt: state.wakeAt, createdAt, updatedAt: state.updatedAt },
    inboxHead: state.inbox.head,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(isDriven ? { holder: { owner: lease.owner, expiresAt: lease.expiresAt, isLost } } : {}),
  }
}

const eventsPerMark = 128

// A holder can be unsure of its last batch only. Older ones of its lease were
// acknowledged, or it would not have gone on.
const leasesRemembered = 4

function remember(state: RunState, batch: BatchPlace): void {
  const others = state.batches.filter(({ segment }) => segment !== batch.segment)
  state.batches = others.slice(-(leasesRemembered - 1)).concat(batch)
}

function messageAfter(state: RunState, n: number): number {
  for (const message of state.inbox.open.values()) if (message.n > n) return message.deliveredAt
  return state.updatedAt
}
