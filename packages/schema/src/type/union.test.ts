import { describe, expect, test } from 'vitest'
import { intersect, widen, without } from './intersect.ts'
import {
  anyType,
  booleanType,
  integerType,
  listType,
  literalType,
  mapType,
  neverType,
  nullType,
  numberType,
  textType,
  type Type,
} from './type.ts'
import { union } from './union.ts'

const a = literalType('a')
const both = (...members: readonly Type[]): Type => ({ kind: 'union', members })

describe('a union', () => {
  test.for<[string, readonly Type[], Type]>([
    ['of nothing is never', [], neverType],
    ['of one is that one', [textType], textType],
    ['with anything is anything', [textType, anyType], anyType],
    ['of unions is one', [both(textType, nullType), both(nullType, numberType)], both(textType, nullType, numberType)],
    ['of a literal and its kind is the kind', [a, textType, literalType(1.5), numberType], both(textType, numberType)],
    [
      'of whole numbers and integers is integers',
      [literalType(2), integerType, literalType(1.5)],
      both(integerType, literalType(1.5)),
    ],
    ['of integers and numbers is numbers', [integerType, numberType], numberType],
    ['of true and false is both', [literalType(true), nullType, literalType(false)], both(booleanType, nullType)],
    ['keeps each literal once', [a, literalType('a'), literalType('b')], both(a, literalType('b'))],
    [
      'keeps text and a number apart that are written the same',
      [literalType('1'), literalType(1)],
      both(literalType('1'), literalType(1)),
    ],
    [
      'keeps the same map once',
      [mapType({ x: a, y: textType }), mapType({ y: textType, x: literalType('a') })],
      mapType({ x: a, y: textType }),
    ],
    [
      'keeps maps apart',
      [mapType({ x: a }), mapType({ x: textType })],
      both(mapType({ x: a }), mapType({ x: textType })),
    ],
    [
      'keeps apart what is certainly there and what may be missing',
      [mapType({ x: a }), mapType({ x: { type: a, isOptional: true } })],
      both(mapType({ x: a }), mapType({ x: { type: a, isOptional: true } })),
    ],
    ['keeps lists apart', [listType(a), listType(textType)], both(listType(a), listType(textType))],
  ])('%s', ([, types, whole]) => {
    expect(union(types)).toEqual(whole)
  })

  test('that adds nothing is the one that was', () => {
    const whole = union([a, nullType, mapType({ x: textType })])
    expect(union([whole, nullType])).toBe(whole)
    expect(union([neverType, whole])).toBe(whole)
    expect(union([mapType({ x: textType }), literalType('a'), whole])).toEqual(
      both(mapType({ x: textType }), a, nullType),
    )
    expect(union([whole, literalType('a')])).toBe(whole)
  })
})

describe('what two types have in common', () => {
  test.for<[string, Type, Type, Type]>([
    ['is the other where one is anything', anyType, a, a],
    ['is the narrower', numberType, integerType, integerType],
    ['is a literal of both', both(a, literalType(1)), textType, a],
    ['is nothing where they are of different kinds', textType, nullType, neverType],
    [
      'is field by field',
      mapType({ x: textType, y: { type: a, isOptional: true } }),
      mapType({ x: a }, textType),
      mapType({ x: a, y: { type: a, isOptional: true } }),
    ],
    ['is nothing where a field contradicts', mapType({ x: a }), mapType({ x: literalType('b') }), neverType],
    ['is element by element', listType(textType, [a]), listType(anyType, [textType, a]), listType(textType, [a, a])],
  ])('%s', ([, one, other, common]) => {
    expect(intersect(one, other)).toEqual(common)
  })

  test('is the first itself where that is narrower', () => {
    const map = mapType({ x: a, y: listType(a) })
    expect(intersect(map, mapType({ x: textType, y: listType(textType) }))).toBe(map)
    const either = union([a, nullType])
    expect(intersect(either, union([nullType, textType]))).toBe(either)
  })
})

test('a value is taken out of a union, null and a boolean', () => {
  expect(without(both(textType, nullType), null)).toBe(textType)
  expect(without(both(a, literalType('b')), 'b')).toBe(a)
  expect(without(booleanType, true)).toEqual(literalType(false))
  expect(without(nullType, null)).toBe(neverType)
  expect(without(textType, 'a')).toBe(textType)
})

test('literals widen to their kinds, at any depth', () => {
  const exact = mapType({ x: listType(neverType, [a, literalType(1), literalType(1.5), literalType(true)]) })
  expect(widen(exact)).toEqual(mapType({ x: listType(neverType, [textType, integerType, numberType, booleanType]) }))
  expect(widen(both(a, literalType('b'), nullType))).toEqual(both(textType, nullType))
  const wide = mapType({ x: textType })
  expect(widen(wide)).toBe(wide)
})
