import { SegnoError, type ErrorCode } from 'segno'

/** What goes to the client of a request that failed. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly details?: unknown
}

/** A request that is refused, and why. */
export class HttpProblem extends Error implements Problem {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.code = code
  }
}

// A code without a row is a fault of the service, not of the request.
const statuses: Partial<Record<ErrorCode, number>> = {
  ARGUMENT_INVALID: 400,
  INPUT_INVALID: 400,
  RUN_UNKNOWN: 404,
  RUN_CLOSED: 409,
  RUN_EXISTS: 409,
  ENGINE_CLOSED: 503,
}

/** The problem behind something thrown. What the client did not cause, it is not told. */
export function problemOf(error: unknown): Problem {
  if (error instanceof HttpProblem) return { status: error.status, code: error.code, message: error.message }
  if (SegnoError.is(error)) {
    const { code, message, details } = error
    const status = statuses[code]
    if (status !== undefined) return { status, code, message, ...(details === undefined ? {} : { details }) }
  }
  return { status: 500, code: 'INTERNAL', message: 'The service failed; its log says more.' }
}
