import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { jsonSchemaFiles } from '../scripts/json-schemas.ts'
import { validateJson, type Json, type JsonObject } from '../src/index.ts'

const files = Object.entries(jsonSchemaFiles())
const read = (name: string): JsonObject =>
  JSON.parse(readFileSync(new URL(`../json/${name}`, import.meta.url), 'utf8')) as JsonObject

describe('the published JSON Schemas', () => {
  test.for(files)('%s is what the zod schemas say', ([name, text]) => {
    expect(readFileSync(new URL(`../json/${name}`, import.meta.url), 'utf8')).toBe(text)
  })

  test.for(files)('%s refers to nothing that it does not hold', ([, text]) => {
    const schema = JSON.parse(text) as Readonly<Record<string, object>>
    for (const [, group = '', name = ''] of text.matchAll(/"\$ref": "#\/([^/"]+)\/([^"]+)"/g)) {
      expect(Object.keys(schema[group] ?? {})).toContain(name)
    }
  })

  const step = {
    id: 'a',
    repeat: { max: '${{ input.n }}', until: true },
    do: [{ id: 'b', set: { x: [1] }, 'x-note': 1 }],
  }
  const workflow: Json = {
    segno: 1,
    name: 'test',
    'x-a': 1,
    input: { n: { type: 'integer', default: 1 } },
    steps: [step],
  }

  test('take a workflow', () => {
    expect(validateJson(read('workflow.schema.json'), workflow)).toEqual([])
  })

  test('take a workflow in the place of an import, and a step that takes back another', () => {
    const undo = { call: 'other', with: { x: 1 } }
    const steps = [{ id: 'a', call: 'other', undo }]
    expect(validateJson(read('workflow.schema.json'), { ...workflow, imports: { other: workflow }, steps })).toEqual([])
  })

  test.for<[string, Json]>([
    ['a mistake in the place of an import', { ...workflow, imports: { other: { ...workflow, name: 1 } } }],
    ['an import by an absolute path', { ...workflow, imports: { other: '/other.segno.yaml' } }],
    [
      'a step that takes back another under a condition',
      { ...workflow, steps: [{ ...step, undo: { uses: 'h', if: true } }] },
    ],
    ['an unknown key', { ...workflow, finaly: [] }],
    ['a missing key', { segno: 1, name: 'test' }],
    ['a step without a verb', { ...workflow, steps: [{ id: 'a' }] }],
    [
      'an unknown key inside a step inside a block',
      { ...workflow, steps: [{ ...step, do: [{ id: 'b', set: {}, titel: 'c' }] }] },
    ],
  ])('refuse %s', ([, value]) => {
    expect(validateJson(read('workflow.schema.json'), value)).not.toEqual([])
  })

  test('take an event and refuse another key in it', () => {
    const event = { seq: 1, v: 1, at: 0, runId: 'r', type: 'run.adopted', token: 1 }
    expect(validateJson(read('event.schema.json'), event)).toEqual([])
    expect(validateJson(read('event.schema.json'), { ...event, more: 1 })).not.toEqual([])
  })
})
