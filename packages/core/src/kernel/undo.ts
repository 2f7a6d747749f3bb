import type { Failure, StepPath } from '@segno/schema/plan'
import type { Kept } from './kept.ts'
import type { PlanList, PlanNode, UndoNode } from './plan.ts'
import type { BlockState, Frame, RunState, StepState } from './state.ts'

/** How many steps of a run may wait to be taken back, should the run fail. */
export const undosMax = 10_000

/** A step that completed, or may have happened, and what takes it back. */
export interface UndoRecord {
  readonly node: UndoNode
  /** Of the step that takes it back: that of the step itself, and `.undo`. */
  readonly path: StepPath
  /** Evaluated when the step ended: what it was made of may be gone. */
  readonly input: Kept | undefined
  /** Why there is no input. */
  readonly failure: Failure | undefined
  /** Of the event that ended the step. Newest first is the order of taking back. */
  readonly seq: number
}

/** What there is to take back inside of a block, oldest first. */
export function undosWithin(block: BlockState): readonly UndoRecord[] {
  const frames = [...block.frames, ...block.iterations.values()]
  // Items that ran side by side hand on what they did in the order in which they ended.
  return [...block.undos, ...frames.flatMap(({ undos }) => undos)].toSorted((one, other) => one.seq - other.seq)
}

/** Takes away what `undosWithin` gives: it has been handed on, or is being taken back. */
export function clearUndos(block: BlockState): void {
  block.undos = []
  for (const frame of [...block.frames, ...block.iterations.values()]) frame.undos = []
}

/** Whether the steps that take something back are still at work. */
export function isUnwinding({ unwind }: Pick<BlockState | Frame, 'unwind'>): boolean {
  if (unwind === undefined) return false
  return unwind.active.size > 0 || (unwind.ending === undefined && unwind.cursor < unwind.list.nodes.length)
}

/** The list of steps that takes back what the records tell of: each its own, in the order of the records. */
export function undoList(owner: StepState, records: readonly UndoRecord[]): PlanList {
  const [inside] = owner.node.lists
  if (inside === undefined) throw new Error('only a block takes back')
  const list: PlanList = { index: -1, owner: owner.node, unit: inside.unit, role: 'undo', nodes: [], byId: new Map() }
  records.forEach(({ node }, position) => list.nodes.push({ ...node, list, position } as PlanNode))
  return list
}

/** Makes the steps that take something back findable by their paths. */
export function listUndos(state: RunState, frame: Frame): void {
  frame.undoing?.forEach(({ path }, position) => state.undoing.set(path, { frame, position }))
}

/** Forgets what a block would still have had taken back. */
export function dropUndos(state: RunState, block: BlockState): void {
  state.undoCount -= undosWithin(block).length
  for (const { unwind } of [block, ...block.frames, ...block.iterations.values()]) {
    unwind?.undoing?.forEach(({ path }, position) => {
      state.undoing.delete(path)
      if (unwind.steps[position] === undefined) state.undoCount--
    })
  }
}

/** The record that an undo step stands for. */
export function recordOf(frame: Frame | undefined, node: PlanNode): UndoRecord | undefined {
  return frame?.undoing?.[node.position]
}
