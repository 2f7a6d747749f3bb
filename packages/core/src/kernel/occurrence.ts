import type { Plan } from './plan.ts'
import { corrupt, locate } from './state.ts'
import type { Frame, RunState, StepState } from './state.ts'
import { isInFlight } from './step-status.ts'

/** Finds the step that an event is about; the first event of an occurrence begins it. */
export function begin(plan: Plan, state: RunState, path: string): StepState {
  const step = locate(plan, state, path)
  const { frame } = step
  if (frame === undefined || frame.steps[step.node.position] === step) return step
  if (frame.steps[step.node.position] !== undefined) throw corrupt(`"${path}" begins again after it has ended`)
  frame.steps[step.node.position] = step
  frame.active.add(step)
  state.steps.set(path, step)
  if (!frame.shielded) state.stepsStarted++
  if (frame.owner.node.kind === 'parallel') takeReady(frame, step.node.position)
  return step
}

// Children start in the order of `ready`; only a fold of another order has to search.
function takeReady(frame: Frame, position: number): void {
  if (frame.ready[frame.readyAt] === position) {
    frame.readyAt++
    return
  }
  const at = frame.ready.indexOf(position, frame.readyAt)
  if (at >= 0) frame.ready.splice(at, 1)
}

/** Tells the driver of an attempt that it no longer has to keep going. */
export function settle(state: RunState, step: StepState): void {
  if (step.node.kind === 'work' && isInFlight(step)) {
    state.settled.push({ path: step.path, attempt: step.attempt })
  }
}

/** A step that no longer waits for a signal is not offered any. */
export function unwait(state: RunState, step: StepState): void {
  if (step.signal === undefined) return
  const waiting = state.waiters.get(step.signal)
  waiting?.delete(step)
  if (waiting?.size === 0) state.waiters.delete(step.signal)
  step.signal = undefined
}
