import type { StepPath } from '@segno/schema/plan'
import { enqueue } from './agenda.ts'
import type { PlanList } from './plan.ts'
import { blockOf, corrupt, newStep } from './state.ts'
import type { BlockState, Frame, RunState, StepState } from './state.ts'
import { recordOf } from './undo.ts'

/** The prefix of the paths inside a block, for its present attempt and the given iteration. */
function prefixOf(owner: StepState, index: number): string {
  if (owner.frame === undefined) return ''
  const iteration = index < 0 ? '' : `[${index}]`
  const again = owner.attempt > 1 ? `~${owner.attempt}` : ''
  return `${owner.path}${iteration}${again}/`
}

/** One pass through a list of a block, before anything in it has begun. */
export function newFrame(owner: StepState, list: PlanList, index: number): Frame {
  const frame: Frame = {
    owner,
    list,
    index,
    prefix: prefixOf(owner, index),
    steps: [],
    active: new Set(),
    cursor: 0,
    ending: undefined,
    last: undefined,
    ready: [],
    readyAt: 0,
    unmet: [],
    dead: new Set(),
    ended: 0,
    succeeded: 0,
    shielded: list.role === 'finally' || list.role === 'undo' || owner.frame?.shielded === true,
    error: null,
    queued: false,
    closed: false,
    undos: [],
    unwind: undefined,
    undoing: undefined,
    undoes: undefined,
  }
  if (owner.node.kind === 'parallel' && list.role !== 'undo') {
    owner.node.needs.forEach((needs, position) => {
      frame.unmet.push(needs.length)
      if (needs.length === 0) frame.ready.push(position)
    })
  }
  return frame
}

/** The path of a step that is no block, for its present visit. */
export function pathOf(step: Pick<StepState, 'frame' | 'node' | 'visit'>): StepPath {
  const { frame, node, visit } = step
  const path = recordOf(step)?.path ?? `${frame?.prefix ?? ''}${node.id}`
  return visit > 1 ? `${path}~${visit}` : path
}

/** Whether the steps of a list run together, and not one after another. */
export function runsTogether({ owner, list }: Frame): boolean {
  return owner.node.kind === 'parallel' && list.role !== 'undo'
}

/** Opens a list of a block: nothing in it begins yet. */
export function openFrame(state: RunState, owner: StepState, list: PlanList, index = -1): Frame {
  const frame = newFrame(owner, list, index)
  const block = blockOf(owner)
  if (owner.node.kind === 'states') addState(block, frame)
  else if (index < 0) block.frames.push(frame)
  else block.iterations.set(index, frame)
  listFrame(state, frame)
  enqueue(state, frame)
  return frame
}

// Of each state the latest visit stays readable; the present one is the last.
function addState({ frames }: BlockState, frame: Frame): void {
  const before = frames.findIndex(({ list }) => list === frame.list)
  if (before >= 0) frames.splice(before, 1)
  frames.push(frame)
}

/** Makes the steps of an open pass findable by their paths. */
export function listFrame(state: RunState, frame: Frame): void {
  const open = state.frames.get(frame.prefix)
  if (open === undefined) state.frames.set(frame.prefix, [frame])
  else open.push(frame)
}

/** Forgets a pass: its steps are no longer found or read. */
export function closeFrame(state: RunState, frame: Frame): void {
  const open = state.frames.get(frame.prefix)
  if (open !== undefined) {
    const rest = open.filter((other) => other !== frame)
    if (rest.length === 0) state.frames.delete(frame.prefix)
    else state.frames.set(frame.prefix, rest)
  }
  frame.closed = true
}

/** The steps of a plan by place, for a path that a state has not seen. */
export function locate(state: RunState, path: StepPath): StepState {
  const known = state.steps.get(path)
  if (known !== undefined) return known
  if (path === '' && state.root !== undefined) return state.root
  const undo = state.undoing.get(path)
  if (undo !== undefined) {
    const node = undo.frame.list.nodes[undo.position]
    if (node !== undefined) return newStep(node, undo.frame, path)
  }
  const slash = path.lastIndexOf('/') + 1
  const id = path.slice(slash)
  for (const frame of state.frames.get(path.slice(0, slash)) ?? []) {
    const node = frame.list.byId.get(id)
    if (node !== undefined) return newStep(node, frame, path)
  }
  throw corrupt(`no step can be at "${path}"`)
}
