import { isTerminal } from '@segno/core'
import type { DiskFile } from './disk.ts'
import { ifPossible } from './faults.ts'
import { journalOf, segmentPath, segmentsIn } from './layout.ts'
import { refreshedState } from './read-run.ts'
import { sealFor, type RunState } from './run-state.ts'
import { headerText, sealText } from './segment.ts'
import { letGo, type FileStore, type RunEntry } from './store.ts'

interface Wanted {
  readonly state: RunState
  readonly owner: string
  readonly expiresAt: number
}

/**
 * Takes the next lease of a run, unless somebody else does: then `undefined`.
 *
 * The segment gets its name first, whole but for its seal. From then on nobody
 * acknowledges in the segment before without looking at this one, so that what is
 * read of it after that, and sealed, is all that ever was acknowledged.
 */
export async function takeLease(store: FileStore, entry: RunEntry, wanted: Wanted): Promise<RunState | undefined> {
  const token = wanted.state.seen.segment + 1
  const file = await named(store, entry, wanted)
  if (file === undefined) return undefined
  let isTaken = false
  try {
    const state = await refreshedState(store, entry)
    if (state === undefined || state.lease.token !== token) return undefined
    isTaken = await sealed(store, state, file)
    if (!isTaken || isTerminal(state.status)) return undefined
    entry.held = { incarnation: state.incarnation, token, file }
    return state
  } finally {
    if (entry.held?.file !== file) await file.close()
  }
}

/** Gives a run the segment of its next lease. Its name is what decides: only one can make it. */
export async function named(store: FileStore, entry: RunEntry, wanted: Wanted): Promise<DiskFile | undefined> {
  await store.ready()
  await letGo(entry)
  const { disk, layout } = store
  const { state, owner, expiresAt } = wanted
  const segment = state.seen.segment + 1
  const { runId, incarnation } = state
  const staged = `${layout.staging}/${store.freshName()}`
  const file = await disk.create(staged, { commits: true })
  if (file === undefined) return undefined
  try {
    const lease = { owner, expiresAt, process: store.identity }
    await file.commit(Buffer.from(headerText({ segment, format: 1, runId, incarnation, lease })))
    if (await disk.link(staged, segmentPath(entry.folder, segment))) return file
  } catch (error) {
    await file.close()
    throw error
  } finally {
    await ifPossible(disk.remove(staged))
  }
  await file.close()
  return undefined
}

async function sealed({ disk }: FileStore, state: RunState, file: DiskFile): Promise<boolean> {
  const seal = sealFor(state)
  // What the seal counts may be in the memory of the host only: who wrote it did not live to sync it.
  const before = await disk.open(segmentPath(state.folder, seal.segment))
  try {
    await before?.sync()
  } finally {
    await before?.close()
  }
  // Neither counts without the other, in whatever order they become durable.
  await Promise.all([file.commit(Buffer.from(sealText(seal))), disk.syncFolder(journalOf(state.folder))])
  const { token } = state.lease
  const [names, look] = await Promise.all([
    disk.list(journalOf(state.folder)),
    disk.look(segmentPath(state.folder, token)),
  ])
  if (segmentsIn(names ?? []).at(-1) !== token) return false
  const start = look?.size ?? 0
  state.links = [
    ...state.links.map((link) => (link.segment === seal.segment ? { ...link, end: seal.length } : link)),
    { segment: token, start },
  ]
  if (look !== undefined) state.seen = { segment: token, ...look }
  return true
}
