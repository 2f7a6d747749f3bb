import { stepMachine } from './life-cycle.ts'
import type { MachineEvent } from './machine.ts'
import type { RunState, StepState } from './state.ts'

/** What can happen to the status of a step. */
export type StepEventName = MachineEvent<typeof stepMachine.states>

/** Moves a step along its life cycle and keeps the counts. */
export function setStatus(state: RunState, step: StepState, event: StepEventName): void {
  count(state, step, -1)
  step.status = stepMachine.apply(step.status, event)
  count(state, step, 1)
}

/**
 * Adds a step to the counts from which the run's status is derived, or takes
 * it out. A step with an inside counts only where it is blocked: otherwise
 * its children do.
 */
export function count({ counts }: RunState, step: StepState, by: 1 | -1): void {
  if (step.status === 'blocked') counts.blocked += by
  else if (step.node.lists.length === 0 && isInFlight(step)) counts.running += by
}

/** Whether an attempt of the step is under way, told to stop or not. */
export function isInFlight({ status }: StepState): boolean {
  return status === 'running' || status === 'cancelling'
}
