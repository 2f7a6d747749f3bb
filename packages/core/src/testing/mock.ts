import { parseDuration } from '@segno/schema/plan'
import type { Json } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'

const kind = Symbol.for('segno.mock')

/** What a mocked step does beside giving an output; made by `failure`, `after` and `hangs`. */
export interface MockOutcome {
  readonly [kind]: MockDoing
}

/** What is inside of a `MockOutcome`. */
export type MockDoing =
  | { readonly kind: 'failure'; readonly failure: MockFailure }
  | { readonly kind: 'after'; readonly ms: number; readonly mock: Mock }
  | { readonly kind: 'hangs' }

/** How a mocked step fails. */
export interface MockFailure {
  readonly code: string
  /** The code unless given. */
  readonly message?: string
  /** True unless given. */
  readonly retryable?: boolean
  readonly retryAfterMs?: number
  readonly details?: Json
}

/** A mock that is asked each time: with what the step gives its handler, and which attempt this is, from 1. */
export type MockFunction = (input: never, turn: number) => Mock | Promise<Mock>

/** What stands in for the work of a step: its output, another way to end, or a function that says which. */
export type Mock = Json | undefined | MockOutcome | MockFunction

/**
 * Mocks by the path of a step (`orders/pay`), without the numbers of iterations, or by its id alone (`pay`), which means
 * every step of that id. A step of a workflow that is started has the path of the step that starts it before its own;
 * what takes a step back is called `pay.undo`.
 */
export type Mocks = Readonly<Record<string, Mock>>

/**
 * A mocked step fails with this code.
 *
 * @example
 * ```ts
 * await testRun(workflow, { mocks: { pay: (_, turn) => (turn < 3 ? failure('GATEWAY_DOWN') : { charge: 'c1' }) } })
 * ```
 */
export function failure(code: string, rest: Omit<MockFailure, 'code'> = {}): MockOutcome {
  if (!/^[A-Z][A-Z0-9_]{0,63}$/.test(code)) {
    throw new SegnoError('ARGUMENT_INVALID', `The code of a failure is ${JSON.stringify(code)}; expected CAPITALS`)
  }
  return { [kind]: { kind: 'failure', failure: { ...rest, code } } }
}

/** A mocked step takes time, virtual as all time in a test, before it ends: milliseconds, or a duration such as `2h`. */
export function after(duration: number | string, mock: Mock): MockOutcome {
  return { [kind]: { kind: 'after', ms: durationMs(duration), mock } }
}

/** A mocked step never ends: it is stopped by its timeout, or when the run is cancelled. */
export function hangs(): MockOutcome {
  return { [kind]: { kind: 'hangs' } }
}

/** What the mock does, if it is no plain output. */
export function doingOf(mock: Mock): MockDoing | undefined {
  return typeof mock === 'object' && mock !== null && kind in mock ? mock[kind] : undefined
}

/** Milliseconds of what a test gives as a duration. Throws `ARGUMENT_INVALID`. */
export function durationMs(duration: number | string): number {
  const ms = typeof duration === 'string' ? parseDuration(duration) : duration
  if (ms !== undefined && Number.isFinite(ms) && ms >= 0) return ms
  throw new SegnoError('ARGUMENT_INVALID', `${JSON.stringify(duration)} is no duration: expected milliseconds or 2h30m`)
}
