import type { Failure } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { evaluateDuration } from './deciding.ts'
import { draw } from './draw.ts'
import { NoValue } from './scope.ts'
import type { StepState } from './state.ts'

const dayMs = 86_400_000

/**
 * When a failed step or block is tried again; where it is not, the failure that
 * stands. The delay doubles up to its maximum, and jitter draws it from the
 * upper half of its range ("equal jitter", Marc Brooker, "Exponential Backoff
 * And Jitter", AWS Architecture Blog, 2015).
 */
export function retryAt(deciding: Deciding, step: StepState, failure: Failure): number | Failure | NoValue {
  const { retry } = step.node
  if (retry === undefined || step.failures >= retry.max) return failure
  const wanted = retry.on === undefined ? failure.retryable : retry.on.has(failure.code)
  if (!wanted || retry.except?.has(failure.code) === true) return failure
  const first = evaluateDuration(deciding, retry.delayMs, step.frame)
  if (first instanceof NoValue) return withoutDelay(first, failure)
  const longest = evaluateDuration(deciding, retry.maxDelayMs, step.frame)
  if (longest instanceof NoValue) return withoutDelay(longest, failure)
  const delay = Math.min(first * retry.factor ** step.failures, longest)
  const drawn = Math.round(retry.jitter ? delay / 2 + (delay / 2) * draw(deciding) : delay)
  return deciding.now + Math.max(drawn, Math.min(failure.retryAfterMs ?? 0, dayMs))
}

// A delay that cannot be evaluated is the failure now; what led there stays its cause.
function withoutDelay(stop: NoValue, failure: Failure): Failure | NoValue {
  return stop.failure === undefined ? stop : { ...stop.failure, cause: failure }
}
