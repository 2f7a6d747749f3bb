import { isJsonObject, sha256Hex } from '@segno/schema/plan'
import type { Because, EventPayloads, Failure, Json } from '@segno/schema/plan'
import { attemptFailed } from './attempts.ts'
import { completeStep, undoOfUnknown } from './complete.ts'
import type { Deciding } from './deciding.ts'
import { deadlineOf, emit, evaluate, isDecided, stored } from './deciding.ts'
import { endingOf } from './inside.ts'
import { keptOutput } from './output.ts'
import { inputsOf } from './place.ts'
import type { Place } from './place.ts'
import type { StartNode } from './plan.ts'
import { hashOf, reuse } from './reuse.ts'
import { NoValue } from './scope.ts'
import type { ChildState, Ending, Reply, RunState, StepState } from './state.ts'
import { carryOut } from './verdict.ts'

/** Records that a child run is to be. It is made once that is in the journal, under an id that says which it is. */
export function startChild(deciding: Deciding, node: StartNode, { frame, path, attempt }: Place): NoValue | undefined {
  const given = evaluate(deciding, node.input, frame)
  if (given instanceof NoValue) return given
  const input = inputsOf(node.child.definition, given)
  if (input instanceof NoValue) return input
  const reused = reuse(deciding, { node, frame, path }, () => hashOf(input))
  if (reused !== false) return reused
  const deadline = deadlineOf(deciding, node.timeout, frame)
  if (deadline instanceof NoValue) return deadline
  const field = stored(deciding, 'input', input)
  if (field instanceof NoValue) return field
  const child = `sub_${sha256Hex(`${deciding.state.incarnation}/${path}#${attempt}`).slice(0, 32)}`
  const limit = deadline === undefined ? {} : { deadline }
  emit(deciding, 'step.started', { path, attempt, child, ...field, ...limit })
  return undefined
}

/** What became of the creation of a child run. */
export type CreationOutcome =
  | { readonly kind: 'created' }
  | { readonly kind: 'refused'; readonly failure: Failure }
  /** It had to be stopped, and there is no such run. */
  | { readonly kind: 'gone' }

/** Records that a child run exists, or cannot. What is known already changes nothing. */
export function childCreated(deciding: Deciding, runId: string, outcome: CreationOutcome): void {
  const child = deciding.state.children.get(runId)
  if (child === undefined) return
  const { path, step } = child
  switch (outcome.kind) {
    case 'created':
      if (!child.started) emit(deciding, 'child.started', { path, child: runId })
      return
    case 'gone':
      return emit(deciding, 'child.settled', {
        path,
        child: runId,
        status: 'cancelled',
        because: { code: 'RUN_UNKNOWN', message: `the run ${runId} does not exist any more` },
      })
    case 'refused':
      if (step === undefined || child.started) return
      if (step.verdict === undefined) attemptFailed(deciding, step, outcome.failure)
      else carryOut(deciding, step, step.verdict)
      return
    default:
      outcome satisfies never
  }
}

/** Takes in how a child run ended. One that nobody waits for any more is not heard. */
export function childSettled(
  deciding: Deciding,
  id: string,
  fields: { readonly [key: string]: Json | undefined },
): void {
  const { status, output, failure, because } = fields
  const runId = String(fields['runId'])
  const child = deciding.state.children.get(runId)
  if (child === undefined) {
    const message = `no step waits for the run ${runId}`
    return emit(deciding, 'signal.ignored', { id, because: { code: 'NOT_AWAITED', message } })
  }
  const place = { path: child.path, child: runId }
  // It may have ended before its creation was heard of.
  if (!child.started) emit(deciding, 'child.started', place)
  if (status === 'completed') {
    const field = stored(deciding, 'output', output ?? {})
    if (!(field instanceof NoValue)) emit(deciding, 'child.settled', { ...place, status, ...field })
    else if (field.failure !== undefined)
      emit(deciding, 'child.settled', { ...place, status: 'failed', failure: field.failure })
    return
  }
  const told = { ...(isJsonObject(failure) ? { failure } : {}), ...(isJsonObject(because) ? { because } : {}) }
  const outcome = { ...place, status: status === 'failed' ? 'failed' : 'cancelled', ...told }
  emit(deciding, 'child.settled', outcome as unknown as EventPayloads['child.settled'])
}

/** Decides about a step that waits for a child run. False when a value has to be loaded first. */
export function settleChild(deciding: Deciding, step: StepState, node: StartNode): boolean {
  const { stopping, reply, child: runId = '' } = step
  const child = deciding.state.children.get(runId)
  if (!node.wait && (reply !== undefined || child?.started === true))
    return isDecided(deciding, completeStep(deciding, step, { output: { runId } }))
  if (reply !== undefined) return takeReply(deciding, step, runId, reply)
  // A run of its own goes on without this one.
  return stopping === undefined || !node.detached || abandoned(deciding, step, stopping)
}

function takeReply(deciding: Deciding, step: StepState, runId: string, reply: Reply): boolean {
  switch (reply.kind) {
    case 'answer':
    case 'completed':
      return isDecided(deciding, completeStep(deciding, step, keptOutput(reply.output ?? {})))
    case 'failed': {
      const { failure } = reply
      const message = `the run ${runId} failed: ${failure.code}: ${failure.message}`
      const details = { runId }
      return attemptFailed(deciding, step, {
        code: 'CHILD_FAILED',
        message,
        retryable: failure.retryable,
        details,
        cause: failure,
      })
    }
    case 'cancelled': {
      const message = `the run ${runId} was cancelled: ${reply.because.message ?? reply.because.code}`
      return attemptFailed(deciding, step, { code: 'CHILD_CANCELLED', message, retryable: false, details: { runId } })
    }
    default:
      return reply satisfies never
  }
}

function abandoned(deciding: Deciding, step: StepState, stopping: Ending): boolean {
  if (stopping.kind === 'failed') return attemptFailed(deciding, step, stopping.failure, true)
  const undo = undoOfUnknown(deciding, step)
  if (undo instanceof NoValue) return isDecided(deciding, undo)
  const because: Because = stopping.kind === 'cancelled' ? stopping.because : { code: 'CANCELLED' }
  emit(deciding, 'step.cancelled', { path: step.path, because, ...undo })
  return true
}

/** Why a child run has to be told to stop; `undefined` while it may go on. */
export function stopOf(
  state: RunState,
  { node, step }: ChildState,
): { readonly reason: string; readonly force: boolean } | undefined {
  if (node.detached) return undefined
  const ending = step === undefined ? rootEnding(state) : step.stopping
  const force = state.forced
  switch (ending?.kind) {
    case 'failed':
      return { reason: `the run that started it failed: ${ending.failure.code}`, force }
    case 'cancelled':
      return {
        reason: `the run that started it was cancelled: ${ending.because.message ?? ending.because.code}`,
        force,
      }
    default:
      return step?.verdict === undefined
        ? undefined
        : { reason: 'an operator has ended the step that started it', force }
  }
}

function rootEnding({ root }: RunState): Ending | undefined {
  return root === undefined ? undefined : endingOf(root)
}
