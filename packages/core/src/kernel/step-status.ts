import { stepMachine } from './life-cycle.ts'
import type { MachineEvent } from './machine.ts'
import type { RunState, StepState } from './state.ts'

/** What can happen to the status of a step. */
export type StepEventName = MachineEvent<typeof stepMachine.states>

/**
 * Moves a step along its life cycle and keeps the counts from which the run's
 * status is derived. Steps with an inside do not count: their children do.
 */
export function setStatus(state: RunState, step: StepState, event: StepEventName): void {
  const from = step.status
  const to = stepMachine.apply(from, event)
  step.status = to
  if (to === from) return
  const { counts } = state
  if (from === 'blocked') counts.blocked--
  if (to === 'blocked') counts.blocked++
  if (step.node.lists.length > 0) return
  const wasRunning = from === 'running' || from === 'cancelling'
  const isRunning = to === 'running' || to === 'cancelling'
  if (wasRunning !== isRunning) counts.running += isRunning ? 1 : -1
}
