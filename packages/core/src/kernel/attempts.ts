import type { BlobRef, EventPayloads, Failure, Json } from '@segno/schema/plan'
import { completeStep, undoOfUnknown } from './complete.ts'
import type { AttemptOutcome } from './decide.ts'
import type { Deciding } from './deciding.ts'
import { emit, emitFailed, emitOutput, isDecided } from './deciding.ts'
import { grown } from './grown.ts'
import { retryAt } from './retry.ts'
import { NoValue } from './scope.ts'
import type { StepState } from './state.ts'
import { isInFlight } from './step-status.ts'

/** Records how an attempt ended. A result of an attempt that is no longer under way is late, and dropped. */
export function attemptSettled(deciding: Deciding, path: string, attempt: number, outcome: AttemptOutcome): void {
  const step = deciding.state.steps.get(path)
  if (step === undefined || step.attempt !== attempt) return
  if (!isInFlight(step)) return
  switch (outcome.kind) {
    case 'completed':
      return attemptCompleted(deciding, step, outcome)
    case 'failed':
      attemptFailed(deciding, step, outcome.failure)
      return
    case 'impossible':
      if (step.stopping?.kind === 'cancelled') attemptFailed(deciding, step, outcome.failure)
      else emit(deciding, 'step.blocked', { path, attempt, failure: outcome.failure })
      return
    default:
      outcome satisfies never
  }
}

function attemptCompleted(
  deciding: Deciding,
  step: StepState,
  { output, outputBlob, exitCode }: Extract<AttemptOutcome, { kind: 'completed' }>,
): void {
  // What nearly every attempt comes to.
  if (output !== undefined && outputBlob === undefined && exitCode === undefined && step.node.undo === undefined)
    return emitOutput(deciding, step, output)
  const ended = exitCode === undefined ? {} : { exitCode }
  let field: Pick<EventPayloads['step.completed'], 'output' | 'outputBlob'> = output === undefined ? {} : { output }
  if (outputBlob !== undefined) {
    field = { outputBlob: refOf(outputBlob) }
    // It is in no store yet.
    if (step.node.undo !== undefined) deciding.loaded.set(outputBlob.sha256, JSON.parse(outputBlob.text) as Json)
  }
  const decided = isDecided(deciding, completeStep(deciding, step, { ...ended, ...field }))
  if (decided && outputBlob !== undefined) deciding.blobs = grown(deciding.blobs, outputBlob)
}

// Why it was stopped is the kernel's to say; how it ended then, also the exit code of a process, only the attempt knows.
function withDetails(failure: Failure, { details }: Failure): Failure {
  return details === undefined ? failure : { ...failure, details }
}

function refOf({ sha256, size }: BlobRef): BlobRef {
  return { sha256, size }
}

/**
 * What follows when an attempt fails, or is known to have got nowhere: it was
 * being stopped, or it is tried again, or the step fails or blocks. What it did
 * is taken back later where that is not known. False when a value has to be
 * loaded first.
 */
export function attemptFailed(deciding: Deciding, step: StepState, failure: Failure, isUnknown = false): boolean {
  const { path, attempt, node, stopping } = step
  const undo = isUnknown ? undoOfUnknown(deciding, step) : {}
  if (undo instanceof NoValue) {
    deciding.need = undo.need
    return false
  }
  if (stopping?.kind === 'cancelled') {
    emit(deciding, 'step.cancelled', { path, because: stopping.because, failure, ...undo })
    return true
  }
  const actual = stopping?.kind === 'failed' ? withDetails(stopping.failure, failure) : failure
  const next = retryAt(deciding, step, actual)
  if (next instanceof NoValue) {
    deciding.need = next.need
    return false
  }
  if (typeof next === 'number') emit(deciding, 'attempt.failed', { path, attempt, failure: actual, retryAt: next })
  else emitFailed(deciding, node, { path, attempt, failure: next, ...undo })
  return true
}
