import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../definition.ts'
import type { Json } from '../json.ts'
import { validateJson } from './json-schema.ts'

describe('a value that does not fit is told in human words:', () => {
  test.for<[JsonSchema, Json, string[]]>([
    [{ type: 'integer' }, 'three', [': expected an integer, got "three"']],
    [{ type: ['string', 'null'] }, 3, [': expected text or null, got 3']],
    [{ enum: ['a', 'b'] }, 'c', [': expected one of "a", "b", got "c"']],
    [{ const: 1 }, 2, [': expected 1, got 2']],
    [{ type: 'object', required: ['a', 'b'] }, {}, [': "a" is missing', ': "b" is missing']],
    [
      { properties: { a: { items: { type: 'number' } } } },
      { a: [1, 'x', null] },
      ['/a/1: expected a number, got "x"', '/a/2: expected a number, got null'],
    ],
    [{ properties: { a: true }, additionalProperties: false }, { b: 1 }, ['/b: is not allowed here']],
    [{ anyOf: [{ type: 'null' }, { type: 'integer' }] }, 'x', [': fits none of the alternatives, got "x"']],
    [{ minimum: 5 }, 3, [': 3 is less than 5']],
    [{ pattern: '^a' }, 'b', [': expected text that matches ^a, got "b"']],
    [{ format: 'email' }, 'b', [': expected text in the format email, got "b"']],
    [{ $ref: '#/$defs/a', $defs: { a: { type: 'integer' } } }, 'x', [': expected an integer, got "x"']],
    [false, 1, [': is not allowed here']],
    [{ properties: { 'a/b': { type: 'integer' } } }, { 'a/b': 'x' }, ['/a~1b: expected an integer, got "x"']],
  ])('%j refuses %j', ([schema, value, expected]) => {
    expect(validateJson(schema, value).map(({ path, message }) => `${path}: ${message}`)).toEqual(expected)
  })
})

test('a path is text, and what the language adds to JSON Schema is no keyword of it', () => {
  const schema = {
    type: 'path',
    under: 'docs',
    mustExist: true,
    optional: true,
    default: { type: 'nonsense' },
    value: { $ref: 'x' },
  }
  expect(validateJson(schema, 'docs/a.md')).toEqual([])
  expect(validateJson(schema, 1)).toEqual([{ path: '', message: 'expected a path, got 1' }])
})

test('data in a schema is not taken for a schema', () => {
  expect(validateJson({ const: { type: 'path' } }, { type: 'path' })).toEqual([])
  expect(validateJson({ properties: { enum: { type: 'path' } } }, { enum: 1 })).toHaveLength(1)
})

test('a schema is not written to', () => {
  const schema = Object.freeze({ type: 'object', properties: Object.freeze({ a: Object.freeze({ type: 'integer' }) }) })
  expect(validateJson(schema, { a: 1 })).toEqual([])
  expect(Reflect.ownKeys(schema)).toEqual(['type', 'properties'])
})

test('a broken schema fits nothing', () => {
  expect(validateJson({ $ref: '#/$defs/missing' }, 1)).toHaveLength(1)
  expect(validateJson({ pattern: '[' }, 'a')).toHaveLength(1)
})
