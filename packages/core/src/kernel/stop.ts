import { enqueue } from './agenda.ts'
import type { WorkNode } from './plan.ts'
import { setStatus } from './step-status.ts'
import type { Ending, Frame, RunState, StepState } from './state.ts'
import { setLimit, setWait } from './timers.ts'

/** How long a handler may take to stop, from its abort signal on. */
export const graceMs = 5000
/** The same for a process: it has that long from `TERM` on, then it is killed and looked for. */
const processGraceMs = 10_000

/** When something is stopped, and whether `finally` is stopped too. */
export interface Stop {
  readonly at: number
  readonly force: boolean
}

/**
 * Ends a block from outside or as a whole. Its children are told to stop; the
 * block itself goes on with what follows (`finally`) when they have. A cancel
 * outranks a failure that is already ending the block.
 */
export function stopBlock(state: RunState, step: StepState, ending: Ending, stop: Stop): void {
  const { block } = step
  if (block === undefined) return stopStep(state, step, ending, stop)
  if (block.phase === 'finally' && !stop.force) return
  // What is being ended has no time limit any more: passing it would only cover up the reason.
  setLimit(state, step, 0)
  if (block.ending === undefined || block.ending.kind === 'failed') block.ending = ending
  for (const frame of [...block.frames, ...block.iterations.values()]) {
    stopFrame(state, frame, childEnding(ending), stop)
    if (stop.force && frame.unwind !== undefined) stopFrame(state, frame.unwind, childEnding(ending), stop)
  }
  if (stop.force && block.unwind !== undefined) stopFrame(state, block.unwind, childEnding(ending), stop)
  enqueue(state, step)
}

/** Ends a list of steps: what is under way in it is told to stop, and nothing more of it starts. */
export function stopFrame(state: RunState, frame: Frame, ending: Ending, stop: Stop): void {
  frame.ending ??= ending
  for (const child of frame.active.values()) stopBlock(state, child, childEnding(ending), stop)
  enqueue(state, frame)
}

// What runs inside something that ends is cancelled, whatever ended that.
function childEnding(ending: Ending): Ending {
  if (ending.kind === 'cancelled') return ending
  if (ending.kind === 'failed') {
    const { code, message } = ending.failure
    return { kind: 'cancelled', because: { code, message } }
  }
  // Only a `parallel` completes with children under way: `return` is refused inside of it.
  return { kind: 'cancelled', because: { code: 'JOINED', message: 'enough siblings have succeeded' } }
}

function stopStep(state: RunState, step: StepState, ending: Ending, { at }: Stop): void {
  step.stopping = ending
  if (step.node.kind === 'start') state.errandsChanged = true
  if (step.status !== 'running') {
    enqueue(state, step)
    return
  }
  setStatus(state, step, 'stop')
  setLimit(state, step, 0)
  beginGrace(state, step, at)
}

/** From now on the handler is told to stop; when the grace has passed, it is given up. */
export function beginGrace(state: RunState, step: StepState, at: number): void {
  // Only work is ever under way.
  const { process } = step.node as WorkNode
  setWait(state, step, at + (process === undefined ? graceMs : processGraceMs))
  state.stopped.add(step)
}
