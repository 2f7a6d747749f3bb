import { validateJson, type JsonSchema } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { Dice } from './dice.ts'
import { NoSuchValue, valueOf } from './shape.ts'

test.for<[string, JsonSchema]>([
  ['a field that is required and not allowed', { type: 'object', required: ['place'], additionalProperties: false }],
  ['nothing at all', false],
  ['values of another type', { type: 'object', enum: ['green'] }],
  ['one value of another type', { type: ['string', 'null'], const: 1 }],
  ['a field that nothing fits', { type: 'object', properties: { a: false }, required: ['a'] }],
  [
    'only variants that nothing fits',
    { anyOf: [false, { type: 'object', properties: { a: false }, required: ['a'] }] },
  ],
])('no value is made up for a schema of %s', ([, schema]) => {
  expect(() => valueOf(schema, new Dice(1))).toThrow(NoSuchValue)
})

test.for<[string, JsonSchema]>([
  ['asks for a field that it does not describe', { type: 'object', properties: {}, required: ['place'] }],
  ['asks for a field of a dictionary', { type: 'object', required: ['b'], additionalProperties: { type: 'integer' } }],
  ['allows a field that nothing fits', { type: 'object', properties: { a: false, b: { type: 'string' } } }],
  ['has a variant that nothing fits', { oneOf: [false, { type: 'integer' }] }],
  ['is of lists of what nothing fits', { type: 'array', items: false }],
])('a value is found that fits a schema that %s', ([, schema]) => {
  for (let seed = 0; seed < 50; seed++) expect(validateJson(schema, valueOf(schema, new Dice(seed)))).toEqual([])
})
