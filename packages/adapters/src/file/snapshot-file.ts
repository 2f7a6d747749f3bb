import type { Snapshot } from '@segno/core'
import type { Disk } from './disk.ts'
import { replace } from './lease-note.ts'
import { checked, checkedText, jsonOf } from './record.ts'
import { emptyInbox, markBefore, noInbox, type Mark, type RunState } from './run-state.ts'

/** A snapshot as it is kept: with where the events after it begin. */
export interface StoredSnapshot extends Snapshot {
  readonly tail: Mark
}

type Kept = 'runId' | 'incarnation' | 'creation' | 'status' | 'wakeAt' | 'updatedAt' | 'end' | 'lease' | 'batches'

interface SnapshotFile extends StoredSnapshot {
  /** What was known of the run then, so that nobody has to read the journal before. */
  readonly run: Pick<RunState, Kept> & { readonly inbox: { readonly head: number; readonly open: readonly string[] } }
}

/** The text of a snapshot file. Made before the batch is written, so that a value that is no JSON is refused in time. */
export function snapshotJson({ seq, format, state }: Snapshot): string {
  return jsonOf({ seq, format, state }).slice(0, -1)
}

/** Keeps a snapshot in the place of the one before. A cache: it is not synced. */
export async function writeSnapshot(
  disk: Disk,
  run: RunState,
  { seq, json }: { seq: number; json: string },
): Promise<void> {
  const { runId, incarnation, creation, status, wakeAt, updatedAt, end, lease, batches, inbox } = run
  const tail = seq + 1 === end.seq ? end : markBefore(run, seq + 1)
  if (tail === undefined) return
  const kept: SnapshotFile['run'] = {
    ...{ runId, incarnation, creation, status, wakeAt, updatedAt, end, lease, batches },
    inbox: { head: inbox.head, open: [...inbox.open.keys()] },
  }
  if (run.snapshotSeq === 0) await disk.makeNewFolder(`${run.folder}/snapshot`)
  const text = `${json},"tail":${JSON.stringify(tail)},"run":${JSON.stringify(kept)}}`
  await replace(disk, pathOf(run.folder), checked(text))
  run.snapshotSeq = seq
}

/** The snapshot of a run; `undefined` if there is none, or none that can be read. */
export async function readSnapshot(disk: Disk, run: RunState): Promise<StoredSnapshot | undefined> {
  const file = await readFile(disk, run.folder)
  if (file?.run.incarnation !== run.incarnation || file.run.end.seq > run.end.seq) return undefined
  const { seq, format, state, tail } = file
  return { seq, format, state, tail }
}

/** What was known of the run when the snapshot was kept. */
export async function readCheckpoint(disk: Disk, folder: string): Promise<RunState | undefined> {
  const file = await readFile(disk, folder)
  if (file === undefined) return undefined
  const { inbox, ...run } = file.run
  return {
    ...run,
    folder,
    marks: [run.end],
    links: [],
    inbox: inbox.head === 0 ? noInbox : emptyInbox({ head: inbox.head, open: new Set(inbox.open) }),
    snapshotSeq: file.seq,
    seen: { segment: 0, size: 0, identity: '' },
  }
}

function pathOf(folder: string): string {
  return `${folder}/snapshot/latest.json`
}

async function readFile(disk: Disk, folder: string): Promise<SnapshotFile | undefined> {
  const bytes = await disk.read(pathOf(folder))
  const text = bytes && checkedText(bytes.subarray(0, -1))
  return text === undefined ? undefined : (JSON.parse(text) as SnapshotFile)
}
