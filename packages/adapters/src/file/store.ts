import type { Storage } from '@segno/core'
import type { ProcessIdentity } from '../process/process-identity.ts'
import type { Changes } from './changes.ts'
import type { Disk, DiskFile } from './disk.ts'
import type { Layout } from './layout.ts'
import type { LeaseNote } from './lease-note.ts'
import type { LeaseState, RunState } from './run-state.ts'

/** A lease that this storage took, with its segment open for writing. */
export interface Held {
  readonly incarnation: string
  readonly token: number
  readonly file: DiskFile
}

/** What this storage knows of a run. */
export interface RunEntry {
  readonly name: string
  readonly folder: string
  /** The end of whatever was last asked for; the next begins after it. */
  turn: Promise<unknown>
  /** What is being written for people, which nobody waits for but who removes the run. */
  forPeople: Promise<unknown>
  state: RunState | undefined
  held: Held | undefined
  /** The note of a lease that was given up after a write or a sync that failed; perhaps it could not be written either. */
  doubt: { readonly incarnation: string; readonly segment: number; readonly note: LeaseNote } | undefined
  /** Folders of the run whose names are known to be durable. */
  readonly synced: string[]
  /** Why the run cannot be read; it is left out of lists until somebody asks for it by its name. */
  fault: Error | undefined
  /** Whether the run has ended and was read to its end. */
  isSettled: boolean
}

/** All that a file storage has. */
export interface FileStore {
  /** Tells this storage from every other one. */
  readonly name: string
  readonly disk: Disk
  readonly layout: Layout
  readonly now: () => number
  readonly identity: ProcessIdentity
  readonly isDead: (identity: ProcessIdentity) => boolean
  readonly entries: Map<string, RunEntry>
  /** Makes the names of runs durable that are there when it is called. */
  readonly syncRuns: () => Promise<void>
  /** Makes the folders of the store, once. */
  readonly ready: () => Promise<void>
  /** A name that no other process gives to what it is making. */
  readonly freshName: () => string
  readonly plans: Set<string>
  readonly keyTurns: Map<string, Promise<unknown>>
  /** Bytes in the file of deletions when runs were last listed. */
  deletions: number
  readonly changes: Changes
  /** When runs were last looked at, how many changes others had told of before that, and which runs come next. */
  looked: { at: number; readonly others: number; round: Iterator<RunEntry> } | undefined
  readonly hint: (...news: Parameters<Parameters<NonNullable<Storage['subscribe']>>[0]>) => void
}

/** The entry of a run by the name of its folder; made if it is the first time. */
export function entryOf(store: FileStore, name: string): RunEntry {
  const known = store.entries.get(name)
  if (known !== undefined) return known
  const folder = `${store.layout.runs}/${name}`
  const entry: RunEntry = {
    name,
    folder,
    turn: Promise.resolve(),
    forPeople: Promise.resolve(),
    state: undefined,
    held: undefined,
    doubt: undefined,
    synced: [],
    fault: undefined,
    isSettled: false,
  }
  store.entries.set(name, entry)
  return entry
}

/** Does one thing after another with a run: what is read in one turn is still true when it writes. */
export function inTurn<Value>(entry: RunEntry, work: () => Promise<Value>): Promise<Value> {
  const turn = entry.turn.then(work, work)
  // Whoever asked hears of the failure; who comes next begins all the same.
  entry.turn = turn.then(
    () => undefined,
    () => undefined,
  )
  return turn
}

/** Does something in the turn of a run that nobody waits for, and that may fail: it is not truth. */
export function inBackground(entry: RunEntry, work: () => Promise<void>): void {
  void Promise.allSettled([inTurn(entry, work)])
}

/** Writes for people, one thing after another, beside the turns of the run. It may fail: it is not truth. */
export function afterwards(entry: RunEntry, work: () => Promise<void>): void {
  entry.forPeople = entry.forPeople.then(async () => {
    await Promise.allSettled([work()])
  })
}

/** Whether a lease is over although it was never given back. */
export function isLost(store: FileStore, lease: LeaseState): boolean {
  if (lease.givenBack !== undefined) return false
  return lease.expiresAt <= store.now() || store.isDead(lease.process)
}

/** Closes the segment of a lease that this storage has no more. */
export async function letGo(entry: RunEntry): Promise<void> {
  const { held } = entry
  entry.held = undefined
  await held?.file.close()
}

/** Forgets a run that does not exist. Its entry goes too, once nobody waits for its turn. */
export function forget(store: FileStore, entry: RunEntry): void {
  if (entry.held !== undefined) return
  entry.state = undefined
  entry.fault = undefined
  entry.doubt = undefined
  entry.synced.length = 0
  const { turn } = entry
  void turn.then(() => {
    if (entry.turn === turn && entry.state === undefined) store.entries.delete(entry.name)
  })
}
