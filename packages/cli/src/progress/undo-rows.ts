import type { EventOf } from '@segno/schema'
import type { Progress, StepProgress } from './progress.ts'
import { add, awaitNothing, insideOf, passAt, setStatus, stepAt } from './rows.ts'

/** What completed inside of a block, of one item of a loop, or of the run, is taken back from here on. */
export function beginUndo(
  progress: Progress,
  block: StepProgress | undefined,
  { index }: EventOf<'branch.taken'>,
): void {
  if (block === undefined) {
    progress.undoing = true
    return
  }
  const item = index === undefined ? undefined : progress.steps.get(passAt(block, index))
  const owner = item ?? block
  owner.undoing = true
  owner.note = 'undo'
  // What it waited for can help it no more.
  for (const row of [owner, owner.state?.pass]) {
    if (row?.status !== 'waiting') continue
    awaitNothing(row)
    setStatus(progress, row, 'running')
  }
}

/**
 * The row of a step that takes another one back. It comes up with its first
 * event, below the block that takes back: the step itself may be in a loop that
 * was over long ago.
 */
export function undoAt(progress: Progress, path: string): StepProgress | undefined {
  const [, undone] = /^(.*)\.undo(?:~\d+)?$/.exec(path) ?? []
  const step = undone === undefined ? undefined : stepAt(progress, undone)
  const declared = step?.declared?.undo
  if (step === undefined || declared === undefined) return undefined
  const parent = blockAtUndo(progress, step)
  const place = { path: `${undone}.undo`, declared, ...(parent && { parent }) }
  const label = parent === undefined ? place.path : shortened(place.path, parent)
  return add(progress, { ...place, label, status: 'pending', attempt: 0, children: [] })
}

function blockAtUndo(progress: Progress, { parent }: StepProgress): StepProgress | undefined {
  for (let around = parent; around !== undefined; around = around.parent) if (around.undoing === true) return around
  return progress.undoing ? undefined : parent
}

// In a row below its block, a path begins at the block; of a loop, it names the pass.
function shortened(path: string, around: StepProgress): string {
  const inside = insideOf(around)
  if (path.startsWith(inside)) return path.slice(inside.length)
  return path.startsWith(around.path) ? `${around.label}${path.slice(around.path.length)}` : path
}
