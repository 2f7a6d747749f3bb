import { expect, test } from 'vitest'
import type { HandlerFace } from './flow/outputs.ts'
import { loadWorkflow } from '../load.ts'

const text: HandlerFace = { name: 'text', output: { type: 'string' } }
const fields: HandlerFace = {
  name: 'fields',
  output: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
}

// With a mark before what is told.
function toldIn(marked: string): readonly string[] {
  const { diagnostics } = loadWorkflow(`segno: 1\nname: test\n${marked.replaceAll('▸', '')}`, {
    handlers: [text, fields, 'exec', 'run', 'http'],
  })
  return diagnostics.map(({ code, range }) => `${code} ${range?.start.line}:${range?.start.column}`)
}

function marksIn(marked: string, code: string): readonly string[] {
  return marked.split('\n').flatMap((line, index) => {
    const column = line.indexOf('▸')
    return column < 0 ? [] : [`${code} ${index + 3}:${column + 1}`]
  })
}

const nothing = 'steps: [{ id: a, set: {} }]'
const work = (step: string): string => `steps:\n  - { id: a, ${step} }`

test.for<[string, string]>([
  ['whose values are of another type', `input: { x: { type: object, ▸enum: [green] } }\n${nothing}`],
  ['whose only value is of another type', `input: { x: { type: [string, "null"], ▸const: 1 } }\n${nothing}`],
  [
    'that requires what it does not allow',
    `input: { ▸x: { type: object, required: [y], properties: { y: false } } }\n${nothing}`,
  ],
  ['of parts that exclude each other', `input: { ▸x: { allOf: [{ type: string }, { type: number }] } }\n${nothing}`],
  [
    'of an input that may be left out',
    `input: { ▸x: { optional: true, minItems: 2, maxItems: 1, type: array } }\n${nothing}`,
  ],
  ['of an output', `output: { x: { type: string, value: "", ▸enum: [1] } }\n${nothing}`],
  ['of a field of a form', work('ask: { title: A, form: { x: { type: string, ▸enum: [1] } } }, timeout: 1h')],
  ['of a signal', work('waitFor: { signal: go, ▸schema: false }, timeout: 1h')],
  [
    'of a signal that leads to a state',
    work('initial: a, states: { a: { on: { go: { to: b, ▸schema: false } } }, b: {} }'),
  ],
  ['of what a handler gives', work('uses: fields, output: { ▸schema: false }')],
  ['of what a process prints', work('exec: [a], output: { from: json, schema: { type: string, ▸enum: [1] } }')],
  ['of an answer', work('http: { url: "https://a.example" }, output: { ▸schema: false }')],
  ['of what takes a step back', work('exec: [a], undo: { exec: [b], output: { from: json, ▸schema: false } }')],
])('a schema that no value fits is told: one %s', ([, marked]) => {
  expect(toldIn(marked)).toEqual(marksIn(marked, 'IMPOSSIBLE_SCHEMA'))
})

test.for<[string, string]>([
  ['text, from a handler', work('uses: text, output: { ▸schema: { type: integer } }')],
  [
    'other fields, from a handler',
    work('uses: fields, output: { ▸schema: { type: object, required: [b], properties: { b: {} } } }'),
  ],
  ['text, from a process', work('exec: [a], output: { from: stdout, ▸schema: { type: integer } }')],
  ['lines, from a process', work('exec: [a], output: { from: lines, ▸schema: { type: string } }')],
])('an output that nothing fits of what there is is told: %s', ([, marked]) => {
  expect(toldIn(marked)).toEqual(marksIn(marked, 'TYPE_MISMATCH'))
})

test.for<[string, string]>([
  [
    'a part that nothing fits, and that may be left out',
    `input: { x: { type: object, properties: { y: false } } }\n${nothing}`,
  ],
  [
    'an alternative that nothing fits',
    `input: { x: { anyOf: [{ type: string, enum: [1] }, { type: number }] } }\n${nothing}`,
  ],
  ['some of the values', `input: { x: { type: string, enum: [1, a] } }\n${nothing}`],
  ['a wider output than that of the handler', work('uses: text, output: { schema: {} }')],
  ['a narrower output than that of the handler', work('uses: text, output: { schema: { enum: [a, b] } }')],
  ['an output of a process', work('exec: [a], output: { from: lines, schema: { type: array, minItems: 1 } }')],
])('%s is no mistake', ([, marked]) => {
  expect(toldIn(marked)).toEqual([])
})

test.for<[string, string]>([
  ['an input', `input: { x: { type: object, enum: [green] } }\nsteps: [{ id: a, if: 'input.x in ["red"]', set: {} }]`],
  [
    'a signal',
    `${work('waitFor: { signal: go, schema: false }, timeout: 1h')}\n  - { id: b, assert: steps.a.output == 1 }`,
  ],
  [
    'an output',
    `${work('uses: text, output: { schema: { type: integer } }')}\n  - { id: b, assert: steps.a.output == 1 }`,
  ],
])('what comes after %s that nothing fits is looked at all the same', ([, before]) => {
  const codes = toldIn(`output: { extra: { type: object, value: 0 } }\n${before}`)
  expect(codes.filter((told) => told === 'TYPE_MISMATCH 3:41')).toHaveLength(1)
  expect(codes).toHaveLength(2)
})
