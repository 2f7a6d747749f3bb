import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { typeLimits } from './limits.ts'
import { anyTypeOf } from './type.fixture.ts'
import {
  anyType,
  booleanType,
  durationType,
  integerType,
  listType,
  literalType,
  mapType,
  neverType,
  nullType,
  numberType,
  textType,
  timestampType,
  type Type,
} from './type.ts'
import { union } from './union.ts'
import { wordsOf } from './words.ts'

const numRuns = process.env['SEGNO_DEEP'] === '1' ? 10_000 : 1000

const either = (...types: readonly Type[]): Type => union(types)
const optionalText = { type: textType, isOptional: true }

describe('a type is said', () => {
  test.for<[string, Type]>([
    ['anything', anyType],
    ['nothing', neverType],
    ['null', nullType],
    ['text', textType],
    ['a number', numberType],
    ['an integer', integerType],
    ['true or false', booleanType],
    ['a timestamp', timestampType],
    ['a duration', durationType],
    ['"approve" or "revise"', either(literalType('approve'), literalType('revise'))],
    ['1, true or null', either(literalType(1), literalType(true), nullType)],
    ['text or null', either(textType, nullType)],
    ['text, true or false', either(textType, booleanType)],
    ['a list', listType(anyType)],
    ['a list of text', listType(textType)],
    [
      'a list of numbers or a list of integers or null',
      either(listType(numberType), listType(either(integerType, nullType))),
    ],
    ['a list of maps', listType(mapType({ x: textType }))],
    ['a list of lists', listType(listType(textType))],
    ['a list of "a" or "b"', listType(either(literalType('a'), literalType('b')))],
    ['an empty list', listType(neverType)],
    ['a list of text and a number', listType(neverType, [textType, numberType])],
    [
      'a list of a map and null or a list',
      listType(neverType, [mapType({ x: textType }), either(nullType, listType(textType))]),
    ],
    ['a list of at least 1', listType(textType, [textType])],
    ['a map', mapType({}, anyType)],
    ['a map of integers', mapType({}, integerType)],
    ['an empty map', mapType({})],
    ['a map with id, name and note (optional)', mapType({ id: textType, name: textType, note: optionalText })],
    ['a map with id or null', either(mapType({ id: textType }, anyType), nullType)],
  ])('%s', ([words, type]) => {
    expect(wordsOf(type)).toBe(words)
  })
})

test('what is long is cut short', () => {
  const long = union(Array.from({ length: 100 }, (_, index) => literalType(`option ${index}`)))
  expect(wordsOf(long)).toBe('"option 0", "option 1", "option 2", "option 3", "option 4", "option 5", "option…')
})

test('what has many parts says how many more there are', () => {
  const digits = union(Array.from({ length: 24 }, (_, index) => literalType(index)))
  expect(wordsOf(digits)).toBe('0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 or 4 more')
})

test('every type is said in a few words', () => {
  fc.assert(
    fc.property(anyTypeOf({ withAny: true }), (type) => {
      const words = wordsOf(type)
      expect(words.length).toBeGreaterThan(0)
      expect(words.length).toBeLessThanOrEqual(typeLimits.wordsMax + 1)
    }),
    { numRuns },
  )
})
