import type { FailureCode, JsonObject } from '@segno/schema/plan'
import type { Hop } from './hop.ts'

/** How a request went wrong, in the form that the engine reads failures from. */
export class HttpFailure extends Error {
  readonly code: FailureCode
  readonly retryable: boolean
  readonly details: JsonObject | undefined

  constructor(
    code: FailureCode,
    message: string,
    options: { readonly retryable?: boolean; readonly details?: JsonObject; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'HttpFailure'
    this.code = code
    this.retryable = options.retryable ?? false
    this.details = options.details
  }
}

// What may have mended by the next attempt. All else is of the kind that stays: certificates, protocols.
const passing = new Set([
  ...['EAI_AGAIN', 'ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT', 'EPIPE'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENETRESET', 'EADDRNOTAVAIL'],
  ...['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'ERR_SOCKET_CLOSED', 'ERR_SOCKET_CONNECTION_TIMEOUT'],
])

/** What the journal is to keep of anything that went wrong on the way to an answer. */
export function httpFailureOf(error: unknown, { method, url }: Hop): HttpFailure {
  if (error instanceof HttpFailure) return error
  const reason = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
  // A query may hold what is nobody's business.
  return new HttpFailure('HTTP_FAILED', `${method} ${url.origin}${url.pathname} failed: ${messageOf(error)}`, {
    retryable: reason === undefined || passing.has(reason),
    cause: error,
    ...(reason === undefined ? {} : { details: { reason } }),
  })
}

// Where a name has several addresses, there is an error for each of them, and none for all.
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
