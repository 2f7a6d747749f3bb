import type { Deciding } from './deciding.ts'
import { emit, evaluate, sliceEventsMax } from './deciding.ts'
import { endSection } from './end.ts'
import { keepsResults } from './inside.ts'
import type { Kept } from './kept.ts'
import { outputField } from './output.ts'
import { NoValue } from './scope.ts'
import { blockOf } from './state.ts'
import type { Frame, StepState } from './state.ts'
import { isUnwinding } from './undo.ts'

/** Starts as many items as may run now; ends the block after the last. */
export function nextItems(deciding: Deciding, step: StepState): boolean {
  const block = blockOf(step)
  while (block.ending === undefined && block.iterations.size < block.concurrency) {
    // What an operator wants to be done again comes first.
    const index = block.again[0] ?? block.next
    if (index >= block.max) break
    if (deciding.events.length >= sliceEventsMax) return false
    emit(deciding, 'iteration.started', { path: step.path, index })
  }
  const over = block.ending === undefined ? block.ended === block.max : block.iterations.size === 0
  return !over || endSection(deciding, step)
}

/** Ends one item: what it gives, or how it failed. */
export function endItem(deciding: Deciding, frame: Frame): boolean {
  const { owner, index, ending } = frame
  const { path } = owner
  if (isUnwinding(frame) || takesBackAlone(deciding, frame)) return true
  if (ending?.kind === 'cancelled') {
    emit(deciding, 'iteration.cancelled', { path, index })
    return true
  }
  const failure = ending?.kind === 'failed' ? ending.failure : undefined
  const output = failure === undefined ? itemOutput(deciding, frame) : undefined
  const field = output instanceof NoValue || output === undefined ? output : outputField(deciding, output)
  if (field instanceof NoValue && field.failure === undefined) {
    deciding.need = field.need
    return false
  }
  const problem = failure ?? (field instanceof NoValue ? field.failure : undefined)
  if (problem !== undefined) emit(deciding, 'iteration.failed', { path, index, failure: problem })
  else emit(deciding, 'iteration.completed', { path, index, ...(field instanceof NoValue ? {} : field) })
  return true
}

// Where the others go on, an item that fails takes back what it did itself; otherwise that falls to the block.
function takesBackAlone(deciding: Deciding, { owner, index, ending, undos }: Frame): boolean {
  const { node, path, attempt } = owner
  if (node.kind !== 'forEach' || !node.collect || ending?.kind !== 'failed') return false
  if (undos.length === 0 || deciding.state.forced) return false
  emit(deciding, 'branch.taken', { path, branch: 'undo', index, attempt })
  return true
}

function itemOutput(deciding: Deciding, frame: Frame): Kept | undefined | NoValue {
  const { owner, last } = frame
  if (owner.node.output !== undefined) return evaluate(deciding, owner.node.output, frame)
  return keepsResults(owner) && last?.status === 'completed' ? last.output : undefined
}
