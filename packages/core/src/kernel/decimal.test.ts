import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal } from './decimal.ts'

test('it writes a count as any number is written', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (count) => decimal(count) === String(count)))
})

test.for([0, 9, 10, 99, 100, 999, 1000, 1001, 1010, 1100, 999_999, 1_000_000, 1_000_001])('%d', (count) => {
  expect(decimal(count)).toBe(String(count))
})
