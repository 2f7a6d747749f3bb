import { undoOf } from './complete.ts'
import type { Deciding } from './deciding.ts'
import { emit, evaluate, stored } from './deciding.ts'
import { answered } from './evolve-reply.ts'
import type { EmitNode } from './plan.ts'
import type { Place } from './place.ts'
import { NoValue } from './scope.ts'
import type { StepState } from './state.ts'

/** Answers whoever sent the signal that a step took. */
export function replyToSignal(deciding: Deciding, node: EmitNode, { path, frame }: Place): NoValue | undefined {
  const { reply = '' } = node
  const data = node.data === undefined ? undefined : evaluate(deciding, node.data, frame)
  if (data instanceof NoValue) return data
  const step = answered(frame, reply)
  const taken = step?.taken
  if (taken === undefined && !wasGiven(step)) {
    return refused('NOTHING_TO_REPLY', `"${reply}" has taken no signal, so there is nobody to reply to`)
  }
  if (taken?.replied === true) {
    return refused('ALREADY_REPLIED', `the signal ${taken.id} that "${reply}" took has had its reply`)
  }
  const field = data === undefined ? {} : stored(deciding, 'data', data)
  if (field instanceof NoValue) return field
  const undo = undoOf(deciding, { node, frame, path }, { status: 'completed' })
  if (undo instanceof NoValue) return undo
  if (taken !== undefined) emit(deciding, 'signal.replied', { path, id: taken.id, ...field })
  emit(deciding, 'step.completed', { path, ...undo })
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
