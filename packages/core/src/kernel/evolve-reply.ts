import type { EventOf } from '@segno/schema/plan'
import { locate } from './frame.ts'
import { begin } from './occurrence.ts'
import type { EmitNode, PlanNode } from './plan.ts'
import { stepSeen } from './scope.ts'
import { corrupt } from './state.ts'
import type { Frame, RunState, StepState } from './state.ts'

/** Keeps who is to be answered, for as long as the step is in scope. */
export function keepTaken(state: RunState, { path, id }: EventOf<'signal.consumed'>): void {
  locate(state, path).taken = { id, replied: false }
}

export function signalReplied(state: RunState, { path, id }: EventOf<'signal.replied'>): void {
  const { node, frame } = begin(state, path)
  // No other step has a name to reply to, and no step has an empty one.
  const step = frame === undefined ? undefined : answered(frame, (node as EmitNode).reply ?? '')
  if (step?.taken?.id !== id) throw corrupt(`"${path}" replies to ${id}, which no step that it names has taken`)
  step.taken = { id, replied: true }
}

/** Whose signal a reply of this name answers: the machine's around the step, or that of a step that it sees. */
export function answered(frame: Frame, name: string): StepState | undefined {
  const machine = name === 'signal' ? machineAround(frame) : undefined
  if (machine !== undefined) return machine
  const node: PlanNode | undefined = frame.list.unit.byId.get(name)
  return node === undefined ? undefined : stepSeen(frame, node)
}

function machineAround(from: Frame): StepState | undefined {
  for (let frame: Frame | undefined = from; frame !== undefined; frame = frame.owner.frame) {
    const { owner } = frame
    if (owner.node.kind === 'states') return owner
    // Nothing of the caller is seen in what it calls.
    if (owner.node.kind === 'call') return undefined
  }
  return undefined
}
