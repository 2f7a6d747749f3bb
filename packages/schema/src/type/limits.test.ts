import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../definition.ts'
import type { Json } from '../json.ts'
import { fits } from './fits.ts'
import { typeOfSchema } from './from-schema.ts'
import { intersect, widen } from './intersect.ts'
import { typeLimits } from './limits.ts'
import { typeOfValue } from './of-value.ts'
import { sameType } from './same-type.ts'
import { hasType } from './type.fixture.ts'
import { anyType, listType, literalType, mapType, neverType, numberType, textType, type Type } from './type.ts'
import { union } from './union.ts'
import { wordsOf } from './words.ts'

const count = (length: number): number[] => Array.from({ length }, (_, index) => index)

/** A small type that is as large as a tree with `depth` levels when it is walked. */
function doubled(leaf: Type, depth: number): Type {
  return count(depth).reduce<Type>((type) => mapType({ left: type, right: type }), leaf)
}

function nested(leaf: Type, depth: number): Type {
  return count(depth).reduce<Type>((type) => mapType({ inner: type }), leaf)
}

describe('a union of very many', () => {
  test('literals is one of their kinds', () => {
    const names = count(typeLimits.literalsMax + 1).map((index) => literalType(`v${index}`))
    expect(union(names)).toBe(textType)
    expect(union([...names, literalType(0.5), literalType(1)])).toEqual({
      kind: 'union',
      members: [textType, numberType],
    })
    expect(wordsOf(union(names.slice(1)))).toContain('"v1"')
  })

  test('maps is one map with the fields of all', () => {
    const maps = count(typeLimits.membersMax + 1).map((index) =>
      mapType({ id: literalType(index), [index % 2 === 0 ? 'even' : 'odd']: textType }),
    )
    const one = union([...maps, listType(textType, [textType]), listType(numberType)])
    expect(one).toMatchObject({ kind: 'union' })
    const members = one.kind === 'union' ? one.members : []
    expect(members.map(wordsOf)).toEqual([
      'a list of text or numbers',
      'a map with id, even (optional) and odd (optional)',
    ])
    expect(hasType({ id: 3, odd: 'x' }, one)).toBe(true)
    expect(union(maps.slice(1))).toMatchObject({ members: { length: typeLimits.membersMax } })
  })

  test('types that share their parts ends, and takes in what they are', () => {
    const types = count(typeLimits.membersMax + 2).map((index) => doubled(literalType(index), 60))
    expect(union(types).kind).toBe('map')
  })
})

describe('types that share their parts', () => {
  const one = doubled(textType, 60)
  const other = doubled(textType, 60)

  test('are the same, fit and meet by reference', () => {
    expect(sameType(one, one)).toBe(true)
    expect(fits(mapType({ x: one }), mapType({ x: one }))).toBe(undefined)
    expect(union([one, one])).toBe(one)
    expect(intersect(one, one)).toBe(one)
  })

  test('are looked at as far as it is worth it, and taken for less than they are', () => {
    expect(sameType(one, other)).toBe(false)
    expect(fits(one, other)?.reason).toBe('type')
    expect(intersect(one, other).kind).toBe('map')
    expect(union([one, other])).toMatchObject({ kind: 'union' })
    expect(wordsOf(one)).toBe('a map with left and right')
  })

  test('share them after they were widened', () => {
    const wide = widen(doubled(literalType('x'), 60))
    const field = wide.kind === 'map' ? wide.fields : new Map<string, { type: Type }>()
    expect(field.get('left')?.type).toBe(field.get('right')?.type)
  })
})

describe('what nests very deep', () => {
  const deep = nested(literalType('x'), 100_000)

  test('is known so deep and no deeper', () => {
    const other = nested(literalType('y'), 100_000)
    expect(sameType(deep, other)).toBe(false)
    expect(fits(deep, other)?.path.length).toBeLessThanOrEqual(typeLimits.depthMax)
    expect(intersect(deep, other).kind).toBe('map')
    expect(widen(deep).kind).toBe('map')
    expect(wordsOf(deep)).toBe('a map with inner')
    const lists = count(100_000).reduce<Type>((type) => listType(neverType, [type]), textType)
    expect(wordsOf(lists)).toBe('a list of a list')
  })

  test('in a value or a schema is anything', () => {
    const value = count(100_000).reduce<Json>((inner) => [inner], 1)
    const schema = count(100_000).reduce<JsonSchema>((items) => ({ type: 'array', items }), { type: 'string' })
    expect(innermost(typeOfValue(value))).toBe(anyType)
    expect(innermost(typeOfSchema(schema))).toBe(anyType)
  })
})

function innermost(type: Type): Type {
  let inner = type
  while (inner.kind === 'list') inner = inner.first[0] ?? inner.rest
  return inner
}

describe('a schema', () => {
  test('that leads to itself in very many places is followed less often', () => {
    const properties = Object.fromEntries(count(30).map((index) => [`p${index}`, { $ref: '#' }]))
    const type = typeOfSchema({ type: 'object', properties })
    const inner = type.kind === 'map' ? type.fields.get('p29')?.type : undefined
    expect(inner?.kind).toBe('map')
  })

  test('that is very large is known in part', () => {
    const oneOf = count(2000).map((index) => ({
      type: 'object',
      properties: Object.fromEntries(count(20).map((field) => [`f${field}`, { const: index }])),
    }))
    expect(hasType({ f1: 1999 }, typeOfSchema({ oneOf }))).toBe(true)
    expect(hasType({ x: { f1: 1999 } }, typeOfSchema({ type: 'object', properties: { x: { oneOf } } }))).toBe(true)
  })

  test('of which the parts multiply is known in part', () => {
    const allOf = count(16).map((part) => ({
      oneOf: count(8).map((index) => ({ type: 'object', properties: { [`p${part}_${index}`]: { type: 'string' } } })),
    }))
    expect(hasType(Object.fromEntries(count(16).map((part) => [`p${part}_7`, 'x'])), typeOfSchema({ allOf }))).toBe(
      true,
    )
  })

  test('that leads nowhere but to itself says nothing', () => {
    expect(typeOfSchema({ $ref: '#' })).toBe(anyType)
    expect(typeOfSchema({ allOf: [{ $ref: '#/$defs/a' }], $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } } })).toBe(
      anyType,
    )
  })
})
