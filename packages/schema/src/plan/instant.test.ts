import { expect, test } from 'vitest'
import { parseInstant } from './instant.ts'

test.for<[string, number]>([
  ['1970-01-01T00:00:00Z', 0],
  ['2026-01-31T06:00:00Z', Date.UTC(2026, 0, 31, 6)],
  ['2026-01-31T06:00:00+01:00', Date.UTC(2026, 0, 31, 5)],
  ['2026-01-31T06:00:00.5Z', Date.UTC(2026, 0, 31, 6, 0, 0, 500)],
  // Never before the instant.
  ['1970-01-01T00:00:00.000000001Z', 1],
  ['1970-01-01T00:00:00.0010Z', 1],
  ['1969-12-31T23:59:59.9999Z', 0],
])('%s is %d ms after the epoch', ([text, ms]) => {
  expect(parseInstant(text)).toBe(ms)
})

test.for(['', 'tomorrow', '2026-01-31', '2026-01-31T06:00:00', '2026-02-30T06:00:00Z', '2026-01-31T25:00:00Z', '5'])(
  '"%s" is no instant',
  (text) => {
    expect(parseInstant(text)).toBeUndefined()
  },
)
