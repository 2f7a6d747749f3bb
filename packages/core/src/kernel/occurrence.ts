import { locate, runsTogether } from './frame.ts'
import { grown } from './grown.ts'
import { corrupt } from './state.ts'
import type { Frame, RunState, StepState } from './state.ts'
import { isInFlight } from './step-status.ts'

/** Finds the step that an event is about; the first event of an occurrence begins it. */
export function begin(state: RunState, path: string, known?: StepState): StepState {
  const step = known ?? locate(state, path)
  const { frame } = step
  if (frame === undefined || frame.steps[step.node.position] === step) return step
  if (frame.steps[step.node.position] !== undefined) throw corrupt(`"${path}" begins again after it has ended`)
  frame.steps[step.node.position] = step
  frame.again.delete(step.node.position)
  frame.active.add(step)
  state.steps.set(path, step)
  if (!frame.shielded) state.stepsStarted++
  if (runsTogether(frame)) takeReady(frame, step.node.position)
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
    state.ended = grown(state.ended, { path: step.path, attempt: step.attempt })
  }
}

/** A step that no longer waits for a signal is not offered any. */
export function unwait(state: RunState, step: StepState): void {
  for (const name of step.node.kind === 'states' ? step.node.signals : [step.signal ?? '']) {
    const waiting = state.waiters.get(name)
    waiting?.delete(step)
    if (waiting?.size === 0) state.waiters.delete(name)
  }
  step.signal = undefined
}

/** A step is offered the signals of these names. */
export function awaitSignals(state: RunState, step: StepState, names: Iterable<string>): void {
  for (const name of names) {
    const waiting = state.waiters.get(name)
    if (waiting === undefined) state.waiters.set(name, new Set([step]))
    else waiting.add(step)
  }
}

/** A step no longer waits for a person or for another run. A run that goes on by itself is kept in mind until it ends. */
export function endWait(state: RunState, step: StepState): void {
  const { child = '', status } = step
  step.reply = undefined
  step.hash = undefined
  step.child = undefined
  const open = state.children.get(child)
  if (open === undefined) return
  if (status === 'completed' && !open.node.wait && !open.node.detached) open.step = undefined
  else state.children.delete(child)
}
