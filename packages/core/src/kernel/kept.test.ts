import { sha256Hex } from '@segno/schema/plan'
import type { Json } from '@segno/schema/plan'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inlineBytesMax, measure, utf8Length, valueBytesMax } from './kept.ts'

/** A text whose JSON has exactly so many bytes. */
function textOf(bytes: number): string {
  return 'x'.repeat(bytes - 2)
}

test.for([
  ['a value of 16 KiB less one byte', inlineBytesMax - 1, 'json'],
  ['a value of 16 KiB', inlineBytesMax, 'json'],
  ['a value of 16 KiB and one byte', inlineBytesMax + 1, 'blob'],
  ['a value of 8 MiB', valueBytesMax, 'blob'],
  ['a value of 8 MiB and one byte', valueBytesMax + 1, 'failure'],
] as const)('%s is kept as %3$s', ([, bytes, kept]) => {
  expect(Object.keys(measure(textOf(bytes)))).toEqual([kept])
})

test('a blob is named by the bytes of its JSON text', () => {
  const value = { text: 'ü'.repeat(inlineBytesMax) }
  const text = JSON.stringify(value)
  expect(measure(value)).toEqual({
    blob: { sha256: sha256Hex(text), size: new TextEncoder().encode(text).length, text },
  })
})

test('a value that is too large names its size', () => {
  expect(measure(textOf(valueBytesMax + 1))).toEqual({
    failure: { code: 'PAYLOAD_TOO_LARGE', message: expect.stringContaining('8388609'), retryable: false },
  })
})

function many(count: number, value: Json): Json[] {
  return Array.from({ length: count }, () => value)
}

/** Under names of halves of characters, which JSON writes with six bytes each. */
function named(values: readonly Json[]): Json {
  const lone = (code: number): string => String.fromCodePoint(0xd800 + code)
  return Object.fromEntries(values.map((value, index) => [lone(index % 32) + lone(index >> 5), value]))
}

test.for<[string, Json]>([
  ['a list', Array.from({ length: 9000 }, () => null)],
  ['a list of numbers', Array.from({ length: 2000 }, () => 1)],
  ['an object', Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`k${index}`, true]))],
  ['controls', '\u0001'.repeat(2729)],
  ['a list of the longest numbers', many(670, -1.2345678901234568e-300)],
  ['a list of what is false', many(2750, false)],
  ['a list of nulls that is just too long', many(3300, null)],
  ['a list of empty texts', many(5500, '')],
  ['a list of empty lists', many(5500, [])],
  ['a list that fills the room before its last items', [null, ...many(5600, '')]],
  ['an object with long names', named(many(1000, ''))],
  ['an object that fills the room before its last entries', named([null, ...many(920, '')])],
])('where a value lives depends on its JSON text alone: %s', ([, value]) => {
  const isSmall = utf8Length(JSON.stringify(value)) <= inlineBytesMax
  expect('json' in measure(value)).toBe(isSmall)
})

test('a field that is undefined has no bytes that count', () => {
  expect(measure({ gone: undefined, here: 1 })).toEqual({ json: { gone: undefined, here: 1 } })
})

test('every value lives where the size of its JSON text says', () => {
  const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>
  fc.assert(
    fc.property(value, fc.constantFrom(1, 300, 3000), (one, times) => {
      const many = Array.from({ length: times }, () => one)
      const size = utf8Length(JSON.stringify(many))
      expect('json' in measure(many)).toBe(size <= inlineBytesMax)
    }),
    { numRuns: 50 },
  )
})

test('the length in UTF-8 is what an encoder counts', () => {
  const edges = ['\u007f', '\u0080', '\u07ff', '\u0800', '\udfff', '\ue000']
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\ud800', '\udc00', '\u0000', ...edges) })
  fc.assert(
    fc.property(text, (one) => {
      expect(utf8Length(one)).toBe(new TextEncoder().encode(one).length)
    }),
    { numRuns: 1000 },
  )
})
