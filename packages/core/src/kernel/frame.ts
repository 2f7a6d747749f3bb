import type { StepPath } from '@segno/schema/plan'
import { enqueue } from './agenda.ts'
import { decimal } from './decimal.ts'
import { FewMap, FewSet } from './few-map.ts'
import type { Place } from './place.ts'
import type { PlanList, PlanNode } from './plan.ts'
import { blockOf, corrupt, newStep } from './state.ts'
import type { BlockState, Frame, RunState, StepState } from './state.ts'
import { recordOf } from './undo.ts'

/** The number of a pass that a block begins by itself: its attempt, after all passes that operators have ordered. */
export function passOf(step: StepState): number {
  return step.attempt + blockOf(step).passesBefore
}

/** The prefix of the paths inside a block, for a pass of it and the given iteration. */
function prefixOf(owner: StepState, index: number, pass: number): string {
  if (owner.frame === undefined) return ''
  const iteration = index < 0 ? '' : `[${decimal(index)}]`
  const again = pass > 1 ? `~${pass}` : ''
  return `${owner.path}${iteration}${again}/`
}

/** One pass through a list of a block, before anything in it has begun. */
export function newFrame(owner: StepState, list: PlanList, index: number, pass = passOf(owner)): Frame {
  const frame: Frame = {
    owner,
    list,
    index,
    pass,
    prefix: prefixOf(owner, index, pass),
    steps: [],
    active: new FewSet(),
    again: new FewMap(),
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

/** The path of a step that is no block, for a visit of it. */
export function pathOf(frame: Frame | undefined, node: PlanNode, visit: number): StepPath {
  const path = recordOf(frame, node)?.path ?? `${frame?.prefix ?? ''}${node.id}`
  return visit > 1 ? `${path}~${visit}` : path
}

/** Where the step at a place of a list begins: its path, and the number of its attempt. */
export function nextOf(frame: Frame, node: PlanNode): Place {
  const { visit, attempt } = upcoming(frame, node)
  return { frame, path: pathOf(frame, node, visit), attempt }
}

const firstTime = { visit: 1, attempt: 1 }

// A block that is done again keeps its path, as one that is retried does, and counts its attempts on.
function upcoming({ again }: Frame, node: PlanNode): { readonly visit: number; readonly attempt: number } {
  if (again.size === 0) return firstTime
  const before = again.get(node.position)
  const isBlock = node.lists.length > 0
  return { visit: isBlock ? 1 : (before?.visit ?? 0) + 1, attempt: (before?.attempt ?? 0) + 1 }
}

/** Whether the steps of a list run together, and not one after another. */
export function runsTogether({ owner, list }: Frame): boolean {
  return owner.node.kind === 'parallel' && list.role !== 'undo'
}

/** The place of the first step of a list that has not begun. */
export function firstGap({ steps }: Frame): number {
  const gap = Array.from(steps).indexOf(undefined)
  return gap < 0 ? steps.length : gap
}

/** Opens a list of a block: nothing in it begins yet. */
export function openFrame(
  state: RunState,
  owner: StepState,
  list: PlanList,
  { index = -1, pass }: { readonly index?: number; readonly pass?: number | undefined } = {},
): Frame {
  const frame = newFrame(owner, list, index, pass)
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

/** Makes the steps of an open pass findable by their paths. No two open passes have the same prefix. */
export function listFrame(state: RunState, frame: Frame): void {
  state.frames.set(frame.prefix, frame)
}

/** Forgets a pass: its steps are no longer found or read. */
export function closeFrame(state: RunState, frame: Frame): void {
  if (state.frames.get(frame.prefix) === frame) state.frames.delete(frame.prefix)
  frame.closed = true
}

/** The step at a place of a list, before it begins: as `nextOf` has it. */
export function nextStep(frame: Frame, node: PlanNode, path: StepPath): StepState {
  const step = newStep(node, frame, path)
  const { visit, attempt } = upcoming(frame, node)
  step.visit = visit
  step.attempt = attempt - 1
  step.redone = frame.again.get(node.position)?.redone ?? 0
  return step
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
  const place = openPlace(state, path)
  if (place === undefined || nextOf(place.frame, place.node).path !== path) throw corrupt(`no step can be at "${path}"`)
  return nextStep(place.frame, place.node, path)
}

/** The open pass that a path stands in, and which step of it, in whatever attempt; `undefined` where there is none. */
export function openPlace(
  state: RunState,
  path: StepPath,
): { readonly frame: Frame; readonly node: PlanNode } | undefined {
  const slash = path.lastIndexOf('/') + 1
  const name = path.slice(slash)
  const id = name.includes('~') ? name.replace(/~\d+$/, '') : name
  const frame = state.frames.get(path.slice(0, slash))
  const node = frame?.list.byId.get(id)
  return frame === undefined || node === undefined ? undefined : { frame, node }
}
