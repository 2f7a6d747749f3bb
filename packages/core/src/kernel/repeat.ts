import type { Deciding } from './deciding.ts'
import { emit, evaluate, evaluateDuration, evaluateTest, isDecided } from './deciding.ts'
import { endBlock, endSection, failBlock } from './end.ts'
import { outputField } from './output.ts'
import type { RepeatNode } from './plan.ts'
import { NoValue } from './scope.ts'
import { blockOf } from './state.ts'
import type { Frame, StepState } from './state.ts'

/** Starts the next iteration, or ends the loop. */
export function nextIteration(deciding: Deciding, step: StepState): boolean {
  const block = blockOf(step)
  const node = step.node as RepeatNode
  if (block.iterations.get(block.next - 1)?.closed === false) return true
  if (block.ending !== undefined || block.done) return endSection(deciding, step)
  if (node.while !== undefined) {
    const extras = { previous: block.previous, iteration: block.next }
    const holds = evaluateTest(deciding, node.while, step.frame, extras)
    if (holds instanceof NoValue) return ended(deciding, step, holds)
    if (!holds) return endSection(deciding, step)
  }
  if (block.next >= block.max) return exhausted(deciding, step, node)
  if (node.every !== undefined && block.next > 0 && !block.rested) {
    if (step.due !== 0) return true
    const ms = evaluateDuration(deciding, node.every, step.frame)
    if (ms instanceof NoValue) return ended(deciding, step, ms)
    emit(deciding, 'timer.set', { path: step.path, due: deciding.now + ms, purpose: 'every' })
    return true
  }
  emit(deciding, 'iteration.started', { path: step.path, index: block.next })
  return true
}

function exhausted(deciding: Deciding, step: StepState, node: RepeatNode): boolean {
  const { max, next, iterations } = blockOf(step)
  if (node.exhausted === undefined) {
    const message = `"${step.path}" ran ${max} times without meeting its condition`
    return failBlock(deciding, step, { code: 'LOOP_EXHAUSTED', message, retryable: true })
  }
  const output = evaluate(deciding, node.exhausted, iterations.get(next - 1) ?? step.frame)
  if (output instanceof NoValue) return ended(deciding, step, output)
  return endBlock(deciding, step, { kind: 'completed' }, output)
}

// The loop cannot go on: its own expression failed, or has to wait for a value.
function ended(deciding: Deciding, step: StepState, stop: NoValue): boolean {
  return stop.failure === undefined ? isDecided(deciding, stop) : failBlock(deciding, step, stop.failure)
}

/** Ends one iteration: its output where the loop has a memory, and whether `until` is met. */
export function endIteration(deciding: Deciding, frame: Frame): boolean {
  const { owner, index, ending } = frame
  const { path } = owner
  const node = owner.node as RepeatNode
  if (ending?.kind === 'cancelled') {
    emit(deciding, 'iteration.cancelled', { path, index })
    return true
  }
  if (ending?.kind === 'failed') {
    emit(deciding, 'iteration.failed', { path, index, failure: ending.failure })
    return true
  }
  if (ending?.kind === 'returned') {
    emit(deciding, 'iteration.completed', { path, index })
    return true
  }
  const done = node.until === undefined ? false : evaluateTest(deciding, node.until, frame)
  const value = node.initial === undefined ? undefined : memory(deciding, frame)
  const field = value === undefined || value instanceof NoValue ? value : outputField(deciding, value)
  for (const part of [done, field]) {
    if (!(part instanceof NoValue)) continue
    if (part.failure === undefined) return isDecided(deciding, part)
    emit(deciding, 'iteration.failed', { path, index, failure: part.failure })
    return true
  }
  emit(deciding, 'iteration.completed', { path, index, ...(field as object | undefined), done: done === true })
  return true
}

function memory(deciding: Deciding, frame: Frame): ReturnType<typeof evaluate> | StepState['output'] {
  const { output } = frame.owner.node
  if (output !== undefined) return evaluate(deciding, output, frame)
  return frame.last?.output
}
