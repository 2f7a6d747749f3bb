import type { EventOf } from '@segno/schema/plan'
import { undoOf } from './complete.ts'
import type { Deciding } from './deciding.ts'
import { emit, evaluate, stored } from './deciding.ts'
import { locate } from './frame.ts'
import { begin } from './occurrence.ts'
import type { EmitNode, PlanNode } from './plan.ts'
import type { Place } from './place.ts'
import { NoValue, stepSeen } from './scope.ts'
import { corrupt } from './state.ts'
import type { Frame, RunState, StepState } from './state.ts'

/** Answers whoever sent the signal that a step took. */
export function replyToSignal(deciding: Deciding, node: EmitNode, { path, frame }: Place): NoValue | undefined {
  const { reply = '' } = node
  const data = node.data === undefined ? undefined : evaluate(deciding, node.data, frame)
  if (data instanceof NoValue) return data
  const step = answered(frame, reply)
  if (step?.taken === undefined && !wasGiven(step)) {
    return refused('NOTHING_TO_REPLY', `"${reply}" has taken no signal, so there is nobody to reply to`)
  }
  if (step?.taken?.replied === true) {
    return refused('ALREADY_REPLIED', `the signal ${step.taken.id} that "${reply}" took has had its reply`)
  }
  const field = data === undefined ? {} : stored(deciding, 'data', data)
  if (field instanceof NoValue) return field
  const undo = undoOf(deciding, { node, frame, path }, { status: 'completed' })
  if (undo instanceof NoValue) return undo
  if (step?.taken !== undefined) emit(deciding, 'signal.replied', { path, id: step.taken.id, ...field })
  emit(deciding, 'step.completed', { path, ...undo })
  return undefined
}

/** Keeps who is to be answered, for as long as the step is in scope. */
export function keepTaken(state: RunState, { path, id }: EventOf<'signal.consumed'>): void {
  locate(state, path).taken = { id, replied: false }
}

export function signalReplied(state: RunState, { path, id }: EventOf<'signal.replied'>): void {
  const { node, frame } = begin(state, path)
  const reply = node.kind === 'emit' ? node.reply : undefined
  const step = frame === undefined || reply === undefined ? undefined : answered(frame, reply)
  if (step?.taken?.id !== id) throw corrupt(`"${path}" replies to ${id}, which no step that it names has taken`)
  step.taken = { id, replied: true }
}

// The machine around the step, or a step that it sees.
function answered(frame: Frame, name: string): StepState | undefined {
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

// A wait that completed without a signal of this run was taken over from another, or an operator gave its output:
// nobody asked this run, and that is no mistake of the workflow.
function wasGiven(step: StepState | undefined): boolean {
  return step?.node.kind === 'waitFor' && step.status === 'completed'
}

function refused(code: 'NOTHING_TO_REPLY' | 'ALREADY_REPLIED', message: string): NoValue {
  return new NoValue({ code, message, retryable: false })
}
