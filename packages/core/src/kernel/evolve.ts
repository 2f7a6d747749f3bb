import type { EventOf, RunEvent } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import {
  cancelRequested,
  operatorActed,
  runCreated,
  runEnded,
  runUnblocked,
  signalLeft,
  signalReceived,
} from './evolve-run.ts'
import { branchTaken, iterationEnded, iterationStarted, stepStarted } from './evolve-block.ts'
import {
  attemptFailed,
  attemptLost,
  attemptStarted,
  stepBlocked,
  stepEnded,
  timerFired,
  timerSet,
} from './evolve-step.ts'
import type { Plan } from './plan.ts'
import { corrupt, isTerminal } from './state.ts'
import type { RunState } from './state.ts'
import { setLimit } from './timers.ts'

/**
 * Folds one event into `state`, in place: copying would cost O(n) a step.
 * Evaluates nothing, so the same journal gives the same state on any machine,
 * at any time, in any later version. Throws `JOURNAL_CORRUPT` on an event that
 * cannot follow, and `JOURNAL_TOO_NEW` on one of a later version.
 */
export function evolve(plan: Plan, state: RunState, event: RunEvent): void {
  if (event.seq !== state.seq + 1) throw corrupt(`event ${event.seq} follows event ${state.seq}`)
  if (event.v !== 1) throw new SegnoError('JOURNAL_TOO_NEW', `Event ${event.seq} is of version ${String(event.v)}`)
  if (isTerminal(state)) throw corrupt(`event ${event.seq} follows the end of the run`)
  state.seq = event.seq
  fold(plan, state, event)
}

function fold(plan: Plan, state: RunState, event: RunEvent): void {
  switch (event.type) {
    case 'attempt.started':
      return attemptStarted(plan, state, event)
    case 'step.completed':
    case 'step.failed':
    case 'step.skipped':
    case 'step.cancelled':
      return stepEnded(plan, state, event)
    case 'step.started':
      return stepStarted(plan, state, event)
    case 'step.blocked':
      return stepBlocked(plan, state, event)
    case 'attempt.failed':
      return attemptFailed(plan, state, event)
    case 'attempt.lost':
    case 'attempt.abandoned':
      return attemptLost(plan, state, event)
    case 'branch.taken':
      return branchTaken(plan, state, event)
    case 'iteration.started':
      return iterationStarted(plan, state, event)
    case 'iteration.completed':
    case 'iteration.failed':
    case 'iteration.cancelled':
      return iterationEnded(plan, state, event)
    case 'timer.set':
      return timerSet(plan, state, event)
    case 'timer.fired':
      return timerFired(plan, state, event)
    default:
      return foldRun(plan, state, event)
  }
}

type StepEventType = 'attempt.started' | 'attempt.failed' | 'attempt.lost' | 'attempt.abandoned'
type BlockEventType = 'branch.taken' | 'iteration.started' | 'iteration.completed' | 'iteration.failed'
type TimedEventType = 'iteration.cancelled' | 'timer.set' | 'timer.fired' | 'step.started' | 'step.blocked'
type EndEventType = 'step.completed' | 'step.failed' | 'step.skipped' | 'step.cancelled'
type RunLevelEvent = Exclude<RunEvent, EventOf<StepEventType | BlockEventType | TimedEventType | EndEventType>>

function foldRun(plan: Plan, state: RunState, event: RunLevelEvent): void {
  switch (event.type) {
    case 'run.created':
      return runCreated(plan, state, event)
    case 'run.adopted':
      state.pickups++
      return
    case 'run.blocked':
      state.blocked = event.because
      if (state.root !== undefined) setLimit(state, state.root, 0)
      return
    case 'run.unblocked':
      return runUnblocked(state)
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      return runEnded(state, event)
    case 'signal.received':
      return signalReceived(state, event)
    case 'signal.consumed':
    case 'signal.ignored':
      return signalLeft(state, event)
    case 'cancel.requested':
      return cancelRequested(state, event)
    case 'operator.acted':
      return operatorActed(state, event)
    default:
      throw new SegnoError(
        'JOURNAL_TOO_NEW',
        `Event ${state.seq} is of an unknown type: ${JSON.stringify(event satisfies never)}`,
      )
  }
}
