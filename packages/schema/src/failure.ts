import type { Json } from './json.ts'

/**
 * What the journal keeps of a run or step that went wrong. Data, never a thrown
 * error: it crosses the journal, not the stack. `code` is stable and may be
 * matched by `retry.on` and `catch.on`; `message` is for people.
 */
export interface Failure {
  readonly code: string
  readonly message: string
  /** Whether the same attempt, made again, might succeed. */
  readonly retryable: boolean
  readonly details?: Json
  readonly cause?: Failure
}

/**
 * Every failure code that Segno itself writes, and what it means. A handler and
 * a `fail` step may use codes of their own. `docs/` has a row for each.
 */
export const failureCodes = {
  ARITHMETIC: 'An expression gave a number that is not finite.',
  ASSERTION_FAILED: 'The expression of an `assert` step was false.',
  ATTEMPT_ABANDONED: 'A handler did not stop within the grace period after its abort signal.',
  CANCELLED: 'The run, or the block around the step, was cancelled.',
  DURATION_INVALID: 'A value that has to be a duration is not one.',
  EXPRESSION_COST: 'An expression cost more than its evaluation budget.',
  EXPRESSION_TYPE: 'An operator or function of an expression got a value of the wrong type.',
  HANDLER_FAILED: 'A handler threw an error without a code of its own.',
  HANDLER_MISSING: 'No handler of that name is registered with this engine.',
  HANDLER_VERSION: 'The handler of that name is registered in another major version than the run began with.',
  INPUT_INVALID: 'An input does not fit its schema.',
  JOIN_UNSATISFIED: 'Too few children of a `parallel` block can still succeed.',
  LIMIT_EXCEEDED: 'The run reached one of its limits.',
  LOOP_EXHAUSTED: 'A `repeat` block reached `max` before its condition was met.',
  MISSING_VALUE: 'An expression read a field or an output that does not exist.',
  NO_MATCH: 'No case of a `match` block fits the value, and it has no default.',
  NO_PROGRESS: 'The run was picked up after a crash too often without getting further.',
  OUTCOME_UNKNOWN: 'An attempt of a `once` step ended without a recorded outcome.',
  OUTPUT_INVALID: 'An output does not fit its schema, or is not JSON.',
  PAYLOAD_TOO_LARGE: 'A value is larger than Segno keeps; leave it as an artifact instead.',
  STORAGE_INVALID: 'The store lost or damaged the input of an attempt.',
  TIMEOUT: 'The time limit of an attempt or a wait passed.',
  TYPE_MISMATCH: 'An expression gave a value of a type that does not fit where it goes.',
} as const

/** A failure code that Segno itself writes. */
export type FailureCode = keyof typeof failureCodes
