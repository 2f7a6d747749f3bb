import { expect, test } from 'vitest'
import { failureOf } from './failure.ts'

test.for([
  ['a whole number', 1500, 1500],
  ['zero', 0, 0],
  ['a part of a millisecond, which is waited for', 0.2, 1],
  ['more than can be kept exactly, as the most that can', 1e300, Number.MAX_SAFE_INTEGER],
] as const)('how long to wait is taken over from what was thrown: %s', ([, retryAfterMs, kept]) => {
  expect(failureOf(Object.assign(new Error('busy'), { code: 'BUSY', retryAfterMs }))).toEqual({
    code: 'BUSY',
    message: 'busy',
    retryable: true,
    retryAfterMs: kept,
  })
})

test.for([[-1], [Number.NaN], [Number.POSITIVE_INFINITY], ['1000'], [null], [undefined]] as const)(
  'what is no time to wait is left out: %s',
  ([retryAfterMs]) => {
    expect(failureOf(Object.assign(new Error('busy'), { retryAfterMs }))).toEqual({
      code: 'HANDLER_FAILED',
      message: 'busy',
      retryable: true,
    })
  },
)
