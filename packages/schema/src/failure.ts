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
  /** How long the other side asked to be left alone: a retry waits at least that long, but at most a day for it. */
  readonly retryAfterMs?: number
  readonly details?: Json
  readonly cause?: Failure
}

/**
 * Every failure code that Segno itself writes, and what it means. A handler and
 * a `fail` step may use codes of their own. `docs/` has a row for each.
 */
export const failureCodes = {
  ALREADY_REPLIED: 'The signal that an `emit` step replies to has had its reply.',
  ARGUMENT_REFUSED: 'A value that came from data would be read as an option of the program, or cannot be an argument.',
  ARITHMETIC: 'An expression gave a number that is not finite.',
  ASSERTION_FAILED: 'The expression of an `assert` step was false.',
  ATTEMPT_ABANDONED: 'A handler did not stop within the grace period after its abort signal.',
  CANCELLED: 'The run, or the block around the step, was cancelled.',
  CHILD_CANCELLED: 'The run that a `start` step waited for was cancelled.',
  CHILD_FAILED: 'The run that a `start` step waited for failed; its failure is the cause.',
  COMMAND_NOT_EXECUTABLE: 'The program of a step is there, but may not be executed.',
  COMMAND_NOT_FOUND: 'There is no such program, interpreter or folder to run it in.',
  COMMAND_REFUSED: 'The host does not allow the command of a step.',
  DURATION_INVALID: 'A value that has to be a duration is not one.',
  EXIT_CODE: 'A process ended with an exit code other than 0.',
  EXPRESSION_COST: 'An expression cost more than its evaluation budget.',
  EXPRESSION_TYPE: 'An operator or function of an expression got a value of the wrong type.',
  HANDLER_FAILED: 'A handler threw an error without a code of its own.',
  HANDLER_MISSING: 'No handler of that name is registered with this engine.',
  HTTP_FAILED: 'A request got no answer: no connection, a broken one, or TLS that does not check out.',
  HTTP_REFUSED: 'The host does not allow a request to that address, or it is no address of HTTP.',
  HTTP_STATUS: 'A server answered with a status from 400 on.',
  HANDLER_VERSION: 'The handler of that name is registered in another major version than the run began with.',
  INPUT_INVALID: 'An input does not fit its schema.',
  JOIN_UNSATISFIED: 'Too few children of a `parallel` block can still succeed.',
  KILLED_BY_SIGNAL: 'A process was ended by a signal that Segno did not send.',
  LIMIT_EXCEEDED: 'The run reached one of its limits.',
  LOOP_EXHAUSTED: 'A `repeat` block reached `max` before its condition was met.',
  MISSING_VALUE: 'An expression read a field or an output that does not exist.',
  NOTHING_TO_REPLY: 'No signal led to where an `emit` step replies to one.',
  NO_MATCH: 'No case of a `match` block fits the value, and it has no default.',
  NO_TRANSITION: 'A state of a `states` block has only conditions that lead on, and none holds.',
  NO_PROGRESS: 'The run was picked up after a crash too often without getting further.',
  OUTCOME_UNKNOWN: 'An attempt of a `once` step ended without a recorded outcome.',
  OUTPUT_INVALID: 'An output does not fit its schema, or is not JSON.',
  OUTPUT_TOO_LARGE: 'A declared output of a process is larger than its `maxSize`.',
  PATH_UNSAFE: 'A path leads out of the workspace, or to something that is no plain file or folder.',
  PAYLOAD_TOO_LARGE: 'A value is larger than Segno keeps; leave it as an artifact instead.',
  PROCESS_FAILED: 'A process could not be started or watched over, for a reason of the machine.',
  SECRET_MISSING: 'The host has no value for a secret that the step needs.',
  SECRET_UNMASKABLE: 'The value of a secret is too short to be masked, so the step is not run with it.',
  SIGNAL_UNDELIVERED: 'The run that an `emit` step names does not exist, or has ended.',
  STORAGE_INVALID: 'The store lost or damaged the input of an attempt.',
  TIMEOUT: 'The time limit of an attempt or a wait passed.',
  TIMESTAMP_INVALID: 'A value that has to be an instant is not one.',
  TRANSACTIONS_MISSING: 'The effect of the step is `tx`, and the storage has no transactions.',
  TYPE_MISMATCH: 'An expression gave a value of a type that does not fit where it goes.',
} as const

/** A failure code that Segno itself writes. */
export type FailureCode = keyof typeof failureCodes
