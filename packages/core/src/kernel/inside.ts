import { blockOf, closeFrame } from './state.ts'
import type { Ending, RunState, StepState } from './state.ts'

/** How the present part of a block ended: as a whole, or as its list did. */
export function endingOf(step: StepState): Ending {
  const { ending, frames } = blockOf(step)
  return ending ?? frames.at(-1)?.ending ?? { kind: 'completed' }
}

/** Whether a loop over a list gathers what its items give: only if that is declared or read. */
export function keepsResults(step: StepState): boolean {
  return step.node.output !== undefined || step.node.outputRead
}

/** Forgets the inside of a block that ends or will be tried again. */
export function closeInside(state: RunState, step: StepState): void {
  if (step.block === undefined) return
  for (const frame of [...step.block.frames, ...step.block.iterations.values()]) closeFrame(state, frame)
  step.block = undefined
}
