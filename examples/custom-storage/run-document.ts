import type { AppendRequest, InboxMessage, LeaseHolder, RunEvent, RunRow, Snapshot } from 'segno'

/** All that belongs to one run, as one value: what changes together is written together. */
export interface RunDocument {
  row: Mutable<Omit<RunRow, 'holder'>>
  /** Its place in the order of creation. */
  readonly order: number
  readonly inputHash: string
  events: RunEvent[]
  snapshot: Snapshot | null
  readonly blobs: Record<string, string>
  inbox: InboxMessage[]
  /** Ids of all messages ever accepted. */
  readonly accepted: string[]
  /** Of the newest lease. */
  token: number
  /** Who holds it, or held it last and never gave it back. */
  lease: { owner: string; expiresAt: number } | null
  /** When a run that nobody holds is due; never, as `null`. */
  dueAt: number | null
  /** The last batch of each of the last leases. */
  batches: AppendRequest[]
}

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] }

const leasesRemembered = 4

/** The row of a run, as it is given out. */
export function rowAt({ row, lease }: RunDocument, now: number): RunRow {
  if (lease === null) return row
  const holder: LeaseHolder = { ...lease, isLost: lease.expiresAt <= now }
  return { ...row, holder }
}

/** Whether somebody holds the run, under this token if there is one. */
export function isHeld({ lease, token }: RunDocument, now: number, wanted = token): boolean {
  return lease !== null && lease.expiresAt > now && token === wanted
}

/** When somebody may take the run: when it is due, or once its lease has run out. */
export function dueAt({ lease, dueAt: due }: RunDocument): number {
  return (lease === null ? due : lease.expiresAt) ?? Number.POSITIVE_INFINITY
}

/** Writes a batch that nothing speaks against. */
export function write(run: RunDocument, request: AppendRequest, now: number, isEnd: boolean): void {
  run.events.push(...request.events)
  run.inbox = run.inbox.filter(({ id }) => request.consume?.includes(id) !== true)
  for (const { sha256, text } of request.blobs ?? []) run.blobs[sha256] = text
  const { status, wakeAt, plan = run.row.plan } = request
  Object.assign(run.row, { head: request.expectedSeq + request.events.length, status, wakeAt, plan, updatedAt: now })
  if (request.snapshot !== undefined && request.snapshot.seq > (run.snapshot?.seq ?? 0)) run.snapshot = request.snapshot
  const others = run.batches.filter(({ token }) => token !== request.token)
  run.batches = [...others, request].slice(-leasesRemembered)
  if (!isEnd && request.park === undefined && request.release !== true) return
  run.lease = null
  run.dueAt = isEnd ? null : request.park === undefined ? now : wakeAt
}
