import { addByte } from './changes.ts'
import { onDisk } from './faults.ts'
import { fileNameOf } from './file-name.ts'
import { keyFileName, unclaimKey } from './keys.ts'
import { currentState } from './read-run.ts'
import { isHeld, type RunState } from './run-state.ts'
import { entryOf, inTurn, isLost, letGo, type FileStore, type RunEntry } from './store.ts'
import { isTerminal } from '@segno/core'
import { named } from './take-lease.ts'

/** `Storage.delete`. */
export async function deleteRun(store: FileStore, runId: string): Promise<boolean> {
  const name = fileNameOf(runId)
  if (name === undefined) return false
  const entry = entryOf(store, name)
  const isDeleted = await inTurn(entry, async () => {
    const state = await onDisk(false, currentState(store, entry))
    if (state === undefined) return onDisk(true, isGone(store))
    if (isHeld(state, isLost(store, state.lease))) return false
    return onDisk(true, remove(store, entry, state))
  })
  if (isDeleted) store.hint(runId, 'journal')
  return isDeleted
}

// Whoever deleted it may not have come so far as to make that durable.
async function isGone({ disk, layout, syncRuns }: FileStore): Promise<false> {
  if ((await disk.list(layout.runs)) !== undefined) await syncRuns()
  return false
}

// Renamed away first: from then on nothing of the run is there, however much of it a
// crash leaves on the disk.
async function remove(store: FileStore, entry: RunEntry, state: RunState): Promise<boolean> {
  const { disk, layout } = store
  await store.ready()
  if (!isTerminal(state.status) && !(await isOurs(store, entry, state))) return false
  const away = `${layout.trash}/${store.freshName()}`
  await letGo(entry)
  await entry.forPeople
  if (!(await disk.rename(entry.folder, away))) return false
  await addByte(disk, layout.deletions)
  await store.syncRuns()
  const { incarnation, runId, creation } = state
  const { workflow, idempotencyKey } = creation
  if (idempotencyKey !== undefined) {
    await unclaimKey(store, keyFileName(workflow, idempotencyKey), { ...creation, runId, incarnation })
  }
  entry.state = undefined
  entry.doubt = undefined
  entry.isSettled = false
  entry.synced.length = 0
  await disk.removeFolder(away)
  return true
}

// Whoever deletes a run that somebody could take up takes its lease: one of them comes too late.
async function isOurs(store: FileStore, entry: RunEntry, state: RunState): Promise<boolean> {
  const file = await named(store, entry, { state, owner: 'delete', expiresAt: store.now() })
  await file?.close()
  return file !== undefined
}
