import type { EventOf, RunEvent } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import {
  cancelRequested,
  runCreated,
  runEnded,
  runSettled,
  runUnblocked,
  signalLeft,
  signalReceived,
} from './evolve-run.ts'
import { branchTaken, iterationEnded, iterationStarted, stateEntered, stepStarted } from './evolve-block.ts'
import { planMigrated } from './evolve-migrate.ts'
import { operatorActed } from './evolve-operator.ts'
import { childSettled, childStarted, taskAnswered, taskAsked } from './evolve-wait.ts'
import {
  attemptFailed,
  attemptLost,
  attemptStarted,
  stepBlocked,
  stepEnded,
  timerFired,
  timerSet,
} from './evolve-step.ts'
import { locate } from './frame.ts'
import type { Plan } from './plan.ts'
import { keepTaken, signalReplied } from './evolve-reply.ts'
import { corrupt, isTerminal } from './state.ts'
import type { RunState, StepState } from './state.ts'
import { setLimit } from './timers.ts'

/**
 * Folds one event into `state`, in place: copying would cost O(n) a step.
 * Evaluates nothing, so the same journal gives the same state on any machine,
 * at any time, in any later version. Throws `JOURNAL_CORRUPT` on an event that
 * cannot follow, and `JOURNAL_TOO_NEW` on one of a later version. From `plan.migrated`
 * on, that event included, `plan` is the one that the run was migrated to. `step` is the one that the event is about,
 * where whoever decides has it at hand: to find it by its path is work.
 */
export function evolve(plan: Plan, state: RunState, event: RunEvent, step?: StepState): void {
  if (event.seq !== state.seq + 1) throw corrupt(`event ${event.seq} follows event ${state.seq}`)
  if (event.v !== 1) throw new SegnoError('JOURNAL_TOO_NEW', `Event ${event.seq} is of version ${String(event.v)}`)
  if (isTerminal(state)) throw corrupt(`event ${event.seq} follows the end of the run`)
  state.seq = event.seq
  fold(plan, state, event, step)
}

function fold(plan: Plan, state: RunState, event: RunEvent, step: StepState | undefined): void {
  switch (event.type) {
    case 'attempt.started':
      return attemptStarted(state, event, step)
    case 'step.completed':
    case 'step.failed':
    case 'step.skipped':
    case 'step.cancelled':
      return stepEnded(state, event, step)
    case 'step.started':
      return stepStarted(state, event)
    case 'step.blocked':
      return stepBlocked(state, event)
    case 'attempt.failed':
      return attemptFailed(state, event)
    case 'attempt.lost':
    case 'attempt.abandoned':
      return attemptLost(state, event)
    case 'branch.taken':
      return branchTaken(state, event)
    case 'iteration.started':
      return iterationStarted(state, event)
    case 'iteration.completed':
    case 'iteration.failed':
    case 'iteration.cancelled':
      return iterationEnded(state, event)
    case 'state.entered':
      return stateEntered(state, event)
    case 'task.asked':
      return taskAsked(state, event)
    case 'task.answered':
      return taskAnswered(state, event)
    case 'child.started':
      return childStarted(state, event)
    case 'child.settled':
      return childSettled(state, event)
    case 'timer.set':
      return timerSet(state, event)
    case 'timer.fired':
      return timerFired(state, event)
    default:
      return foldRun(plan, state, event)
  }
}

type StepEventType = 'attempt.started' | 'attempt.failed' | 'attempt.lost' | 'attempt.abandoned'
type BlockEventType = 'branch.taken' | 'iteration.started' | 'iteration.completed' | 'iteration.failed'
type TimedEventType = 'iteration.cancelled' | 'timer.set' | 'timer.fired' | 'step.started' | 'step.blocked'
type EndEventType = 'step.completed' | 'step.failed' | 'step.skipped' | 'step.cancelled'
type OtherEventType = 'state.entered' | 'task.asked' | 'task.answered' | 'child.started' | 'child.settled'
type RunLevelEvent = Exclude<
  RunEvent,
  EventOf<StepEventType | BlockEventType | TimedEventType | EndEventType | OtherEventType>
>

function foldRun(plan: Plan, state: RunState, event: RunLevelEvent): void {
  switch (event.type) {
    case 'run.created':
      return runCreated(plan, state, event)
    case 'run.adopted':
      state.pickups++
      return
    case 'run.blocked':
      state.blocked = event.because
      return setLimit(state, locate(state, ''), 0)
    case 'run.unblocked':
      return runUnblocked(state)
    case 'run.settled':
      return runSettled(state, event)
    case 'signal.emitted':
      // What is told to the world changes nothing here.
      return
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      return runEnded(state, event)
    case 'signal.received':
      return signalReceived(state, event)
    case 'signal.consumed':
      keepTaken(state, event)
      return signalLeft(state, event)
    case 'signal.ignored':
      return signalLeft(state, event)
    case 'signal.replied':
      return signalReplied(state, event)
    case 'cancel.requested':
      return cancelRequested(state, event)
    case 'operator.acted':
      return operatorActed(state, event)
    case 'plan.migrated':
      return planMigrated(plan, state, event)
    default:
      throw new SegnoError(
        'JOURNAL_TOO_NEW',
        `Event ${state.seq} is of an unknown type: ${JSON.stringify(event satisfies never)}`,
      )
  }
}
