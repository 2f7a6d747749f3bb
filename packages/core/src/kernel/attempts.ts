import type { BlobRef, Failure } from '@segno/schema/plan'
import type { AttemptOutcome } from './decide.ts'
import type { Deciding } from './deciding.ts'
import { emit, emitFailed } from './deciding.ts'
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
    case 'completed': {
      const { output, outputBlob, exitCode } = outcome
      const ended = exitCode === undefined ? { path } : { path, exitCode }
      if (outputBlob !== undefined) {
        deciding.blobs.push(outputBlob)
        emit(deciding, 'step.completed', { ...ended, outputBlob: refOf(outputBlob) })
      } else emit(deciding, 'step.completed', output === undefined ? ended : { ...ended, output })
      return
    }
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

// Why it was stopped is the kernel's to say; how it ended then, also the exit code of a process, only the attempt knows.
function withDetails(failure: Failure, { details }: Failure): Failure {
  return details === undefined ? failure : { ...failure, details }
}

function refOf({ sha256, size }: BlobRef): BlobRef {
  return { sha256, size }
}

/**
 * What follows when an attempt fails, or is known to have got nowhere: it was
 * being stopped, or it is tried again, or the step fails or blocks. False when
 * a value has to be loaded first.
 */
export function attemptFailed(deciding: Deciding, step: StepState, failure: Failure): boolean {
  const { path, attempt, node, stopping } = step
  if (stopping?.kind === 'cancelled') {
    emit(deciding, 'step.cancelled', { path, because: stopping.because, failure })
    return true
  }
  const actual = stopping?.kind === 'failed' ? withDetails(stopping.failure, failure) : failure
  const next = retryAt(deciding, step, actual)
  if (next instanceof NoValue) {
    deciding.need = next.need
    return false
  }
  if (typeof next === 'number') emit(deciding, 'attempt.failed', { path, attempt, failure: actual, retryAt: next })
  else emitFailed(deciding, node, { path, attempt, failure: next })
  return true
}
