import { describe, expect, test } from 'vitest'
import { fits } from './fits.ts'
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

const optional = (type: Type): { readonly type: Type; readonly isOptional: true } => ({ type, isOptional: true })
const a = literalType('a')
const b = literalType('b')
const tagged = union([mapType({ kind: a, x: textType }), mapType({ kind: b, y: numberType })])

describe('what fits', () => {
  test.for<[string, Type, Type]>([
    ['anything fits all', anyType, textType],
    ['anything is taken', mapType({ x: textType }), mapType({ x: anyType })],
    ['an integer is a number', integerType, numberType],
    ['a whole number that is written out is an integer', literalType(2), integerType],
    ['a text that is written out is text', a, union([nullType, textType])],
    ['true or false is either', booleanType, union([literalType(true), nullType, literalType(false)])],
    ['a timestamp leaves as text', timestampType, textType],
    ['a duration in a list too', listType(durationType), listType(textType)],
    ['one of a union', mapType({ kind: b, y: integerType }), tagged],
    [
      'what is one or the other by a field',
      mapType({ kind: union([a, b]), x: textType, y: numberType }, anyType),
      anyType,
    ],
    ['a union of some of them', union([a, nullType]), union([textType, nullType])],
    ['a field that need not be there', mapType({ x: textType }), mapType({ x: textType, y: optional(textType) })],
    ['a map of what is wanted', mapType({ x: textType }), mapType({}, textType)],
    ['a list that is long enough', listType(textType, [a, b]), listType(textType, [textType])],
    ['fields that nobody knows', mapType({ x: textType }, anyType), mapType({ x: textType })],
  ])('%s', ([, found, wanted]) => {
    expect(fits(found, wanted)).toBe(undefined)
  })

  test('a map fits together what it fits one by one, by the values of its fields', () => {
    const wanted = union([mapType({ kind: a, x: textType }), mapType({ kind: b, x: numberType })])
    expect(fits(mapType({ kind: union([a, b]), x: literalType('') }), wanted)).toBeDefined()
    const either = union([mapType({ kind: a, x: textType }), mapType({ kind: b, x: textType })])
    expect(fits(mapType({ kind: union([a, b]), x: textType }), either)).toBe(undefined)
    const ready = union([
      mapType({ ready: literalType(true) }),
      mapType({ ready: literalType(false), x: optional(textType) }),
    ])
    expect(fits(mapType({ ready: booleanType }), ready)).toBe(undefined)
  })
})

describe('what does not fit is told', () => {
  test('where it is', () => {
    const found = mapType({ list: listType(neverType, [mapType({ x: textType })]) })
    const wanted = mapType({ list: listType(mapType({ x: numberType })) })
    expect(fits(found, wanted)).toEqual({
      path: ['list', 0, 'x'],
      reason: 'type',
      expected: numberType,
      found: textType,
    })
  })

  test('a field that is missing, and one that may be', () => {
    const wanted = mapType({ x: mapType({ y: textType }) })
    const missing = mapType({ z: textType })
    const misfit = fits(mapType({ x: missing }), wanted)
    expect(misfit).toEqual({ path: ['x'], reason: 'missing', expected: textType, found: missing, field: 'y' })
    expect(fits(mapType({ x: mapType({ y: optional(textType) }) }), wanted)?.reason).toBe('maybe missing')
    expect(fits(mapType({ x: mapType({}, textType) }), wanted)?.reason).toBe('maybe missing')
  })

  test('a field that is not known', () => {
    const wanted = mapType({ x: textType })
    const misfit = fits(mapType({ x: textType, z: numberType }), wanted)
    expect(misfit).toEqual({ path: [], reason: 'unknown field', expected: wanted, found: numberType, field: 'z' })
    const nameless = fits(mapType({ x: textType }, numberType), wanted)
    expect(nameless).toEqual({ path: [], reason: 'unknown field', expected: wanted, found: numberType })
    expect(fits(mapType({ z: numberType }), mapType({}, textType))?.path).toEqual(['z'])
  })

  test('too few elements, and too many', () => {
    const wanted = listType(neverType, [textType, textType])
    expect(fits(listType(neverType, [textType]), wanted)?.reason).toBe('too few')
    expect(fits(listType(neverType, [a, b, a]), wanted)).toMatchObject({ path: [], reason: 'type' })
    expect(fits(listType(textType, [a, b]), wanted)).toMatchObject({ path: [], reason: 'type' })
  })

  test('that a value may be null, on the whole', () => {
    const found = union([textType, nullType])
    expect(fits(found, textType)).toEqual({ path: [], reason: 'type', expected: textType, found })
  })

  test('of a tagged union the alternative that is meant', () => {
    expect(fits(mapType({ kind: b, y: textType }), tagged)?.path).toEqual(['y'])
    expect(fits(mapType({ kind: a }), tagged)).toMatchObject({ reason: 'missing', field: 'x' })
    const c = literalType('c')
    expect(fits(mapType({ kind: c }), tagged)).toEqual({
      path: ['kind'],
      reason: 'type',
      expected: union([a, b]),
      found: c,
    })
    expect(fits(union([mapType({ kind: a, x: textType }), mapType({ kind: b })]), tagged)).toMatchObject({ field: 'y' })
  })

  test('of a union with one map or list, that one', () => {
    const wanted = union([nullType, mapType({ x: textType }), listType(numberType)])
    expect(fits(mapType({ x: numberType }), wanted)?.path).toEqual(['x'])
    expect(fits(listType(neverType, [numberType, textType]), wanted)?.path).toEqual([1])
    expect(fits(textType, wanted)?.expected).toBe(wanted)
  })

  test('a number for an integer, text for a timestamp, and all where nothing fits', () => {
    expect(fits(numberType, integerType)?.reason).toBe('type')
    expect(fits(literalType(1.5), integerType)?.reason).toBe('type')
    expect(fits(textType, timestampType)?.reason).toBe('type')
    expect(fits(textType, neverType)?.reason).toBe('type')
    expect(fits(textType, a)?.reason).toBe('type')
  })
})
