import { describe, expect, test } from 'vitest'
import { intersect } from './intersect.ts'
import { readField } from './read.ts'
import { absent, present, refineAt } from './refine.ts'
import {
  anyType,
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

const optional = (type: Type): { readonly type: Type; readonly isOptional: true } => ({ type, isOptional: true })
const completed = mapType({
  status: literalType('completed'),
  output: mapType({ id: textType, note: optional(textType) }),
})
const failed = mapType({ status: literalType('failed'), failure: mapType({ code: textType }) })
const step = union([completed, failed])

describe('of a union', () => {
  test('the members are left in which a path leads to something', () => {
    expect(present(step, ['output'])).toBe(completed)
    expect(present(step, ['output', 'id'])).toBe(completed)
    expect(present(step, ['nothing'])).toBe(neverType)
  })

  test('the members are left in which a path may lead to nothing', () => {
    expect(absent(step, ['output'])).toBe(failed)
    expect(absent(step, ['status'])).toBe(neverType)
    expect(absent(step, ['nothing'])).toBe(step)
  })

  test('the members are left that have a discriminant', () => {
    const is = (value: string): Type => refineAt(step, ['status'], (inner) => intersect(inner, literalType(value)))
    expect(is('completed')).toBe(completed)
    expect(is('failed')).toBe(failed)
    expect(is('running')).toBe(neverType)
  })
})

test('a field that is present is certainly there', () => {
  const noted = mapType({ id: textType, note: textType })
  expect(present(step, ['output', 'note'])).toEqual(mapType({ status: literalType('completed'), output: noted }))
  expect(present(mapType({}, textType), ['x'])).toEqual(mapType({ x: textType }, textType))
})

test('a field that is absent is not there, and its name is still known', () => {
  const left = absent(mapType({ id: textType, note: optional(textType) }), ['note'])
  expect(readField(left, 'note')).toMatchObject({ type: neverType, isKnown: true })
  expect(readField(absent(mapType({}, textType), ['x']), 'x').type).toBe(neverType)
})

test('an element that is present has all before it', () => {
  expect(present(listType(textType), [1])).toEqual(listType(textType, [textType, textType]))
  expect(present(listType(neverType, [textType]), [1])).toBe(neverType)
  expect(present(listType(textType), [1000])).toEqual(listType(textType))
  expect(absent(listType(textType, [textType]), [1])).toEqual(listType(neverType, [textType]))
  expect(absent(listType(textType, [textType]), [0])).toBe(neverType)
})

test('what is inside of a field is narrowed where it stands', () => {
  const type = mapType({ x: mapType({ y: union([textType, nullType]), z: numberType }) })
  const narrowed = refineAt(type, ['x', 'y'], () => textType)
  expect(narrowed).toEqual(mapType({ x: mapType({ y: textType, z: numberType }) }))
})

test('what may be anything stays so', () => {
  expect(present(anyType, ['x'])).toBe(anyType)
  expect(absent(anyType, ['x'])).toBe(anyType)
  expect(refineAt(anyType, ['x'], () => textType)).toBe(anyType)
})

test('what has no fields is not what has one', () => {
  expect(present(union([textType, step]), ['status'])).toEqual(step)
  expect(absent(union([textType, step]), ['status'])).toBe(textType)
})
