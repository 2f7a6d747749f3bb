import type { Failure, Json } from '@segno/schema/plan'
import { completeStep } from './complete.ts'
import type { Deciding } from './deciding.ts'
import { emit, emitFailed, evaluate, isDecided } from './deciding.ts'
import { endRun } from './end-run.ts'
import { endingOf } from './inside.ts'
import type { Kept } from './kept.ts'
import { gather, outputField } from './output.ts'
import { joined, withDetail } from './parallel.ts'
import type { CatchPlan, TryNode } from './plan.ts'
import { retryAt } from './retry.ts'
import { NoValue, failureJson } from './scope.ts'
import { blockOf } from './state.ts'
import type { Ending, StepState } from './state.ts'
import { isUnwinding, undosWithin } from './undo.ts'
import { carryOut } from './verdict.ts'
import { workflowOutput } from './workflow-output.ts'

/**
 * A part of a block has ended, and its children with it. In the order of the
 * language: what was done inside is taken back, the block's `retry`, `catch`,
 * `finally`, and then the end of the block itself. False when a value has to be
 * loaded first.
 */
export function endSection(deciding: Deciding, step: StepState): boolean {
  const ending = sectionEnding(step)
  if (isUnwinding(blockOf(step)) || awaitsChildren(deciding, step) || takesBack(deciding, step, ending)) return true
  return afterSection(deciding, step, ending)
}

function afterSection(deciding: Deciding, step: StepState, ending: Ending): boolean {
  const { phase, result } = blockOf(step)
  if (result !== undefined) return endBlock(deciding, step, afterFinally(result, ending))
  return phase === 'body' && ending.kind === 'failed'
    ? failBody(deciding, step, ending.failure)
    : conclude(deciding, step, ending)
}

// The runs that it started end before a run does: they are stopped with it where it does not complete.
function awaitsChildren({ state }: Deciding, { node }: StepState): boolean {
  if (node.kind !== 'workflow' || state.children.size === 0) return false
  state.errandsChanged = true
  return true
}

// A forced cancel takes nothing back.
function takesBack(deciding: Deciding, step: StepState, ending: Ending, told: Told = {}): boolean {
  if (ending.kind !== 'failed' && ending.kind !== 'cancelled') return false
  if (deciding.state.forced || undosWithin(blockOf(step)).length === 0) return false
  const { path, attempt } = step
  emit(deciding, 'branch.taken', { path, branch: 'undo', ...told, attempt })
  return true
}

/**
 * A block fails by itself, where its list did not: a loop that is exhausted, an
 * output that cannot be evaluated.
 */
export function failBlock(deciding: Deciding, step: StepState, failure: Failure): boolean {
  const told = { failure }
  const ending: Ending = { kind: 'failed', failure }
  if (takesBack(deciding, step, ending, told)) return true
  return blockOf(step).phase === 'body' ? failBody(deciding, step, failure, told) : endBlock(deciding, step, ending)
}

// The body of a block has failed: its `retry` comes first, then `catch`, then `finally` and the end of the block.
function failBody(deciding: Deciding, step: StepState, failure: Failure, told: Told = {}): boolean {
  const next = retryAt(deciding, step, failure)
  if (next instanceof NoValue) {
    deciding.need = next.need
    return false
  }
  if (typeof next !== 'number') {
    const seen = next === failure ? told : { failure: next }
    return caught(deciding, step, next, seen) || conclude(deciding, step, { kind: 'failed', failure: next }, seen)
  }
  const { path, attempt } = step
  emit(deciding, 'attempt.failed', { path, attempt, failure, retryAt: next })
  return true
}

function sectionEnding(step: StepState): Ending {
  const ending = endingOf(step)
  const { failures } = blockOf(step)
  // Only the items of a list fail beside each other where their block has not decided for them.
  return step.node.kind === 'forEach' && ending.kind === 'failed'
    ? { kind: 'failed', failure: joined([ending.failure, ...failures]) }
    : ending
}

// What `catch` and `finally` see, where that is not how the list before them ended.
interface Told {
  readonly failure?: Failure
}

function caught(deciding: Deciding, step: StepState, failure: Failure, told: Told): boolean {
  if (step.node.kind !== 'try') return false
  const clause = matching(step.node, failure)
  if (clause === undefined) return false
  const { path, attempt } = step
  emit(deciding, 'branch.taken', { path, branch: clause.list.role, value: failure.code, ...told, attempt })
  return true
}

function matching(node: TryNode, failure: Failure): CatchPlan | undefined {
  return node.catches.find((clause) => clause.on === undefined || clause.on.has(failure.code))
}

/** Body and catch are over: `finally` runs once, and then the block ends. A forced cancel shields nothing. */
export function conclude(deciding: Deciding, step: StepState, ending: Ending, told: Told = {}): boolean {
  const { node, path, attempt } = step
  const hasFinally = 'finally' in node && node.finally !== undefined
  if (!hasFinally || deciding.state.forced) return endBlock(deciding, step, ending)
  emit(deciding, 'branch.taken', { path, branch: 'finally', ...told, attempt })
  return true
}

// A failure in `finally` never replaces what ended the block before: it is attached to that.
function afterFinally(result: Ending, ending: Ending): Ending {
  if (ending.kind !== 'failed') return ending.kind === 'cancelled' ? ending : result
  const attached = failureJson(ending.failure)
  if (result.kind === 'failed') return { kind: 'failed', failure: withDetail(result.failure, 'finally', attached) }
  if (result.kind === 'cancelled')
    return { kind: 'cancelled', because: withDetail(result.because, 'finally', attached) }
  return ending
}

/** Ends a block, or the run: `output` where something has already given it. */
export function endBlock(deciding: Deciding, step: StepState, ending: Ending, output?: Json): boolean {
  const { path, attempt, node } = step
  if (node.kind === 'workflow') return endWorkflow(deciding, step, ending)
  switch (ending.kind) {
    case 'cancelled':
      emit(deciding, 'step.cancelled', { path, because: ending.because })
      return true
    case 'failed':
      emitFailed(deciding, node, { path, attempt, failure: ending.failure })
      return true
    case 'returned':
      return node.kind === 'call'
        ? completeBlock(deciding, step)
        : isDecided(deciding, completeStep(deciding, step, {}))
    case 'completed':
      // Its `finally` has run before what an operator made of the block.
      if (step.verdict !== undefined) return carryOut(deciding, step, step.verdict)
      return completeBlock(deciding, step, output)
    default:
      return ending satisfies never
  }
}

function completeBlock(deciding: Deciding, step: StepState, output?: Json): boolean {
  const value = output === undefined ? blockOutput(deciding, step) : output
  const field = value === undefined || value instanceof NoValue ? value : outputField(deciding, value)
  if (field instanceof NoValue) return withoutOutput(deciding, step, field)
  return isDecided(deciding, completeStep(deciding, step, field ?? {}))
}

function withoutOutput(deciding: Deciding, step: StepState, stop: NoValue): boolean {
  return stop.failure === undefined ? isDecided(deciding, stop) : failBlock(deciding, step, stop.failure)
}

// What it gives is evaluated when all else is over; a run that cannot give it fails, and what it did is taken back.
function endWorkflow(deciding: Deciding, root: StepState, ending: Ending): boolean {
  if (ending.kind === 'failed' || ending.kind === 'cancelled') return endRun(deciding, ending)
  const output = workflowOutput(deciding, root, ending)
  if (!(output instanceof NoValue)) return endRun(deciding, { kind: 'completed', output })
  if (output.failure === undefined) return isDecided(deciding, output)
  const failed: Ending = { kind: 'failed', failure: output.failure }
  return takesBack(deciding, root, failed, { failure: output.failure }) || endRun(deciding, failed)
}

function blockOutput(deciding: Deciding, step: StepState): Kept | undefined | NoValue {
  const { node } = step
  const block = blockOf(step)
  if (node.kind === 'call') return workflowOutput(deciding, step, block.result ?? endingOf(step))
  if (node.kind === 'forEach') return gather(deciding, step)
  if (node.kind === 'repeat') {
    if (node.initial !== undefined) return block.previous
    if (block.next === 0) return undefined
  }
  const inner = block.iterations.get(block.next - 1) ?? block.frames.at(-1)
  if (node.output !== undefined) return evaluate(deciding, node.output, inner ?? step.frame)
  if (!node.outputRead || node.kind === 'parallel') return undefined
  const last = (block.frames.findLast((frame) => frame.list.role !== 'finally') ?? inner)?.last
  return last?.status === 'completed' ? last.output : undefined
}
