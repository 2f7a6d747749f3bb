import type { FailureCode, Json } from '@segno/schema/plan'

/** How an attempt of a command went wrong, in the form that the engine reads failures from. */
export class CommandFailure extends Error {
  readonly code: FailureCode
  readonly retryable: boolean
  readonly details: Json | undefined

  constructor(
    code: FailureCode,
    message: string,
    options: { readonly retryable?: boolean; readonly details?: Json; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CommandFailure'
    this.code = code
    this.retryable = options.retryable ?? false
    this.details = options.details
  }
}

/** A failure of the machine, which may have mended by the next attempt. */
export function machineFailure(message: string, cause: unknown): CommandFailure {
  return new CommandFailure('PROCESS_FAILED', `${message}: ${reasonOf(cause)}`, { retryable: true, cause })
}

/** The code that the system gave with an error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
