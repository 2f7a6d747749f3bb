import type { Failure } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { evaluateDuration } from './deciding.ts'
import { NoValue } from './scope.ts'
import type { StepState } from './state.ts'

/**
 * When a failed step or block is tried again; `undefined` when it is not. The
 * delay doubles up to its maximum, and jitter draws it from the upper half of
 * its range ("equal jitter", Marc Brooker, "Exponential Backoff And Jitter",
 * AWS Architecture Blog, 2015).
 */
export function retryAt(deciding: Deciding, step: StepState, failure: Failure): number | undefined | NoValue {
  const { retry } = step.node
  if (retry === undefined || step.failures >= retry.max) return undefined
  const wanted = retry.on === undefined ? failure.retryable : retry.on.has(failure.code)
  if (!wanted || retry.except?.has(failure.code) === true) return undefined
  const first = evaluateDuration(deciding, retry.delayMs, step.frame)
  if (first instanceof NoValue) return first
  const longest = evaluateDuration(deciding, retry.maxDelayMs, step.frame)
  if (longest instanceof NoValue) return longest
  const delay = Math.min(first * retry.factor ** step.failures, longest)
  return deciding.now + Math.round(retry.jitter ? delay / 2 + (delay / 2) * deciding.draw() : delay)
}
