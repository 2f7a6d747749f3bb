import { closeFrame } from './frame.ts'
import { blockOf } from './state.ts'
import type { Ending, RunState, StepState } from './state.ts'
import { dropUndos } from './undo.ts'

/**
 * How the present part of a block ended: as a whole, or as its list did. A
 * `catch` that fails itself is caused by what it caught.
 */
export function endingOf(step: StepState): Ending {
  const { ending, frames, phase } = blockOf(step)
  if (ending !== undefined) return ending
  const last = frames.at(-1)
  const own = last?.ending ?? { kind: 'completed' }
  const caught = phase === 'catch' ? last?.error : undefined
  if (own.kind !== 'failed' || caught === undefined || caught === null || own.failure.cause !== undefined) return own
  return { kind: 'failed', failure: { ...own.failure, cause: caught } }
}

/** Whether a loop over a list gathers what its items give: only if that is declared or read. */
export function keepsResults(step: StepState): boolean {
  return step.node.output !== undefined || step.node.outputRead
}

/** Forgets the inside of a block that ends or will be tried again. */
export function closeInside(state: RunState, step: StepState): void {
  if (step.block === undefined) return
  const { block } = step
  dropUndos(state, block)
  for (const frame of [...block.frames, ...block.iterations.values()]) {
    closeFrame(state, frame)
    if (frame.unwind !== undefined) closeFrame(state, frame.unwind)
  }
  if (block.unwind !== undefined) closeFrame(state, block.unwind)
  step.block = undefined
}
