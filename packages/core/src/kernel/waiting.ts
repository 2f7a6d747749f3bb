import { validateJson } from '@segno/schema/plan'
import type { Failure } from '@segno/schema/plan'
import { attemptFailed } from './attempts.ts'
import { settleChild } from './children.ts'
import { completeStep, undoOf, undoOfUnknown } from './complete.ts'
import type { Deciding } from './deciding.ts'
import { emit, emitFailed, evaluateTest, isDecided, loadedValue, sliceEventsMax } from './deciding.ts'
import { conclude } from './end.ts'
import { keptOutput } from './output.ts'
import type { WaitForNode } from './plan.ts'
import { NoValue } from './scope.ts'
import { beginAgain } from './start.ts'
import type { Frame, PendingSignal, StepState, Verdict } from './state.ts'
import { isInFlight } from './step-status.ts'
import { carryOut } from './verdict.ts'

/** Decides about a step without an open inside: it is to stop, to begin again, or is offered signals. */
export function settleStep(deciding: Deciding, step: StepState): boolean {
  const { frame, stopping, node, path, reply } = step
  if (frame === undefined || isInFlight(step)) return true
  if (step.verdict !== undefined && stopping === undefined) return settleVerdict(deciding, step, step.verdict)
  if (node.kind === 'start' && step.status === 'waiting') return settleChild(deciding, step, node)
  if (stopping !== undefined) {
    // A block that waits for its retry still owes its `finally`; one that waits for an operator has had it.
    if (node.lists.some((list) => list.role === 'finally') && step.status === 'retrying')
      return conclude(deciding, step, stopping)
    if (stopping.kind === 'cancelled') {
      const undo = isUnknown(step) ? undoOfUnknown(deciding, step) : {}
      if (undo instanceof NoValue) return isDecided(deciding, undo)
      emit(deciding, 'step.cancelled', { path, because: stopping.because, ...undo })
      return true
    }
    if (step.status === 'ready' && step.effect !== 'once')
      return attemptFailed(deciding, step, unknownOutcome(step), true)
  }
  if (step.status === 'ready') return begin(deciding, step, frame)
  if (step.status !== 'waiting') return true
  if (node.kind === 'waitFor') return offerSignals(deciding, step, node)
  if (node.kind === 'sleep' && step.due === 0) return isDecided(deciding, completeStep(deciding, step, {}))
  return reply?.kind !== 'answer' || isDecided(deciding, completeStep(deciding, step, keptOutput(reply.output)))
}

// A run that was started for the step is stopped first; a block that waits for its retry owes its `finally`.
function settleVerdict(deciding: Deciding, step: StepState, verdict: Verdict): boolean {
  const { node, status, child = '' } = step
  if (node.kind === 'start' && !node.detached && deciding.state.children.has(child)) return true
  const owesFinally = status === 'retrying' && node.lists.some(({ role }) => role === 'finally')
  return owesFinally ? conclude(deciding, step, { kind: 'completed' }) : carryOut(deciding, step, verdict)
}

// Its attempt was lost, and it has not begun again; or it waits for an operator since then.
function isUnknown({ node, status, attempt, failure }: StepState): boolean {
  return failure?.code === 'OUTCOME_UNKNOWN' || (node.kind === 'work' && status === 'ready' && attempt > 0)
}

function begin(deciding: Deciding, step: StepState, frame: Frame): boolean {
  const { attempt, path } = step
  // The status is `ready` with an attempt behind it: that attempt was lost, and nobody knows what it did.
  if (attempt > 0 && step.effect === 'once') {
    emit(deciding, 'step.blocked', { path, attempt, failure: unknownOutcome(step) })
    return true
  }
  return beginAgain(deciding, step, frame)
}

/** The failure of an attempt that ended without a recorded outcome. */
export function unknownOutcome(step: StepState): Failure {
  const message = `attempt ${step.attempt} of "${step.path}" ended without a recorded outcome`
  return { code: 'OUTCOME_UNKNOWN', message, retryable: step.effect !== 'once' }
}

// The oldest signal that fits is taken; one that fails the step's `if` is left for others.
function offerSignals(deciding: Deciding, step: StepState, node: WaitForNode): boolean {
  const { path, signal: name } = step
  const pending = name === undefined ? [] : [...(deciding.state.signals.get(name) ?? [])]
  for (const signal of pending) {
    const verdict = fits(deciding, step, node, signal)
    if (verdict === 'need') return false
    if (verdict === 'ignored' && deciding.events.length >= sliceEventsMax) return false
    if (verdict === 'ignored' || verdict === false) continue
    if (verdict !== true) {
      emitFailed(deciding, node, { path, attempt: 1, failure: verdict })
      return true
    }
    const { data } = signal
    const undo = undoOf(deciding, step, { status: 'completed', output: data })
    if (undo instanceof NoValue) return isDecided(deciding, undo)
    emit(deciding, 'signal.consumed', { path, id: signal.id })
    emit(deciding, 'step.completed', { path, ...keptOutput(data), ...undo })
    return true
  }
  return true
}

function fits(
  deciding: Deciding,
  step: StepState,
  node: WaitForNode,
  signal: PendingSignal,
): boolean | 'ignored' | 'need' | Failure {
  if (node.schema === undefined && node.test === undefined) return true
  const value = loadedValue(deciding, signal.data)
  if (value instanceof NoValue) {
    deciding.need = value.need
    return 'need'
  }
  if (node.schema !== undefined) {
    const [problem] = validateJson(node.schema, value)
    if (problem !== undefined) {
      const message = `the data of signal "${signal.name}" does not fit: ${problem.path} ${problem.message}`
      emit(deciding, 'signal.ignored', { id: signal.id, because: { code: 'INPUT_INVALID', message } })
      return 'ignored'
    }
  }
  if (node.test === undefined) return true
  const holds = evaluateTest(deciding, node.test, step.frame, { data: value })
  if (!(holds instanceof NoValue)) return holds
  if (holds.failure !== undefined) return holds.failure
  deciding.need = holds.need
  return 'need'
}
