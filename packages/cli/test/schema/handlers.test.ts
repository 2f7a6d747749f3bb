import fc from 'fast-check'
import type { HandlerContract, Json, JsonObject } from 'segno'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { addHandlers } from '../../src/schema-handlers.ts'
import { publishedSchema } from '../../src/schema-published.ts'
import { cursor, openEditor, type Editor } from './editor.ts'

const contract = (name: string, input?: JsonObject, more: Partial<HandlerContract> = {}): HandlerContract => ({
  ...{ name, version: '1.4.0', effect: 'idempotent' },
  ...(input && { input }),
  ...more,
})

function editorOf(...contracts: readonly HandlerContract[]): Editor {
  const schema = publishedSchema()
  addHandlers(schema, contracts, 'segno.config.ts')
  return openEditor(schema)
}

const item = {
  type: 'object',
  properties: { sku: { type: 'string', pattern: '^[A-Z]' }, count: { type: 'integer', minimum: 1 } },
  required: ['sku'],
  additionalProperties: false,
}
const order: JsonObject = {
  type: 'object',
  properties: {
    to: { type: 'string', description: 'Whom it goes to.' },
    express: { type: 'boolean' },
    by: { enum: ['post', 'courier'] },
    items: { type: 'array', items: { $ref: '#/$defs/item' }, minItems: 1 },
    note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    inside: { $ref: '#' },
  },
  required: ['to', 'items'],
  additionalProperties: false,
  $defs: { item },
}
const editor = editorOf(
  contract('orders/place', order, { title: 'Place', description: 'Places an order' }),
  contract('mail.send', undefined, { plugin: { name: '@acme/mail', version: '1.4.0' } }),
  contract('wait', { anyOf: [{ type: 'null' }, { type: 'object' }] }),
)
const step = (lines: string): string =>
  `segno: 1\nname: test\nsteps:\n  - id: work\n${lines.replace(/^(?=.)/gm, '    ')}\n`

describe('the schema of a project knows its handlers:', () => {
  test('it takes them, also with their major version', async () => {
    for (const name of ['mail.send', 'mail.send@1', 'wait', 'wait@1']) {
      expect(await editor.problems(step(`uses: ${name}`))).toEqual([])
    }
  })

  test.for<[what: string, text: string, ...told: string[]]>([
    [
      'a handler that there is not',
      'uses: mail.sent',
      '5: Expected a handler of segno.config.ts: orders/place, mail.send, wait.',
    ],
    [
      'another major version',
      'uses: mail.send@2',
      '5: Expected a handler of segno.config.ts: orders/place, mail.send, wait.',
    ],
    [
      'a handler that there is not in an undo',
      'uses: wait\nundo: { uses: weight }',
      '6: Expected a handler of segno.config.ts: orders/place, mail.send, wait.',
    ],
    ['no input where one is needed', 'uses: orders/place', '4: Missing property "with".'],
    ['an input that is missing', 'uses: orders/place\nwith:\n  to: Ada', '6: Missing property "items".'],
    [
      'an input that is misspelt',
      'uses: orders/place\nwith:\n  to: Ada\n  items: [{ sku: A }]\n  expres: true',
      '9: Property expres is not allowed.',
    ],
    [
      'an input of another type',
      'uses: orders/place\nwith:\n  to: Ada\n  items: [{ sku: A }]\n  express: maybe',
      '9: Expected true or false, or an expression in ${{ }}.',
    ],
    [
      'an input that is none of those there are',
      'uses: orders/place\nwith:\n  to: Ada\n  items: [{ sku: A }]\n  by: pigeon',
      '9: Expected post, courier, or an expression in ${{ }}.',
    ],
    [
      'an input deep inside',
      'uses: orders/place@1\nwith:\n  to: Ada\n  items:\n    - sku: A\n      count: 0',
      '10: Value is below the minimum of 1.',
    ],
    [
      'an input of an undo',
      'uses: wait\nundo:\n  uses: orders/place\n  with: { to: Ada, items: 1 }',
      '8: Expected a list, or an expression in ${{ }}.',
    ],
  ])('it tells %s', async ([, text, ...told]) => {
    expect(await editor.problems(step(text))).toEqual(told)
  })

  test.for([
    'uses: orders/place\nwith: ${{ input.order }}',
    'uses: orders/place\nwith: { to: "${{ input.to }}", items: "${{ input.items }}", express: "${{ input.fast }}" }',
    'uses: orders/place\nwith: { to: Ada, items: [{ sku: "${{ input.sku }}", count: "${{ 1 + 1 }}" }], by: "${{ input.by }}" }',
    'uses: orders/place\nwith: { to: Ada, items: ["${{ input.item }}"], note: null, inside: "${{ input.other }}" }',
    'uses: orders/place\nwith: { to: Ada, items: [{ sku: A }], inside: { to: Bob, items: [{ sku: B }] } }',
  ])('it takes templates: %s', async (text) => {
    expect(await editor.problems(step(text))).toEqual([])
  })

  test('it offers them, with what they do', async () => {
    const offers = await editor.offers(step(`uses: ${cursor}`))
    expect(offers.map(({ label, documentation }) => [label, documentation])).toEqual(
      expect.arrayContaining([
        ['orders/place', 'Place: Places an order. Version 1.4.0.'],
        ['mail.send', 'Of @acme/mail 1.4.0.'],
        ['mail.send@1', 'Of @acme/mail 1.4.0.'],
      ]),
    )
  })

  test('it offers what each takes, and shows what it is', async () => {
    const offers = await editor.offers(step(`uses: orders/place\nwith:\n  ${cursor}`))
    expect(offers.map(({ label }) => label)).toEqual(expect.arrayContaining(['to', 'items', 'express', 'by']))
    const values = await editor.offers(step(`uses: orders/place\nwith:\n  by: ${cursor}`))
    expect(values.map(({ label }) => label)).toEqual(['post', 'courier'])
    const marked = step(`uses: orders/place\nwith:\n  t${cursor}o: Ada\n  items: []`)
    expect(await editor.shown(marked)).toContain('Whom it goes to.')
  })

  test('without any, it says so', async () => {
    expect(await editorOf().problems(step('uses: mail.send'))).toEqual(['5: segno.config.ts has no handlers.'])
  })

  test('with many, it does not tell all of them', async () => {
    const many = editorOf(...Array.from({ length: 30 }, (_, index) => contract(`h${index}`)))
    const [told = ''] = await many.problems(step('uses: x'))
    expect(told).toMatch(/: h0, h1, .*, h11, … and 18 more\.$/)
  })

  test('names that look alike stay apart', async () => {
    const takes = (type: string): JsonObject => ({
      type: 'object',
      properties: { x: { $ref: '#/$defs/b' } },
      $defs: { b: { type }, 'a/b': { type: 'string' }, a_b: { type: 'boolean' } },
    })
    const alike = editorOf(
      contract('a', takes('integer')),
      contract('a:b', takes('boolean')),
      contract('a/b', takes('array')),
    )
    for (const [name, value] of [
      ['a', '1'],
      ['a:b', 'true'],
      ['a/b', '[]'],
    ]) {
      expect(await alike.problems(step(`uses: ${name}\nwith: { x: ${value} }`))).toEqual([])
      expect(await alike.problems(step(`uses: ${name}\nwith: { x: x }`))).not.toEqual([])
    }
  })
})

/** A schema, and a value that fits it. */
type Fitting = readonly [schema: JsonObject, value: Json]

const { fitting } = fc.letrec<{ fitting: Fitting }>((tie) => ({
  fitting: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Fitting>(
      [{ enum: [1, 1] }, 1],
      [{ type: ['path', 'string'] }, 'a/b'],
      [{ type: 'integer', minimum: 1, maximum: 9 }, 3],
      [{ type: 'number', multipleOf: 0.5 }, 1.5],
      [{ type: 'string', pattern: '^a+$', minLength: 2, format: 'email' }, 'aa'],
      [{ type: ['boolean', 'null'] }, null],
      [{ enum: ['x', 1, null] }, 1],
      [{ const: { a: 1 } }, { a: 1 }],
      [{ oneOf: [{ type: 'string' }, { type: 'integer' }] }, 7],
      [{ not: { type: 'string' } }, 1],
      [{ if: { type: 'string' }, then: { minLength: 99 } }, 1],
    ),
    fc.tuple(tie('fitting'), tie('fitting')).map(([[a, x], [b, y]]): Fitting => [
      {
        type: 'object',
        properties: { a, b },
        required: ['a'],
        additionalProperties: false,
        propertyNames: { maxLength: 1 },
      },
      { a: x, b: y },
    ]),
    tie('fitting').map(([items, x]): Fitting => [{ type: 'array', items, uniqueItems: false, minItems: 1 }, [x, x]]),
    tie('fitting').map(([items, x]): Fitting => [{ type: 'array', prefixItems: [items], items: false }, [x]]),
    tie('fitting').map(([one, x]): Fitting => [{ type: 'object', additionalProperties: one }, { k: x }]),
    tie('fitting').map(([one, x]): Fitting => [{ anyOf: [{ type: 'null' }, one] }, x]),
    tie('fitting').map(([one, x]): Fitting => [{ allOf: [one, {}] }, x]),
  ),
}))

/** A value with templates in the place of some of its parts. */
function withHoles(value: Json, holes: readonly boolean[]): Json {
  const [hole = false, ...rest] = holes
  if (hole) return '${{ input.x }}'
  if (Array.isArray(value)) return value.map((one, index) => withHoles(one as Json, rest.slice(index)))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one], index) => [key, withHoles(one as Json, rest.slice(index))]),
  )
}

test(
  'whatever a handler takes is no mistake, with a template in the place of any part of it',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fitting, fc.array(fc.boolean(), { maxLength: 8 }), async ([schema, value], holes) => {
        const work = { id: 'work', uses: 'h', with: withHoles(value, holes) }
        const text = stringify({ segno: 1, name: 'test', titel: 'x', steps: [work] })
        // A schema that is itself broken would tell nothing at all.
        expect(await editorOf(contract('h', schema)).problems(text)).toEqual(['3: Property titel is not allowed.'])
      }),
      { numRuns: process.env['SEGNO_DEEP'] === '1' ? 2000 : 60 },
    )
  },
)
