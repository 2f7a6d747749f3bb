import { isTerminal } from '@segno/core'
import { isDamage } from './faults.ts'
import { nameOfFile } from './file-name.ts'
import { currentState } from './read-run.ts'
import type { RunState } from './run-state.ts'
import { entryOf, forget, inTurn, type FileStore, type RunEntry } from './store.ts'

/** A run of a scan. */
export interface Scanned {
  readonly entry: RunEntry
  readonly state: RunState
}

/**
 * All runs that are wanted as they are now. Of the journals only what was written since the last
 * time is read, and nothing of runs that have ended. A run that is damaged is left
 * out: it says so to whoever asks for it by its name.
 */
export async function scanAll(store: FileStore, isWanted: (entry: RunEntry) => boolean): Promise<Scanned[]> {
  const { disk, layout, changes } = store
  const [at, others] = [store.now(), await changes.others()]
  const deletions = await deletionsOf(store)
  const names = new Set(await disk.list(layout.runs))
  for (const entry of store.entries.values()) {
    // What has ended does not change, but its name may be another run's by now.
    if (deletions !== store.deletions) entry.isSettled = false
    if (!names.has(entry.name)) forget(store, entry)
  }
  store.deletions = deletions
  const entries = [...names].filter((name) => nameOfFile(name) !== undefined).map((name) => entryOf(store, name))
  const readable = entries.filter((entry) => entry.fault === undefined && isWanted(entry))
  const scanned = await scan(store, readable)
  store.looked = others === undefined ? undefined : { at, others, round: store.entries.values() }
  return scanned
}

// How late something may be found whose process did not live to tell of it, ms.
const roundMs = 60_000

/**
 * All that are wanted and are due, and perhaps others. While nobody else has told of a change runs
 * are as this storage knows them, and it looks at so few of them each time that it has looked at
 * all once in a minute.
 */
export async function scanDue(
  store: FileStore,
  isWanted: (entry: RunEntry) => boolean,
  isDue: (state: RunState) => boolean,
): Promise<Scanned[]> {
  if (!(await isAsKnown(store))) return scanAll(store, isWanted)
  const turn = new Set(nextOnes(store))
  const known: Scanned[] = []
  const asked: RunEntry[] = []
  for (const entry of store.entries.values()) {
    if (entry.fault !== undefined || entry.isSettled || !isWanted(entry)) continue
    if (entry.state === undefined || turn.has(entry)) asked.push(entry)
    else if (isDue(entry.state)) known.push({ entry, state: entry.state })
  }
  return [...known, ...(await scan(store, asked))]
}

async function isAsKnown(store: FileStore): Promise<boolean> {
  const { looked } = store
  if (looked === undefined) return false
  const agoMs = store.now() - looked.at
  const isRecent = agoMs >= 0 && agoMs < roundMs
  return isRecent && (await store.changes.others()) === looked.others && (await deletionsOf(store)) === store.deletions
}

/** Runs to be looked at, by the time that has passed since the last ones were. */
function nextOnes({ entries, looked, now }: FileStore): RunEntry[] {
  if (looked === undefined) return []
  const count = Math.floor((entries.size * (now() - looked.at)) / roundMs)
  looked.at += (count * roundMs) / Math.max(1, entries.size)
  const next: RunEntry[] = []
  while (next.length < count) {
    const { value, done } = looked.round.next()
    if (done === true) looked.round = entries.values()
    else next.push(value)
  }
  return next
}

async function deletionsOf({ disk, layout }: FileStore): Promise<number> {
  return (await disk.look(layout.deletions))?.size ?? 0
}

/** Some runs as they are now. */
export async function scan(
  store: FileStore,
  entries: readonly RunEntry[],
  reading: { readonly keepsRecent?: boolean } = {},
): Promise<Scanned[]> {
  const found: Scanned[] = []
  for (let at = 0; at < entries.length; at += atOnce) {
    const some = entries.slice(at, at + atOnce).map((entry) => scanOne(store, entry, reading))
    for (const state of await Promise.all(some)) found.push(...state)
  }
  return found
}

/** How many runs something is done with at a time: as many as keep Node's threads busy. */
export const atOnce = 16

async function scanOne(
  store: FileStore,
  entry: RunEntry,
  reading: { readonly keepsRecent?: boolean },
): Promise<Scanned[]> {
  if (entry.isSettled && entry.state !== undefined) return [{ entry, state: entry.state }]
  try {
    const state = await inTurn(entry, () => currentState(store, entry, reading))
    if (state === undefined) return []
    entry.isSettled = isTerminal(state.status)
    return [{ entry, state }]
  } catch (error) {
    if (isDamage(error)) return []
    throw error
  }
}
