import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readElement, readField } from './read.ts'
import { anyName, anyTypeOf, hasType, valueAt, valuesOf } from './type.fixture.ts'
import {
  anyType,
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

const numRuns = process.env['SEGNO_DEEP'] === '1' ? 10_000 : 1000

const optional = (type: Type): { readonly type: Type; readonly isOptional: true } => ({ type, isOptional: true })

describe('reading a field', () => {
  test('gives what is there', () => {
    expect(readField(mapType({ x: textType }), 'x')).toMatchObject({
      type: textType,
      isKnown: true,
      mayBeMissing: false,
    })
    expect(readField(mapType({ x: optional(textType) }), 'x')).toMatchObject({ type: textType, mayBeMissing: true })
    expect(readField(mapType({}, textType), 'x')).toMatchObject({ type: textType, isKnown: true, mayBeMissing: true })
    expect(readField(anyType, 'x')).toMatchObject({ type: anyType, isKnown: true, mayBeMissing: false })
  })

  test('that none has is not known', () => {
    const type = union([mapType({ x: textType }), mapType({ y: textType, z: optional(textType) }), nullType])
    const read = readField(type, 'q')
    expect(read).toMatchObject({ type: neverType, isKnown: false, isNull: true, notMaps: neverType })
    expect(read.names).toEqual(['x', 'y', 'z'])
  })

  test('that is certainly not there is known by its name', () => {
    const read = readField(mapType({ x: optional(neverType) }), 'x')
    expect(read).toMatchObject({ type: neverType, isKnown: true, mayBeMissing: true, names: ['x'] })
  })

  test('that only some have may be missing', () => {
    const type = union([mapType({ x: textType }), mapType({ x: nullType }), mapType({ y: textType })])
    expect(readField(type, 'x')).toMatchObject({ type: union([textType, nullType]), isKnown: true, mayBeMissing: true })
  })

  test('tells what has no fields', () => {
    const type = union([textType, nullType, mapType({ x: integerType }), numberType])
    expect(readField(type, 'x')).toMatchObject({
      type: integerType,
      isNull: true,
      notMaps: union([textType, numberType]),
    })
  })

  test('of nothing is no mistake', () => {
    expect(readField(neverType, 'x')).toMatchObject({ type: neverType, isKnown: true, mayBeMissing: false })
  })

  test('is sure of what it says', () => {
    const drawn = anyTypeOf().chain((type) => (valuesOf(type) ?? fc.constant(null)).map((value) => ({ type, value })))
    fc.assert(
      fc.property(drawn, anyName, ({ type, value }, name) => {
        if (!hasType(value, type)) return
        const read = readField(type, name)
        const there = valueAt(value, [name])
        if (there !== undefined) expect(hasType(there, read.type)).toBe(true)
        else expect(read.mayBeMissing || hasType(value, read.notMaps) || (read.isNull && value === null)).toBe(true)
      }),
      { numRuns },
    )
  })
})

describe('reading an element', () => {
  const list = listType(numberType, [textType])

  test('gives the one at a place', () => {
    expect(readElement(list, literalType(0))).toMatchObject({ type: textType, mayBeMissing: false })
    expect(readElement(list, literalType(1))).toMatchObject({ type: numberType, mayBeMissing: true })
    expect(readElement(listType(neverType, [textType]), literalType(1)).isKnown).toBe(false)
    expect(readElement(list, literalType(-1)).isKnown).toBe(false)
  })

  test('gives any where the place is not known', () => {
    const any = { type: union([textType, numberType]), isKnown: true, mayBeMissing: true }
    expect(readElement(list, integerType)).toMatchObject(any)
    expect(readElement(list, anyType)).toMatchObject(any)
    expect(readElement(list, union([literalType(0), literalType(1)]))).toMatchObject(any)
  })

  test('gives a field of a map by its name', () => {
    const map = mapType({ x: textType, y: optional(numberType) })
    expect(readElement(map, literalType('x'))).toMatchObject({ type: textType, mayBeMissing: false })
    expect(readElement(map, textType)).toMatchObject({ type: union([textType, numberType]), mayBeMissing: true })
    expect(readElement(map, literalType('z')).isKnown).toBe(false)
  })

  test('tells what has no such elements', () => {
    expect(readElement(list, textType)).toMatchObject({ type: neverType, isKnown: false, notMaps: list })
    expect(readElement(union([textType, nullType]), integerType)).toMatchObject({ notMaps: textType, isNull: true })
    expect(readElement(mapType({ x: textType }), integerType).isKnown).toBe(false)
  })
})
