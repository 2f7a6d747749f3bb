import type { Failure, Json } from '@segno/schema/plan'
import { NotJson, copyJson } from './json-copy.ts'

const codePattern = /^[A-Z][A-Z0-9_]{0,63}$/
const causesMax = 8

/**
 * What the journal keeps of something thrown. A `code` in capitals and a boolean
 * `retryable` on the error are taken over; otherwise it is `HANDLER_FAILED`
 * and may be retried. Never the stack: it differs between machines.
 */
export function failureOf(error: unknown, depth = 0): Failure {
  if (typeof error !== 'object' || error === null) {
    return { code: 'HANDLER_FAILED', message: `the handler threw ${String(error)}`, retryable: true }
  }
  const { code, message, retryable, details, cause } = error as Readonly<Record<string, unknown>>
  const copied = details === undefined ? undefined : copyJson(details)
  return {
    code: typeof code === 'string' && codePattern.test(code) ? code : 'HANDLER_FAILED',
    message: typeof message === 'string' && message !== '' ? message : 'the handler threw an error without a message',
    retryable: typeof retryable === 'boolean' ? retryable : true,
    ...(copied === undefined || copied instanceof NotJson ? {} : { details: copied satisfies Json }),
    ...(cause === undefined || cause === null || depth >= causesMax ? {} : { cause: failureOf(cause, depth + 1) }),
  }
}

/** A failure that another attempt would not mend. */
export function finalFailure(code: string, message: string, details?: Json): Failure {
  return { code, message, retryable: false, ...(details === undefined ? {} : { details }) }
}
