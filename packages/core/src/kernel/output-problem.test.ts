import type { Definition, Json, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import { outputProblem } from './output-problem.ts'

const child: Definition = {
  segno: 1,
  name: 'child',
  output: {
    count: { type: 'integer', value: 1 },
    place: { type: 'object', properties: { street: { type: 'string' } }, value: {} },
  },
  steps: [{ id: 'only', set: {} }],
}
const silent: Definition = { segno: 1, name: 'silent', steps: child.steps }
const imports = { child, silent }

const typed = { schema: { type: 'integer' } }
const form = { amount: { type: 'integer' }, note: { type: 'string', default: '' }, place: { type: 'string' } }
const fits = undefined

// What an operator, a fork or a newer plan gives a step, and what is wrong with it.
test.for<readonly [Step, Json | undefined, string | undefined]>([
  [{ id: 'x', uses: 'h' }, undefined, fits],
  [{ id: 'x', uses: 'h' }, 'anything', fits],
  [{ id: 'x', uses: 'h', output: typed } as Step, 1, fits],
  [{ id: 'x', uses: 'h', output: typed } as Step, 'one', 'it does not fit its schema: expected an integer, got "one"'],
  [{ id: 'x', uses: 'h', output: typed } as Step, undefined, 'it is missing'],
  [
    { id: 'x', uses: 'h', output: { schema: { properties: { a: { type: 'integer' } } } } } as Step,
    { a: 'one' },
    'it does not fit its schema: /a expected an integer, got "one"',
  ],
  [{ id: 'x', http: { url: 'https://a.example' } } as Step, 'anything', fits],
  [{ id: 'x', http: { url: 'https://a.example' }, output: typed } as Step, { body: 1 }, fits],
  [{ id: 'x', http: { url: 'https://a.example' }, output: typed } as Step, {}, 'its `body` is missing'],
  [{ id: 'x', http: { url: 'https://a.example' }, output: typed } as Step, 1, 'a response is an object'],
  [
    { id: 'x', http: { url: 'https://a.example' }, output: typed } as Step,
    { body: 'one' },
    'its `body` does not fit its schema: expected an integer, got "one"',
  ],
  [{ id: 'x', waitFor: { signal: 'go' } }, undefined, fits],
  [{ id: 'x', waitFor: { signal: 'go', schema: { type: 'integer' } } }, 1, fits],
  [{ id: 'x', waitFor: { signal: 'go', schema: { type: 'integer' } } }, undefined, 'it is missing'],
  [{ id: 'x', ask: { title: 'Go?', choices: ['yes', 'no'] } }, { choice: 'no' }, fits],
  [
    { id: 'x', ask: { title: 'Go?', choices: ['yes', 'no'] } },
    { choice: 'perhaps' },
    'its `choice` is none of yes, no',
  ],
  [{ id: 'x', ask: { title: 'Go?', choices: ['yes', 'no'] } }, 'yes', 'an answer is an object with `choice` or `form`'],
  [{ id: 'x', ask: { title: 'Seen?' } } as Step, {}, fits],
  [{ id: 'x', ask: { title: 'Seen?' } } as Step, { form: { amount: 1 } }, fits],
  [{ id: 'x', ask: { title: 'How?', form } } as Step, { form: { amount: 1, place: 'here' } }, fits],
  [
    { id: 'x', ask: { title: 'How?', form } } as Step,
    { form: { amount: 'one', place: 'here' } },
    'its `form`: the input "amount": expected an integer, got "one"',
  ],
  [
    { id: 'x', ask: { title: 'How?', form } } as Step,
    {},
    'its `form`: the input "amount" is missing; the input "place" is missing',
  ],
  [{ id: 'x', call: 'child' }, { count: 1, place: {} }, fits],
  [{ id: 'x', call: 'child' }, { count: 1 }, 'its `place` is missing'],
  [
    { id: 'x', call: 'child' },
    { count: 1, place: { street: 1 } },
    'its `place` does not fit its schema: /street expected text, got 1',
  ],
  [{ id: 'x', call: 'child' }, 1, 'the outputs of the workflow are an object: count, place'],
  [{ id: 'x', call: 'silent' }, undefined, fits],
  [{ id: 'x', start: 'child' }, { count: 1, place: {} }, fits],
  [
    { id: 'x', start: 'child' },
    { count: 'one', place: {} },
    'its `count` does not fit its schema: expected an integer, got "one"',
  ],
  [{ id: 'x', start: 'child', wait: false } as Step, { runId: 'one' }, fits],
  [{ id: 'x', start: 'child', wait: false } as Step, { runId: 1 }, 'it has no `runId`'],
  [{ id: 'x', start: 'child', wait: false } as Step, 'one', 'it has no `runId`'],
  [{ id: 'x', sleep: '1h' }, 'anything', fits],
])('%j given %j: %s', ([step, output, problem]) => {
  const node = compile(workflow([step], { imports })).nodes.find(({ id }) => id === 'x')
  expect(node === undefined ? 'no step' : outputProblem(node, output)).toBe(problem)
})
