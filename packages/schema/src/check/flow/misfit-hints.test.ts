import { expect, test } from 'vitest'
import type { JsonSchema } from '../../definition.ts'
import { loadDefinition } from '../../load.ts'

/** What is hinted at where a value goes to an input of such a schema. */
function hinted(schema: JsonSchema, value: string | number): readonly (string | undefined)[] {
  const child = { segno: 1, name: 'child', input: { x: schema }, steps: [{ id: 'a', set: {} }] }
  const input = { kind: { enum: ['a', 'b'] }, nullable: { type: ['string', 'null'] }, list: { type: 'array' } }
  const handler = { name: 'take', input: { type: 'object', properties: { x: schema }, required: ['x'] } }
  const steps = [{ id: 's', uses: 'take', with: { x: value } }]
  const definition = {
    segno: 1,
    name: 'test',
    input,
    imports: { child },
    steps: [...steps, { id: 'c', start: 'child', with: { x: value } }],
  }
  const { diagnostics } = loadDefinition(definition, { handlers: [handler] })
  expect(diagnostics.map(({ code }) => code)).toEqual(['TYPE_MISMATCH', 'TYPE_MISMATCH'])
  return diagnostics.toSorted((one, other) => (one.pointer < other.pointer ? -1 : 1)).map(({ hint }) => hint)
}

const text = { type: 'string' } as const

test.for<[string, JsonSchema, string, string | undefined]>([
  ['a number for text', text, '${{ size(input.list) }}', 'string(…) makes text of it'],
  ['a certain number for text', text, '${{ 5 }}', 'string(…) makes text of it'],
  [
    'a fraction for an integer',
    { type: 'integer' },
    '${{ size(input.list) / 2 }}',
    'int(…) cuts off what follows the point',
  ],
  ['text for a number', { type: 'integer' }, '${{ run.id }}', 'int(…) and double(…) read the number in a text'],
  [
    'one of some texts for a number',
    { type: 'number' },
    '${{ input.kind }}',
    'int(…) and double(…) read the number in a text',
  ],
  ['a list for a boolean', { type: 'boolean' }, '${{ input.list }}', 'compare its size: size(…) > 0'],
  ['what may be null', text, '${{ input.nullable }}', 'guard it: … != null ? … : …'],
])('what mends an expression is told of %s', ([, schema, value, hint]) => {
  expect(hinted(schema, value)).toEqual([hint, hint])
})

test('what is written out is not told of functions, but of quotes', () => {
  expect(hinted(text, 5)[0]).toBe('quote it: "5"')
  expect(hinted({ type: 'number' }, 'five')[0]).toBeUndefined()
})
