import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonSchema } from '../definition.ts'
import { isJsonObject, type Json } from '../json.ts'
import { validateJson } from '../plan/json-schema.ts'
import { typeOfSchema } from './from-schema.ts'
import { fits } from './fits.ts'
import { typeOfValue } from './of-value.ts'
import { anySchema, exactSchema, isNamed, valueFor } from './schema.fixture.ts'
import { anyJson, hasType, valuesOf } from './type.fixture.ts'

const numRuns = process.env['SEGNO_DEEP'] === '1' ? 10_000 : 1000

const isValid = (schema: JsonSchema, value: Json): boolean => validateJson(schema, value).length === 0

test('a value has the type of a schema that a type can say if, and only if, it validates', () => {
  const drawn = exactSchema.chain((schema) =>
    fc.oneof(anyJson, valuesOf(typeOfSchema(schema)) ?? anyJson).map((value) => ({ schema, value })),
  )
  let valid = 0
  fc.assert(
    fc.property(drawn, fc.gen(), ({ schema, value }, draw) => {
      const root = isJsonObject(schema) ? schema : {}
      for (const one of [value as Json, valueFor(draw, schema, root)]) {
        const hasIt = hasType(one, typeOfSchema(schema))
        if (hasIt) valid++
        expect(hasIt).toBe(isValid(schema, one))
      }
    }),
    { numRuns },
  )
  expect(valid).toBeGreaterThan(numRuns / 2)
})

test('a value that validates has the type of its schema, whatever else the schema says', { timeout: 600_000 }, () => {
  let valid = 0
  fc.assert(
    fc.property(anySchema, fc.gen(), (schema, draw) => {
      const type = typeOfSchema(schema)
      for (let index = 0; index < 3; index++) {
        const value = valueFor(draw, schema, schema)
        if (!isValid(schema, value) || !isNamed([schema], value, schema)) continue
        valid++
        expect(hasType(value, type)).toBe(true)
      }
    }),
    { numRuns },
  )
  expect(valid).toBeGreaterThan(numRuns / 2)
})

test('a value has its own type, and fits whatever type it has', () => {
  fc.assert(
    fc.property(anyJson, exactSchema, (value, schema) => {
      const type = typeOfSchema(schema)
      expect(hasType(value, typeOfValue(value))).toBe(true)
      expect(fits(typeOfValue(value), type) === undefined).toBe(hasType(value, type))
    }),
    { numRuns },
  )
})

test('of a schema it is known that nothing takes it where its parts contradict each other', () => {
  fc.assert(
    fc.property(anyJson, anyJson, (one, other) => {
      const type = typeOfSchema({ allOf: [{ const: one }, { const: other }] })
      expect(type.kind === 'never').toBe(JSON.stringify(sorted(one)) !== JSON.stringify(sorted(other)))
    }),
  )
})

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name] ?? null)]),
  )
}
