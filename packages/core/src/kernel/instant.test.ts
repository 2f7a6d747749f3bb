import fc from 'fast-check'
import { expect, test } from 'vitest'
import { timestampText } from './instant.ts'

test('an instant reads as a Date writes it', () => {
  const instants = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(instants, (date) => {
      expect(timestampText(date.getTime())).toBe(date.toISOString())
    }),
    { numRuns: 1000 },
  )
})

test.for([
  '1970-01-01T00:00:00.000Z',
  '2000-02-29T23:59:59.999Z',
  '2100-03-01T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
])('%s is written as it is read', (text) => {
  expect(timestampText(Date.parse(text))).toBe(text)
})
