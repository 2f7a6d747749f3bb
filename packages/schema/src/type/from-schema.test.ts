import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../definition.ts'
import { typeOfInputs, typeOfOutputs, typeOfSchema } from './from-schema.ts'
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

const text = { type: 'string' }
const optional = (type: Type): { readonly type: Type; readonly isOptional: true } => ({ type, isOptional: true })
const object = (properties: Readonly<Record<string, JsonSchema>>, ...required: string[]): JsonSchema => ({
  type: 'object',
  properties,
  required,
})
const a = literalType('a')
const b = literalType('b')
const anyList = listType(anyType)
const anyMap = mapType({}, anyType)

describe('the type of a schema', () => {
  test.for<[string, JsonSchema, Type]>([
    ['of all', true, anyType],
    ['of nothing', false, neverType],
    ['that says nothing', { description: 'all' }, anyType],
    ['of one kind', { type: 'integer', minimum: 1 }, integerType],
    ['of a path', { type: 'path', under: 'src' }, textType],
    ['of several kinds', { type: ['string', 'null', 'object'] }, union([textType, nullType, anyMap])],
    ['of values', { enum: ['a', null, 1] }, union([a, nullType, literalType(1)])],
    ['of values of a kind', { type: 'string', enum: ['a', null, 1] }, a],
    ['of one value', { const: { x: [1] } }, mapType({ x: listType(neverType, [literalType(1)]) })],
    ['of a list', { type: 'array', items: text }, listType(textType)],
    ['of a list of anything', { type: 'array', uniqueItems: true }, anyList],
    [
      'of a list with a least length',
      { type: 'array', items: text, minItems: 2 },
      listType(textType, [textType, textType]),
    ],
    [
      'of a list of certain elements',
      { type: 'array', prefixItems: [text, { type: 'null' }], items: false, minItems: 1 },
      listType(nullType, [textType]),
    ],
    [
      'of a list of certain length',
      { type: 'array', prefixItems: [text], minItems: 1, maxItems: 1 },
      listType(neverType, [textType]),
    ],
    ['of a list that cannot be', { type: 'array', minItems: 2, maxItems: 1 }, neverType],
    ['of any map', { type: 'object', minProperties: 1 }, anyMap],
    ['of a map of text', { type: 'object', additionalProperties: text }, mapType({}, textType)],
    ['of fields', object({ x: text, y: text }, 'x'), mapType({ x: textType, y: optional(textType) })],
    [
      'of fields and others',
      { ...(object({ x: text }) as object), additionalProperties: true },
      mapType({ x: optional(textType) }, anyType),
    ],
    [
      'of a field that is needed and not described',
      { type: 'object', required: ['x'] },
      mapType({ x: anyType }, anyType),
    ],
    [
      'of a needed field of the others',
      { type: 'object', required: ['x'], additionalProperties: text },
      mapType({ x: textType }, textType),
    ],
    ['of a field that cannot be', object({ x: false, y: text }), mapType({ y: optional(textType) })],
    ['of a field that has to be and cannot', object({ x: false }, 'x'), neverType],
    [
      'of fields of a kind that is not named',
      { properties: { x: text } },
      union([nullType, booleanType, numberType, textType, anyList, mapType({ x: optional(textType) })]),
    ],
    ['of what is left out', { type: 'string', not: { const: 'a' }, pattern: 'x', format: 'date' }, textType],
  ])('%s', ([, schema, type]) => {
    expect(typeOfSchema(schema)).toEqual(type)
  })

  test.for<[string, JsonSchema, Type]>([
    [
      'both of what allOf names',
      { allOf: [object({ x: text }, 'x'), object({ y: text }, 'y')] },
      mapType({ x: textType, y: textType }),
    ],
    [
      'at any depth',
      { allOf: [object({ x: object({ y: text }) }), object({ x: object({ z: text }, 'z') }, 'x')] },
      mapType({ x: mapType({ y: optional(textType), z: textType }) }),
    ],
    ['one of what anyOf takes', { anyOf: [text, { type: 'null' }] }, union([textType, nullType])],
    [
      'what is named beside oneOf in each of its alternatives',
      {
        ...(object({ id: text }, 'id') as object),
        oneOf: [
          { properties: { kind: { const: 'a' } }, required: ['kind'] },
          { properties: { kind: { const: 'b' }, x: text }, required: ['kind'] },
        ],
      },
      union([mapType({ id: textType, kind: a }), mapType({ id: textType, kind: b, x: optional(textType) })]),
    ],
    [
      'fields of which one is needed',
      { ...(object({ x: text, y: text }) as object), anyOf: [{ required: ['x'] }, { required: ['y'] }] },
      union([mapType({ x: textType, y: optional(textType) }), mapType({ x: optional(textType), y: textType })]),
    ],
    [
      'what a condition names',
      { ...(object({ x: text }) as object), if: { required: ['x'] }, then: { properties: { y: text } } },
      mapType({ x: optional(textType), y: optional(anyType) }),
    ],
    [
      'what a condition names that never holds',
      {
        ...(object({ x: text }) as object),
        dependentSchemas: { x: { properties: { y: text }, allOf: [{ const: {} }] } },
      },
      mapType({ x: optional(textType), y: optional(anyType) }),
    ],
    [
      'others at any depth where a condition may name more',
      { ...(object({ x: object({ y: text }) }) as object), then: { $ref: '#/$defs/z' }, $defs: { z: object({}) } },
      mapType({ x: optional(mapType({ y: optional(textType) }, anyType)) }, anyType),
    ],
    [
      'others where the type is not said and others are taken',
      { allOf: [object({ x: text }), { type: 'object', additionalProperties: true }] },
      mapType({ x: optional(textType) }, anyType),
    ],
    [
      'what a pattern names in a field of its own',
      {
        ...(object({ ab: object({ x: text }) }) as object),
        patternProperties: { '^a': { properties: { y: text } } },
        additionalProperties: false,
      },
      mapType({ ab: optional(mapType({ x: optional(textType) }, anyType)) }, anyType),
    ],
    [
      'what is named in an element that a list contains',
      { type: 'array', items: object({ x: text }), contains: { properties: { y: text } } },
      listType(mapType({ x: optional(textType) }, anyType)),
    ],
    [
      'others where a part takes others',
      { allOf: [object({ x: text }), { additionalProperties: true }] },
      mapType({ x: optional(textType) }, anyType),
    ],
    [
      'no others where a part takes none',
      { allOf: [object({ x: text }), { additionalProperties: false, properties: { y: text } }] },
      mapType({ y: optional(textType) }),
    ],
    ['nothing where parts contradict each other', { allOf: [text, { type: 'null' }] }, neverType],
    ['what a reference leads to', { $ref: '#/$defs/a~1b%20c', $defs: { 'a/b c': text } }, textType],
    ['anything where a reference leads elsewhere', { $ref: 'https://example.com/schema' }, anyType],
    [
      'anything where a reference starts elsewhere',
      { $defs: { x: { $id: 'https://example.com/', $ref: '#/$defs/y' }, y: text }, $ref: '#/$defs/x' },
      anyType,
    ],
    [
      'anything where a reference leads into another schema',
      {
        $defs: { x: { $id: 'https://example.com/', $defs: { y: { $ref: '#/$defs/z' } } }, z: text },
        $ref: '#/$defs/x/$defs/y',
      },
      anyType,
    ],
    [
      'others where a reference leads elsewhere',
      { ...(object({ x: text }) as object), $ref: 'https://example.com/schema' },
      mapType({ x: optional(textType) }, anyType),
    ],
  ])('has %s', ([, schema, type]) => {
    expect(typeOfSchema(schema)).toEqual(type)
  })

  test('that leads to itself is followed some turns, and then anything', () => {
    const tree = typeOfSchema(object({ value: text, next: { $ref: '#' } }, 'value'))
    let type: Type = anyType
    for (let turn = 0; turn < 4; turn++) type = mapType({ value: textType, next: optional(type) })
    expect(tree).toEqual(type)
  })

  test('is read once', () => {
    const schema = object({ x: text })
    expect(typeOfSchema(schema)).toBe(typeOfSchema(schema))
  })
})

test('an input may be missing only if it is optional and has no default', () => {
  const inputs = { x: text, y: { ...text, optional: true }, z: { type: 'number', optional: true, default: 1 } }
  expect(typeOfInputs(inputs)).toEqual(mapType({ x: textType, y: optional(textType), z: numberType }))
})

test('each output is there', () => {
  expect(typeOfOutputs({ x: { ...text, value: '${{ 1 }}' }, y: {} })).toEqual(mapType({ x: textType, y: anyType }))
})
