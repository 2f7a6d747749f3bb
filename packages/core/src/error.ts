/** Every code this package throws, and what it means. `docs/09-errors.md` is checked against it. */
export const errorCodes = {
  ARGUMENT_INVALID: 'An argument of a call is not what it has to be.',
  BUNDLE_INVALID: 'An exported run does not hold together; `details` has the place.',
  DEFINITION_INVALID: 'The definition has errors; they are in `details`.',
  EDIT_INVALID: 'What a fork is to change does not fit the workflow.',
  ENGINE_CLOSED: 'The engine is closed, or closed before the answer came.',
  FILES_REQUIRED: 'The definition has inputs with `mustExist`, and the engine was given no `files` to look with.',
  HANDLER_CONFLICT: 'Two workflows, or a workflow and the host, bring different handlers of one name.',
  ILLEGAL_TRANSITION: 'A state machine was given an event that its state does not have.',
  INPUT_INVALID: 'The input of a run does not fit the definition; the problems are in `details`.',
  JOURNAL_CORRUPT: 'The journal holds events that no run of ours could have written.',
  JOURNAL_TOO_NEW: 'The journal holds events of a newer version of Segno.',
  MOCK_INVALID: 'A mock gives what its step cannot: the output does not fit.',
  MOCK_MISSING: 'A step of a test is to do its work, and there is neither a mock nor a handler for it.',
  MOCK_UNKNOWN: 'A mock is for a step that there is not, or that does no work.',
  PLAN_MISSING: 'The storage does not have the plan that a run is pinned to.',
  PLUGIN_CONFLICT: 'Two plugins, or a plugin and the host, bring the same; the conflicts are in `details`.',
  REQUEST_IGNORED: 'The run ignored the signal of a request; why is in `details`.',
  REQUEST_TIMEOUT: 'The run has not replied to a request in time.',
  REQUEST_UNANSWERED: 'The run ended without a reply to a request.',
  RUN_CANCELLED: 'The run was cancelled, so it has no output.',
  RUN_CLOSED: 'The run has ended, so it takes no signals and commands.',
  RUN_EXISTS: 'A run of that id or idempotency key exists with another input.',
  RUN_FAILED: 'The run failed, so it has no output; the failure is in `details`.',
  RUN_OPEN: 'The run, or one that belongs to it, has not ended, so it cannot be deleted.',
  RUN_UNKNOWN: 'There is no run of that id.',
  SECRET_MISSING: 'The host has no value for secrets that the workflow names; they are in `details`.',
  STORAGE_INVALID: 'A storage broke a law of its port.',
  TRANSACTIONS_MISSING: 'The workflow has steps whose effect is `tx`, and the storage has no transactions.',
} as const

/** The stable name of a kind of error. */
export type ErrorCode = keyof typeof errorCodes

const brand = Symbol.for('segno.error')

/**
 * The one class of error that Segno throws: a caller's mistake, or a broken
 * invariant. What goes wrong in a run is a `Failure` in its journal instead.
 */
export class SegnoError extends Error {
  readonly code: ErrorCode
  /** What the code documents: diagnostics, problems, a failure. */
  readonly details: unknown
  readonly [brand] = true

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly details?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'SegnoError'
    this.code = code
    this.details = options.details
  }

  /** Whether `error` is one of ours, also from another copy of this package. With a code, whether it is that one. */
  static is(error: unknown, code?: ErrorCode): error is SegnoError {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false
    return code === undefined || ('code' in error && error.code === code)
  }
}
