import type { Deciding } from './deciding.ts'
import { emit, sliceEventsMax } from './deciding.ts'
import { attemptFailed } from './attempts.ts'
import type { PlanNode } from './plan.ts'
import { beginAgain } from './start.ts'
import { isHeld } from './state.ts'
import type { StepState } from './state.ts'
import { compareTimers } from './timers.ts'
import type { Timer } from './timers.ts'
import { unknownOutcome } from './waiting.ts'

/** Fires every timer that is due, in the order of their instants. */
export function tick(deciding: Deciding): void {
  for (;;) {
    if (deciding.events.length >= sliceEventsMax) return
    const timer = nextDue(deciding)
    if (timer === undefined) return
    deciding.notBefore = Math.max(deciding.notBefore, timer.due)
    const fired = timer.limit ? limitPassed(deciding, timer.step) : waitOver(deciding, timer.step)
    if (!fired) return
  }
}

// While the run is held, only what runs is timed: its limits and its grace.
function nextDue({ state, now }: Deciding): Timer | undefined {
  const attempt = state.attemptTimers.next()
  const rest = isHeld(state) ? undefined : state.restTimers.next()
  const first = attempt === undefined || (rest !== undefined && compareTimers(rest, attempt) < 0) ? rest : attempt
  return first !== undefined && first.due <= now ? first : undefined
}

function limitPassed(deciding: Deciding, step: StepState): boolean {
  const { path, node } = step
  if (node.kind === 'workflow') {
    const message = 'the run has reached its limit of time'
    const { deadline, createdAt } = deciding.state
    const details = { limit: 'duration', value: deadline - createdAt }
    emit(deciding, 'run.blocked', { because: { code: 'LIMIT_EXCEEDED', message, details } })
    return true
  }
  emit(deciding, 'timer.fired', { path, purpose: 'timeout' })
  if (node.kind !== 'waitFor' && node.kind !== 'sleep' && node.kind !== 'ask') return true
  const failure = { code: 'TIMEOUT', message: `"${path}" waited longer than its timeout`, retryable: true }
  return attemptFailed(deciding, step, failure)
}

function waitOver(deciding: Deciding, step: StepState): boolean {
  const { path, status, node, frame } = step
  switch (status) {
    case 'retrying':
      return frame === undefined || beginAgain(deciding, step, frame)
    case 'cancelling':
      return graceOver(deciding, step)
    default:
      emit(deciding, 'timer.fired', { path, purpose: purposeOf(node) })
      return true
  }
}

function purposeOf({ kind }: PlanNode): 'sleep' | 'after' | 'every' {
  if (kind === 'sleep') return 'sleep'
  return kind === 'states' ? 'after' : 'every'
}

// The handler had its time to stop. What it did is not known; what it may still do is no longer heard.
function graceOver(deciding: Deciding, step: StepState): boolean {
  const { path, attempt, stopping } = step
  emit(deciding, 'attempt.abandoned', { path, attempt })
  const abandoned = {
    code: 'ATTEMPT_ABANDONED',
    message: `"${path}" did not stop when it was told to`,
    retryable: true,
  }
  if (stopping?.kind === 'failed' && step.effect === 'once') {
    const failure = { ...unknownOutcome(step), cause: stopping.failure }
    emit(deciding, 'step.blocked', { path, attempt, failure })
    return true
  }
  return attemptFailed(deciding, step, abandoned, true)
}
