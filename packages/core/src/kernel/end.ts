import { validateJson } from '@segno/schema/plan'
import type { Because, Failure, Json } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { emit, emitFailed, evaluate, stored } from './deciding.ts'
import { endingOf } from './inside.ts'
import { Held } from './kept.ts'
import type { Kept } from './kept.ts'
import { gather, outputField } from './output.ts'
import { joined, withDetail } from './parallel.ts'
import type { CatchPlan, TryNode } from './plan.ts'
import { retryAt } from './retry.ts'
import { NoValue, failureJson } from './scope.ts'
import { blockOf } from './state.ts'
import type { Ending, StepState } from './state.ts'

/**
 * A part of a block has ended, and its children with it. In the order of the
 * language: the block's undo steps, its `retry`, `catch`, `finally`, and then
 * the end of the block itself. False when a value has to be loaded first.
 */
export function endSection(deciding: Deciding, step: StepState): boolean {
  // A block that waits for its retry and is cancelled has no inside any more.
  if (step.block === undefined) return step.stopping === undefined || conclude(deciding, step, step.stopping)
  const { phase, result } = step.block
  const ending = sectionEnding(step)
  if (phase === 'finally') return endBlock(deciding, step, afterFinally(result ?? { kind: 'completed' }, ending))
  return phase === 'body' && ending.kind === 'failed'
    ? failBody(deciding, step, ending.failure)
    : conclude(deciding, step, ending)
}

/** The body of a block has failed: its `retry` comes first, then `catch`, then `finally` and the end of the block. */
export function failBody(deciding: Deciding, step: StepState, failure: Failure): boolean {
  const next = retryAt(deciding, step, failure)
  if (next instanceof NoValue) {
    deciding.need = next.need
    return false
  }
  if (typeof next !== 'number') {
    const told = next === failure ? {} : { failure: next }
    return caught(deciding, step, next, told) || conclude(deciding, step, { kind: 'failed', failure: next }, told)
  }
  const { path, attempt } = step
  emit(deciding, 'attempt.failed', { path, attempt, failure, retryAt: next })
  return true
}

function sectionEnding(step: StepState): Ending {
  const ending = endingOf(step)
  const { failures } = blockOf(step)
  const isLoop = step.node.kind === 'forEach' || step.node.kind === 'repeat'
  return isLoop && ending.kind === 'failed'
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

// Body and catch are over: `finally` runs once, and then the block ends. A forced cancel shields nothing.
function conclude(deciding: Deciding, step: StepState, ending: Ending, told: Told = {}): boolean {
  const { node, path, attempt } = step
  const hasFinally = (node.kind === 'try' || node.kind === 'workflow') && node.finally !== undefined
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
  if (step.node.kind === 'workflow') return endRun(deciding, step, ending)
  const { path, attempt, node } = step
  switch (ending.kind) {
    case 'cancelled':
      emit(deciding, 'step.cancelled', { path, because: ending.because })
      return true
    case 'returned':
      emit(deciding, 'step.completed', { path })
      return true
    case 'failed':
      emitFailed(deciding, node, { path, attempt, failure: ending.failure })
      return true
    case 'completed': {
      const value = output === undefined ? blockOutput(deciding, step) : output
      const field = value === undefined || value instanceof NoValue ? value : outputField(deciding, value)
      if (!(field instanceof NoValue)) {
        emit(deciding, 'step.completed', { path, ...field })
        return true
      }
      if (field.failure !== undefined) return endBlock(deciding, step, { kind: 'failed', failure: field.failure })
      deciding.need = field.need
      return false
    }
    default:
      return ending satisfies never
  }
}

function blockOutput(deciding: Deciding, step: StepState): Kept | undefined | NoValue {
  const { node } = step
  const block = blockOf(step)
  if (node.kind === 'forEach') return gather(deciding, step)
  if (node.kind === 'repeat') {
    if (node.initial !== undefined) return block.previous
    if (block.next === 0) return undefined
  }
  const inner =
    block.iterations.get(block.next - 1) ?? block.frames.find((frame) => frame.list.role !== 'finally') ?? step.frame
  if (node.output !== undefined) return evaluate(deciding, node.output, inner)
  if (!node.outputRead || node.kind === 'parallel') return undefined
  const last = (
    inner === step.frame ? undefined : (block.frames.findLast((frame) => frame.list.role !== 'finally') ?? inner)
  )?.last
  return last?.status === 'completed' ? last.output : undefined
}

function endRun(deciding: Deciding, root: StepState, ending: Ending): boolean {
  switch (ending.kind) {
    case 'failed':
      emit(deciding, 'run.failed', { failure: ending.failure })
      return true
    case 'cancelled':
      emit(deciding, 'run.cancelled', { because: cancelReason(deciding, ending.because) })
      return true
    case 'completed':
      return completeRun(deciding, root, undefined)
    case 'returned':
      return completeRun(deciding, root, deciding.state.returned)
    default:
      return ending satisfies never
  }
}

// What was asked last, with what went wrong in `finally`.
function cancelReason({ state }: Deciding, because: Because): Because {
  const { details } = because
  return { ...(state.cancelBecause ?? because), ...(details === undefined ? {} : { details }) }
}

// A `return` that a failing `finally` overtook has not happened: what it gave counts only if the run ends with it.
function completeRun(deciding: Deciding, root: StepState, returned: Kept | undefined): boolean {
  const output = runOutput(deciding, root, returned)
  const field = output instanceof NoValue ? output : stored(deciding, 'output', output)
  if (!(field instanceof NoValue)) {
    emit(deciding, 'run.completed', field)
    return true
  }
  if (field.failure !== undefined) {
    emit(deciding, 'run.failed', { failure: field.failure })
    return true
  }
  deciding.need = field.need
  return false
}

function runOutput(deciding: Deciding, root: StepState, returned: Kept | undefined): Json | NoValue {
  const { plan } = deciding
  if (returned instanceof Held && !deciding.loaded.has(returned.ref.sha256))
    return new NoValue(undefined, [returned.ref])
  const given = returned instanceof Held ? deciding.loaded.get(returned.ref.sha256) : returned
  const values: Record<string, Json> = {}
  const frame = blockOf(root).frames.at(-1)
  for (const { name, schema, value } of plan.outputs) {
    const one =
      given === undefined ? (value === undefined ? undefined : evaluate(deciding, value, frame)) : fieldOf(given, name)
    if (one instanceof NoValue) return ofOutput(name, one)
    if (one === undefined) return invalidOutput(name, 'is given by nothing')
    const [problem] = validateJson(schema, one)
    if (problem !== undefined) return invalidOutput(name, `does not fit its schema: ${problem.path} ${problem.message}`)
    values[name] = one
  }
  return values
}

function ofOutput(name: string, { failure, need }: NoValue): NoValue {
  if (failure === undefined) return new NoValue(undefined, need)
  return new NoValue({ ...failure, message: `the output "${name}": ${failure.message}` })
}

function fieldOf(value: Json, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
    return undefined
  return (value as { readonly [key: string]: Json | undefined })[name]
}

function invalidOutput(name: string, what: string): NoValue {
  return new NoValue({ code: 'OUTPUT_INVALID', message: `the output "${name}" ${what}`, retryable: false })
}
