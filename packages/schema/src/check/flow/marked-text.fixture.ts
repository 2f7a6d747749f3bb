import { expect } from 'vitest'
import { loadWorkflow } from '../../load.ts'

/** What every text declares: a value of each kind that a check can be about. */
const head = `segno: 1
name: test
imports: { child: child.yaml }
input:
  flag: { type: boolean }
  other: { type: boolean }
  number: { type: integer }
  text: { type: string }
  kind: { enum: [a, b, c] }
  maybe: { type: string, optional: true }
  nullable: { type: [string, 'null'] }
  list: { type: array, items: { type: string } }
  person: { type: object, properties: { name: { type: string }, mail: { type: [string, 'null'] } }, required: [name] }
  shape:
    oneOf:
      - { type: object, properties: { is: { const: circle }, radius: { type: number } }, required: [is, radius] }
      - { type: object, properties: { is: { const: square }, side: { type: number } }, required: [is, side] }
  any: {}
`

const child = `segno: 1
name: child
input: { text: { type: string }, count: { type: integer, default: 1 } }
output: { size: { type: integer, value: 1 }, label: { type: [string, 'null'], value: null } }
steps: [{ id: a, set: {} }]
`

const pay = {
  name: 'pay',
  input: {
    type: 'object',
    properties: { amount: { type: 'integer' }, to: { type: 'string' }, note: { type: 'string' } },
    required: ['amount', 'to'],
  },
  output: {
    type: 'object',
    properties: { id: { type: 'string' }, state: { enum: ['paid', 'refused'] }, reason: { type: 'string' } },
    required: ['id', 'state'],
  },
}

const handlers = [pay, 'work', 'exec', 'run', 'http', 'watch']

/**
 * Expects what is told of a workflow to be told at the marks of its text, in
 * these codes, in the order of the places. A text is a list of steps, or the keys
 * from `steps` on.
 */
export function expectTold(text: string, codes: readonly string[], options: { readonly typed?: boolean } = {}): void {
  const own = outdented(text)
  const whole = /^steps:/m.test(own) ? own : `steps:\n${own.replaceAll(/^(?=.)/gm, '  ')}`
  const unmarked = whole.replaceAll('▸', '')
  // What is imported is used, or that would be told.
  const before = / (?:call|start): child\b/.test(unmarked) ? head : head.replace(/^imports.*\n/m, '')
  const { typed = false } = options
  const { diagnostics } = loadWorkflow(before + unmarked, { file: 'main.yaml', handlers, read: () => child, typed })
  const offsets = diagnostics.map(({ range }) => (range?.start.offset ?? 0) - before.length)
  expect({
    text: marked(unmarked, offsets),
    codes: diagnostics.map(({ code }) => code),
    messages: diagnostics.map(({ message }) => message),
  }).toEqual({ text: whole, codes, messages: codes.map(() => expect.any(String)) })
}

function outdented(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const indent = Math.min(...lines.map((line) => line.length - line.trimStart().length))
  return lines.map((line) => `${line.slice(indent)}\n`).join('')
}

function marked(text: string, offsets: readonly number[]): string {
  return offsets
    .toSorted((one, other) => other - one)
    .reduce((shown, at) => `${shown.slice(0, at)}▸${shown.slice(at)}`, text)
}
