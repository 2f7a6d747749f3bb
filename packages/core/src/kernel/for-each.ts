import type { Deciding } from './deciding.ts'
import { emit, evaluate, isDecided, sliceEventsMax } from './deciding.ts'
import { endSection } from './end.ts'
import { keepsResults } from './inside.ts'
import type { Kept } from './kept.ts'
import { outputField } from './output.ts'
import type { ForEachNode } from './plan.ts'
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
  return block.iterations.size > 0 || endSection(deciding, step)
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
  if (ending?.kind === 'failed') {
    emit(deciding, 'iteration.failed', { path, index, failure: ending.failure })
    return true
  }
  const output = itemOutput(deciding, frame)
  const field = output instanceof NoValue || output === undefined ? output : outputField(deciding, output)
  if (!(field instanceof NoValue)) emit(deciding, 'iteration.completed', { path, index, ...field })
  else if (field.failure === undefined) return isDecided(deciding, field)
  else emit(deciding, 'iteration.failed', { path, index, failure: field.failure })
  return true
}

// Where the others go on, an item that fails takes back what it did itself; otherwise that falls to the block.
function takesBackAlone(deciding: Deciding, { owner, index, ending, undos }: Frame): boolean {
  const { node, path, attempt } = owner
  if (!(node as ForEachNode).collect || ending?.kind !== 'failed') return false
  if (undos.length === 0 || deciding.state.forced) return false
  emit(deciding, 'branch.taken', { path, branch: 'undo', index, attempt })
  return true
}

function itemOutput(deciding: Deciding, frame: Frame): Kept | undefined | NoValue {
  const { owner, last } = frame
  if (owner.node.output !== undefined) return evaluate(deciding, owner.node.output, frame)
  return keepsResults(owner) ? last?.output : undefined
}
