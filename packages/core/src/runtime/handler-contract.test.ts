import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { handlerContracts } from './handler-contract.ts'
import type { AnyHandler, StandardSchema } from './handler.ts'
import { definePlugin } from './plugin.ts'

const draft = 'https://json-schema.org/draft/2020-12/schema'

function contractOf(handler: AnyHandler): unknown {
  return handlerContracts({ handlers: { it: handler } })[0]
}

/** A validator whose JSON Schema is whatever `input` gives. */
function telling(input: () => unknown): StandardSchema {
  const jsonSchema = { input, output: input }
  return { '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }), jsonSchema } } as StandardSchema
}

describe('the contract of a handler', () => {
  test('is little of a bare function: what anything defaults to', () => {
    expect(contractOf(() => 1)).toEqual({ name: 'it', version: '1.0.0', effect: 'idempotent' })
  })

  test('has all that its definition says', () => {
    const contract = contractOf({
      version: '2.1.0',
      title: 'Reserve',
      description: 'Keeps goods for an order.',
      effect: 'once',
      input: z.object({ sku: z.string(), count: z.int().min(1).max(9).default(1) }),
      output: z.object({ reserved: z.string().default('none') }),
      perform: () => ({ reserved: 'A17' }),
    })
    expect(contract).toEqual({
      ...{ name: 'it', version: '2.1.0', effect: 'once' },
      ...{ title: 'Reserve', description: 'Keeps goods for an order.' },
      input: {
        $schema: draft,
        type: 'object',
        properties: { sku: { type: 'string' }, count: { type: 'integer', minimum: 1, maximum: 9, default: 1 } },
        required: ['sku'],
      },
      output: {
        $schema: draft,
        type: 'object',
        properties: { reserved: { type: 'string', default: 'none' } },
        required: ['reserved'],
        additionalProperties: false,
      },
    })
    expect(JSON.parse(JSON.stringify(contract))).toEqual(contract)
  })

  test('names the plugin that brings it, whose version it has', () => {
    const plugin = definePlugin({ name: '@acme/mail', version: '1.2.0', handlers: { 'mail.send': () => 1 } })
    expect(handlerContracts({ handlers: { own: () => 1 }, plugins: [plugin] })).toEqual([
      { name: 'own', version: '1.0.0', effect: 'idempotent' },
      {
        ...{ name: 'mail.send', version: '1.2.0', effect: 'idempotent' },
        plugin: { name: '@acme/mail', version: '1.2.0' },
      },
    ])
  })
})

describe('a side whose validator gives no JSON Schema is told of, with the reason:', () => {
  test.for<readonly [what: string, validator: StandardSchema, reason: string]>([
    [
      'one without the interface',
      { '~standard': { version: 1, vendor: 'plain', validate: (value) => ({ value }) } },
      'its validator (plain) gives no JSON Schema',
    ],
    [
      'one that cannot tell this',
      z.object({ when: z.date() }),
      'its validator (zod) gives no JSON Schema: Date cannot be represented in JSON Schema',
    ],
    [
      'one that gives a text',
      telling(() => 'any'),
      'what its validator (own) gives is no JSON Schema: it is not an object',
    ],
    [
      'one that gives what is no JSON',
      telling(() => ({ type: () => 'object' })),
      'what its validator (own) gives is no JSON Schema: type is a function',
    ],
  ])('%s', ([, validator, reason]) => {
    expect(contractOf({ input: validator, output: validator, perform: () => 1 })).toEqual({
      ...{ name: 'it', version: '1.0.0', effect: 'idempotent' },
      untold: { input: reason, output: reason },
    })
  })

  test('one side may be told, and the other not', () => {
    const length = z.string().transform((text) => text.length)
    expect(contractOf({ input: length, output: length, perform: () => 1 })).toEqual({
      ...{ name: 'it', version: '1.0.0', effect: 'idempotent' },
      input: { $schema: draft, type: 'string' },
      untold: { output: 'its validator (zod) gives no JSON Schema: Transforms cannot be represented in JSON Schema' },
    })
  })
})
