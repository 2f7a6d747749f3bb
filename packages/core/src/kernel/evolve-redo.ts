import type { StepPath } from '@segno/schema/plan'
import { enqueue } from './agenda.ts'
import { firstGap, newFrame, runsTogether } from './frame.ts'
import { unwait } from './occurrence.ts'
import { recountParallel } from './parallel.ts'
import { itemAt, occurrenceAt } from './redo.ts'
import { blockOf, corrupt } from './state.ts'
import type { Frame, RunState, StepState } from './state.ts'
import { setStatus } from './step-status.ts'
import { setLimit, setWait } from './timers.ts'
import { listUndos, undoList } from './undo.ts'

/** Forgets these occurrences of an open list, so that their steps begin again. What they did is taken back first. */
export function takeUpAgain(state: RunState, paths: readonly StepPath[]): void {
  const [first = ''] = paths
  const item = itemAt(state, first)
  if (item !== undefined) return itemAgain(state, item)
  const steps = paths.map((path) => {
    const step = occurrenceAt(state, path)
    if (step === undefined) throw missing(path)
    return step
  })
  const frame = steps[0]?.frame
  if (frame === undefined) throw missing(first)
  for (const step of steps) forget(state, frame, step)
  while (frame.steps.length > 0 && frame.steps.at(-1) === undefined) frame.steps.length--
  frame.last = frame.steps.findLast((step) => step !== undefined && !frame.active.has(step))
  if (runsTogether(frame)) recountParallel(frame)
  // One after another: the list goes on where it has a gap now, and over what has been done.
  else frame.cursor = firstGap(frame)
  takeBack(state, frame, paths)
  enqueue(state, frame)
}

function missing(path: StepPath): Error {
  return corrupt(`"${path}" is to be done again, and it has not been done`)
}

function itemAgain(state: RunState, { step, index }: { readonly step: StepState; readonly index: number }): void {
  const block = blockOf(step)
  block.failed.delete(index)
  block.again.push(index)
  block.ended--
  block.results[index] = undefined
  enqueue(state, step)
}

function forget(state: RunState, frame: Frame, step: StepState): void {
  const { node, visit, attempt, redone } = step
  if (step.frame !== frame) throw corrupt(`"${step.path}" is in another list`)
  if (frame.active.has(step)) {
    unwait(state, step)
    setStatus(state, step, 'skip')
    setLimit(state, step, 0)
    setWait(state, step, 0)
    state.steps.delete(step.path)
    frame.active.delete(step)
  } else if (runsTogether(frame) && step.status === 'failed' && node.onFailure !== 'continue') {
    const { failures } = blockOf(frame.owner)
    const text = JSON.stringify(step.failure)
    const at = failures.findIndex((failure) => JSON.stringify(failure) === text)
    if (at >= 0) failures.splice(at, 1)
  }
  frame.again.set(node.position, { visit, attempt: node.lists.length === 0 ? 0 : attempt, redone })
  frame.steps[node.position] = undefined
}

// What was done and is done again would be done twice: the newest is taken back first, as before a retry of the block.
function takeBack(state: RunState, frame: Frame, paths: readonly StepPath[]): void {
  const redone = (undo: StepPath): boolean =>
    paths.some((path) => undo.startsWith(path) && /^[.~[/]/.test(undo.slice(path.length)))
  const records = frame.undos.filter(({ path }) => redone(path)).toReversed()
  if (records.length === 0) return
  frame.undos = frame.undos.filter(({ path }) => !redone(path))
  unwindFrame(state, frame, records)
}

function unwindFrame(state: RunState, frame: Frame, records: Frame['undos']): void {
  const unwind = newFrame(frame.owner, undoList(frame.owner, records), frame.index, frame.pass)
  unwind.undoing = records
  unwind.undoes = frame
  frame.unwind = unwind
  listUndos(state, unwind)
  enqueue(state, unwind)
}
