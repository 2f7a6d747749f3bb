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
  const { disk, layout } = store
  const deletions = (await disk.look(layout.deletions))?.size ?? 0
  const names = new Set(await disk.list(layout.runs))
  for (const entry of store.entries.values()) {
    // What has ended does not change, but its name may be another run's by now.
    if (deletions !== store.deletions) entry.isSettled = false
    if (!names.has(entry.name)) forget(store, entry)
  }
  store.deletions = deletions
  const entries = [...names].filter((name) => nameOfFile(name) !== undefined).map((name) => entryOf(store, name))
  const readable = entries.filter((entry) => entry.fault === undefined && isWanted(entry))
  return scan(store, readable)
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

// As many as keep Node's threads busy.
const atOnce = 16

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
