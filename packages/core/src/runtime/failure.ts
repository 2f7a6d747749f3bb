import type { Failure, Json } from '@segno/schema/plan'
import { measure } from '../kernel/kept.ts'
import { NotJson, copyJson } from './json-copy.ts'

const codePattern = /^[A-Z][A-Z0-9_]{0,63}$/
const causesMax = 8
const messageMax = 4000

/**
 * What the journal keeps of something thrown. A `code` in capitals and a boolean
 * `retryable` on the error are taken over; otherwise it is `HANDLER_FAILED`
 * and may be retried. `retryAfterMs` is taken over where it is a finite number
 * from 0 on. Never the stack: it differs between machines.
 */
export function failureOf(error: unknown): Failure {
  try {
    return failureAt(error, 0)
  } catch {
    return { code: 'HANDLER_FAILED', message: 'the handler threw something that cannot be read', retryable: true }
  }
}

function failureAt(error: unknown, depth: number): Failure {
  if (typeof error !== 'object' || error === null) {
    return { code: 'HANDLER_FAILED', message: textOf(`the handler threw ${String(error)}`), retryable: true }
  }
  const { code, message, retryable, retryAfterMs, details, cause } = error as Readonly<Record<string, unknown>>
  return {
    code: typeof code === 'string' && codePattern.test(code) ? code : 'HANDLER_FAILED',
    message:
      typeof message === 'string' && message !== '' ? textOf(message) : 'the handler threw an error without a message',
    retryable: typeof retryable === 'boolean' ? retryable : true,
    ...(isDelay(retryAfterMs) ? { retryAfterMs: wholeMs(retryAfterMs) } : {}),
    ...(details === undefined ? {} : { details: detailsOf(details) }),
    ...(cause === undefined || cause === null || depth >= causesMax ? {} : { cause: failureAt(cause, depth + 1) }),
  }
}

function isDelay(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

// Events keep integers. A part of a millisecond too much is no harm, one too little is a request too early.
function wholeMs(ms: number): number {
  return Math.min(Math.ceil(ms), Number.MAX_SAFE_INTEGER)
}

// Failures live inside of events and of the state, which stay small.
function textOf(message: string): string {
  const text = message.length > messageMax ? `${message.slice(0, messageMax)}…` : message
  return text.toWellFormed()
}

function detailsOf(details: unknown): Json {
  const copied = copyJson(details)
  if (copied instanceof NotJson) return `left out: ${copied.message}`
  return copied !== undefined && 'json' in measure(copied) ? copied : 'left out: too large'
}

/** A failure that another attempt would not mend. */
export function finalFailure(code: string, message: string, details?: Json): Failure {
  return { code, message, retryable: false, ...(details === undefined ? {} : { details }) }
}
