import { isTerminal, isWanted, type AcquiredRun, type LeaseName, type Storage } from '@segno/core'
import { isDamage, onDisk } from './faults.ts'
import { fileNameOf } from './file-name.ts'
import { journalOf, segmentsIn } from './layout.ts'
import { writeNote } from './lease-note.ts'
import { currentState } from './read-run.ts'
import { dueAt, rowOf, type RunState } from './run-state.ts'
import { atOnce, scan, scanDue } from './scan.ts'
import { entryOf, inTurn, isLost, letGo, type FileStore, type RunEntry } from './store.ts'
import { takeLease } from './take-lease.ts'

type AcquireOptions = Parameters<Storage['acquire']>[0]
type RenewOptions = Parameters<Storage['renew']>[0]

/** `Storage.acquire`. */
export async function acquire(store: FileStore, options: AcquireOptions): ReturnType<Storage['acquire']> {
  const now = store.now()
  // What this storage holds itself it need not look at.
  const isFree = ({ held, state }: RunEntry): boolean => held === undefined || (state?.lease.expiresAt ?? 0) <= now
  const dueOf = (state: RunState): number => dueAt(state, now, isLost(store, state.lease)) ?? Infinity
  const { runIds } = options
  const named = runIds && entriesOf(store, runIds).filter(isFree)
  const work =
    named === undefined
      ? scanDue(store, isFree, (state) => dueOf(state) <= now)
      : scan(store, named, { keepsRecent: true })
  const due: { readonly entry: RunEntry; readonly at: number; readonly state: RunState }[] = []
  const scanned = await onDisk(false, work)
  for (const { entry, state } of scanned) {
    const { runId, creation } = state
    const at = dueOf(state)
    if (at <= now && isWanted({ ...creation, runId }, options)) due.push({ entry, at, state })
  }
  due.sort((a, b) => a.at - b.at || byCreation(a.state, b.state))
  const runs: AcquiredRun[] = []
  for (let at = 0; at < due.length && runs.length < options.limit;) {
    const next = due.slice(at, at + Math.min(options.limit - runs.length, atOnce))
    at += next.length
    const takes = next.map(({ entry }) => inTurn(entry, () => acquireSound(store, entry, options)))
    for (const taken of await onDisk(true, Promise.all(takes))) if (taken !== undefined) runs.push(taken)
  }
  // Nobody is going to load what was not taken.
  for (const { entry, state } of scanned) if (entry.held === undefined) state.recent = undefined
  return { now, runs }
}

/** `Storage.renew`. */
export async function renew(store: FileStore, { leases, ttlMs }: RenewOptions): ReturnType<Storage['renew']> {
  const now = store.now()
  const renewals = leases.map(async (lease) => {
    const { runId } = lease
    const renewed = await withHeld(store, lease, async (entry, state) => {
      if (await isOvertaken(store, state)) {
        await letGo(entry)
        return []
      }
      const expiresAt = now + ttlMs
      await writeNote(store.disk, state.folder, { token: lease.token, expiresAt })
      state.lease = { ...state.lease, expiresAt }
      return [{ runId, expiresAt, inboxHead: state.inbox.head }]
    })
    return renewed ?? []
  })
  return { now, renewed: (await onDisk(true, Promise.all(renewals))).flat() }
}

/** `Storage.release`. */
export async function release(store: FileStore, lease: LeaseName): Promise<void> {
  const work = withHeld(store, lease, async (entry, state) => {
    const at = store.now()
    await writeNote(store.disk, state.folder, { token: lease.token, expiresAt: state.lease.expiresAt, givenBackAt: at })
    state.lease = { ...state.lease, givenBack: { at } }
    state.recent = undefined
    await letGo(entry)
    await store.changes.tell()
    return true
  })
  if ((await onDisk(true, work)) === true) store.hint(lease.runId, 'journal')
}

/** The order of runs that are due at the same instant: the older one first. */
function byCreation(a: RunState, b: RunState): number {
  return a.creation.createdAt - b.creation.createdAt || (a.runId < b.runId ? -1 : 1)
}

function entriesOf(store: FileStore, runIds: readonly string[]): RunEntry[] {
  const names = new Set(runIds.flatMap((runId) => fileNameOf(runId) ?? []))
  return [...names].map((name) => entryOf(store, name))
}

// One that is damaged keeps no other from being taken up.
async function acquireSound(
  store: FileStore,
  entry: RunEntry,
  options: AcquireOptions,
): Promise<AcquiredRun | undefined> {
  try {
    return await acquireOne(store, entry, options)
  } catch (error) {
    if (isDamage(error)) return undefined
    throw error
  }
}

async function acquireOne(
  store: FileStore,
  entry: RunEntry,
  options: AcquireOptions,
): Promise<AcquiredRun | undefined> {
  const now = store.now()
  const state = await currentState(store, entry, { keepsRecent: true })
  if (state === undefined) return undefined
  const at = dueAt(state, now, isLost(store, state.lease))
  if (at === undefined || at > now) return undefined
  const expired = state.lease.givenBack === undefined
  const expiresAt = now + options.ttlMs
  const taken = await takeLease(store, entry, { state, owner: options.owner, expiresAt })
  if (taken === undefined || isTerminal(taken.status)) return undefined
  const { runId, incarnation, lease } = taken
  return { lease: { runId, incarnation, token: lease.token, expiresAt }, row: rowOf(taken, false), expired }
}

/** Does something with a lease that is held at this moment; `undefined` if it is not. */
async function withHeld<Value>(
  store: FileStore,
  { runId, incarnation, token }: LeaseName,
  work: (entry: RunEntry, state: RunState) => Promise<Value>,
): Promise<Value | undefined> {
  const name = fileNameOf(runId)
  if (name === undefined) return undefined
  const entry = entryOf(store, name)
  return inTurn(entry, async () => {
    const state = await currentState(store, entry)
    if (state?.incarnation !== incarnation || entry.held?.token !== token) return undefined
    return work(entry, state)
  })
}

async function isOvertaken({ disk }: FileStore, { folder, lease }: RunState): Promise<boolean> {
  const names = await disk.list(journalOf(folder))
  return names === undefined || (segmentsIn(names).at(-1) ?? 0) > lease.token
}
