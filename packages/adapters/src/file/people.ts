import type { Snapshot } from '@segno/core'
import type { Disk } from './disk.ts'
import { replace } from './lease-note.ts'
import { rowOf, type RunState } from './run-state.ts'

/**
 * Leaves what people read of a run when nobody drives it: `run.json`, its row, and
 * `state.json`, where there is a snapshot. Never synced and never read again.
 */
export async function writeForPeople(disk: Disk, state: RunState, snapshot: Snapshot | undefined): Promise<void> {
  await replace(disk, `${state.folder}/run.json`, text(rowOf(state, false)))
  if (snapshot !== undefined) await replace(disk, `${state.folder}/state.json`, text(snapshot.state))
}

function text(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
