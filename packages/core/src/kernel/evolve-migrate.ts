import type { EventOf } from '@segno/schema/plan'
import { enqueue } from './agenda.ts'
import { firstGap, runsTogether } from './frame.ts'
import { keptOf } from './kept.ts'
import { awaitSignals, unwait } from './occurrence.ts'
import { recountParallel } from './parallel.ts'
import type { Plan, PlanNode, StatesNode, UndoNode } from './plan.ts'
import { corrupt } from './state.ts'
import type { BlockState, Frame, RunState, StepState } from './state.ts'
import { nodeOf } from './undo-path.ts'
import { undoList } from './undo.ts'
import type { UndoRecord } from './undo.ts'

/** From here on `plan` is the new one. */
export function planMigrated(plan: Plan, state: RunState, event: EventOf<'plan.migrated'>): void {
  if (event.from !== state.planHash) throw corrupt(`the run goes by plan ${state.planHash}, not by ${event.from}`)
  if (event.to !== plan.hash) throw corrupt(`the run is migrated to plan ${event.to}, not to ${plan.hash}`)
  state.handlers = event.handlers
  const input = keptOf(state, event.input, event.inputBlob)
  if (input !== undefined) state.input = input
  state.stepsMax = Math.max(state.stepsMax, plan.stepsMax)
  rebind(state, plan)
}

/** The parts of the state that refer to the plan, while they are put on another one. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Lets a state refer to the steps of a plan in which each step that it knows has its place. */
export function rebind(state: RunState, plan: Plan): void {
  state.planHash = plan.hash
  const { root } = state
  if (root !== undefined) rebindStep({ state, plan }, root, plan.root)
  for (const child of state.children.values()) {
    const node = nodeOf(plan, child.path)
    if (node?.kind !== 'start') throw corrupt(`the plan starts no run at "${child.path}"`)
    ;(child as Mutable<typeof child>).node = node
  }
  // The order of timers goes by the places of steps.
  state.attemptTimers.sort()
  state.restTimers.sort()
}

interface Rebinding {
  readonly state: RunState
  readonly plan: Plan
}

function rebindStep(to: Rebinding, step: StepState, node: PlanNode): void {
  const { state } = to
  const before = step.node
  // A state machine listens from its beginning to its end, also while it waits for its retry.
  const listens = before.kind === 'states' && (step.block !== undefined || step.status === 'retrying')
  const now = listens ? (node as StatesNode) : undefined
  const listensAnew = now !== undefined && namesHeard(now) !== namesHeard(before as StatesNode)
  if (listensAnew) unwait(state, step)
  ;(step as Mutable<StepState>).node = node
  if (listensAnew) awaitSignals(state, step, now.signals)
  // What is tried again is tried as the new plan says.
  if (step.status === 'blocked') step.input = undefined
  if (step.block === undefined) return
  rebindUndos(to, step, step.block)
  for (const frame of [...step.block.frames, ...step.block.iterations.values()]) rebindFrame(to, step, frame)
}

function namesHeard({ signals }: StatesNode): string {
  return JSON.stringify([...signals])
}

function rebindFrame(to: Rebinding, owner: StepState, frame: Frame): void {
  const list = owner.node.lists.find(({ role }) => role === frame.list.role)
  if (list === undefined) throw corrupt(`"${owner.path}" has no ${frame.list.role}`)
  const before = frame.list
  ;(frame as Mutable<Frame>).list = list
  const steps = frame.steps.filter((step) => step !== undefined)
  // Where each step stands now; -1 for one that is gone, which nothing that is counted anew is found for.
  const places = before.nodes.map(({ id }) => list.byId.get(id)?.position ?? -1)
  const placeOf = (position: number): number => places[position] ?? -1
  const again = [...frame.again].map(([position, known]) => [placeOf(position), known] as const)
  frame.dead = new Set([...frame.dead].map(placeOf))
  frame.ready = frame.ready.map(placeOf)
  frame.readyAt = 0
  frame.steps.length = 0
  for (const step of steps) {
    const node = list.byId.get(step.node.id)
    if (node === undefined) throw corrupt(`the plan has no step at "${step.path}"`)
    frame.steps[node.position] = step
    rebindStep(to, step, node)
  }
  frame.again.clear()
  for (const [position, known] of again) if (position >= 0) frame.again.set(position, known)
  rebindUndos(to, owner, frame)
  if (runsTogether(frame)) recountParallel(frame)
  else frame.cursor = firstGap(frame)
  enqueue(to.state, frame)
}

function rebindUndos(to: Rebinding, owner: StepState, holder: BlockState | Frame): void {
  holder.undos = holder.undos.map((record) => rebound(to, record))
  const { unwind } = holder
  if (unwind?.undoing === undefined) return
  const records = unwind.undoing.map((record) => rebound(to, record))
  const list = undoList(owner, records)
  ;(unwind as Mutable<Frame>).list = list
  unwind.undoing = records
  list.nodes.forEach((node, position) => {
    const step = unwind.steps[position]
    if (step !== undefined) rebindStep(to, step, node)
  })
}

function rebound({ plan }: Rebinding, record: UndoRecord): UndoRecord {
  const node = nodeOf(plan, record.path)
  if (node === undefined) throw corrupt(`the plan has nothing that takes back "${record.path}"`)
  return { ...record, node: node as UndoNode }
}
