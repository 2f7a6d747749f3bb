import type { Snapshot } from '@segno/core'
import { replace } from './lease-note.ts'
import { rowOf, type RunState } from './run-state.ts'
import { inTurn, type FileStore, type RunEntry } from './store.ts'

/**
 * Leaves what people read of a run when nobody drives it: `run.json`, its row, and
 * `state.json`, where there is a snapshot. Goes on behind the answer, is never synced
 * and never read again, so that it may also fail.
 */
export function writeForPeople(
  { disk }: FileStore,
  entry: RunEntry,
  { state, snapshot }: { readonly state: RunState; readonly snapshot: Snapshot | undefined },
): void {
  const row = rowOf(state, false)
  const work = async (): Promise<void> => {
    await replace(disk, `${entry.folder}/run.json`, text(row))
    if (snapshot !== undefined) await replace(disk, `${entry.folder}/state.json`, text(snapshot.state))
  }
  void Promise.allSettled([inTurn(entry, work)])
}

function text(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
