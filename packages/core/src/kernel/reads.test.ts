import type { Definition, MachineState, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'

const read = '${{ steps.a.output }}'
const status = '${{ steps.a.status }}'
const a: Step = { id: 'a', uses: 'h' }
const other = workflow([{ id: 'last', set: {} }], { input: { v: {} } })

function states(idle: MachineState): Step {
  return { id: 'b', initial: 'idle', states: { idle, done: {} } }
}

/** The ids of the steps whose outputs are kept. */
function kept(steps: readonly Step[], value = ''): string[] {
  const output: Partial<Definition> = value === '' ? {} : { output: { v: { value } } }
  return compile(workflow(steps, { imports: { other }, ...output }))
    .nodes.filter(({ outputRead }) => outputRead)
    .map(({ id }) => id)
}

test.for<[string, Step]>([
  ['an input', { id: 'b', uses: 'h', with: read }],
  ['a condition', { id: 'b', set: {}, if: 'has(steps.a.output)' }],
  ['a timeout', { id: 'b', uses: 'h', timeout: read }],
  ['a delay', { id: 'b', uses: 'h', retry: { max: 1, delay: read } }],
  ['the longest delay', { id: 'b', uses: 'h', retry: { max: 1, maxDelay: read } }],
  ['a value', { id: 'b', set: { v: read } }],
  ['a `return`', { id: 'b', return: { v: read } }],
  ['an assertion', { id: 'b', assert: 'steps.a.output' }],
  ['its message', { id: 'b', assert: true, message: read }],
  ['a sleep', { id: 'b', sleep: read }],
  ['the name of a signal', { id: 'b', waitFor: { signal: read } }],
  ['the test of a signal', { id: 'b', waitFor: { signal: 's', if: 'steps.a.output' } }],
  ['an `if`', { id: 'b', if: 'steps.a.output', do: [] }],
  ['a `match`', { id: 'b', match: 'steps.a.output', cases: {} }],
  ['a concurrency', { id: 'b', parallel: [], concurrency: read }],
  ['a list', { id: 'b', forEach: { in: 'steps.a.output' }, do: [] }],
  ['the concurrency of a list', { id: 'b', forEach: { in: [], concurrency: read }, do: [] }],
  ['a bound', { id: 'b', repeat: { max: read }, do: [] }],
  ['an `until`', { id: 'b', repeat: { max: 1, until: 'steps.a.output' }, do: [] }],
  ['a `while`', { id: 'b', repeat: { max: 1, while: 'steps.a.output' }, do: [] }],
  ['a pause', { id: 'b', repeat: { max: 1, every: read }, do: [] }],
  ['a memory', { id: 'b', repeat: { max: 1, initial: read }, do: [] }],
  ['what an exhausted loop gives', { id: 'b', repeat: { max: 1 }, do: [], onExhausted: { output: read } }],
  ['the message of a `fail`', { id: 'b', fail: { code: 'X', message: read } }],
  ['the data of a `fail`', { id: 'b', fail: { code: 'X', message: 'm', data: read } }],
  ['the output of a block', { id: 'b', do: [], output: read }],
  ['an idempotency key', { id: 'b', uses: 'h', idempotencyKey: read }],
  ['a variable of a process', { id: 'b', exec: ['tool'], env: { V: read } }],
  ['a variable of a process inside of a block', { id: 'b', do: [{ id: 'c', exec: ['tool'] }], env: { V: read } }],
  ['the input of a call', { id: 'b', call: 'other', with: { v: read } }],
  ['the input of a run', { id: 'b', start: 'other', with: { v: read } }],
  ['a question', { id: 'b', ask: { title: read } }],
  ['the name of a signal to others', { id: 'b', emit: { signal: read } }],
  ['the data of a signal to others', { id: 'b', emit: { signal: 's', data: read } }],
  ['an instant', { id: 'b', sleepUntil: read }],
  ['the condition of a signal that leads on', states({ on: { s: [{ to: 'done', if: 'steps.a.output' }] } })],
  ['the condition of a time that leads on', states({ after: { '1m': { to: 'done', if: 'steps.a.output' } } })],
  ['the condition of a state that leads on', states({ next: [{ to: 'done', if: 'steps.a.output' }] })],
  ['what takes a step back', { id: 'b', uses: 'h', undo: { uses: 'h', with: read } }],
  ['the condition of what takes a step back', { id: 'b', uses: 'h', undo: { uses: 'h', timeout: read } }],
])('an output is kept where this reads it: %s', ([, step]) => {
  expect(kept([a, step])).toContain('a')
})

test('an output is not kept where nothing reads it, or only the status, or something else of the name', () => {
  expect(kept([a, { id: 'b', set: { v: status } }])).toEqual([])
  expect(kept([a, { id: 'b', set: { v: '${{ input.a }}' } }])).toEqual([])
  const world = new World(workflow([a, { id: 'w', waitFor: { signal: 's' } }]))
  world.complete('a', { large: true })
  expect(JSON.stringify([...world.state.frames.values()].map((frame) => frame.steps[0]?.output))).toBe('[null]')
})

test('the output of the workflow keeps what it reads, and a whole step with it', () => {
  expect(kept([a], read)).toEqual(['a'])
  expect(kept([a], '${{ has(steps.a.output) ? 1 : 2 }}')).toEqual(['a'])
})

test('a block that is read and declares no output keeps that of its last steps', () => {
  const block: Step = {
    id: 'b',
    if: true,
    do: [
      { id: 'x', set: {} },
      { id: 'y', set: {} },
    ],
    else: [{ id: 'z', set: {} }],
  }
  expect(kept([block], '${{ steps.b.output }}')).toEqual(['b', 'y', 'z'])
})

test('a `finally` gives nothing, and neither do the children of a `parallel`', () => {
  const x: Step = { id: 'x', set: {} }
  expect(kept([{ id: 'b', try: [x], finally: [{ id: 'y', set: {} }] }], '${{ steps.b.output }}')).toEqual(['b', 'x'])
  expect(kept([{ id: 'b', parallel: [x] }], '${{ steps.b.output }}')).toEqual(['b'])
})

test('what is called gives its own outputs, and what it does is kept only for them', () => {
  expect(kept([{ id: 'b', call: 'other' }], '${{ steps.b.output }}')).toEqual(['b'])
  const gives = { ...other, output: { v: { value: '${{ steps.last.output }}' } } }
  const nodes = compile(workflow([{ id: 'b', call: 'gives' }], { imports: { gives } })).nodes
  expect(nodes.filter(({ outputRead }) => outputRead).map(({ id }) => id)).toEqual(['last'])
})

test('a block that declares its output keeps what that reads, and not what its last step gives', () => {
  const block: Step = { id: 'b', do: [{ id: 'x', set: {} }], output: read }
  expect(kept([a, block], '${{ steps.b.output }}')).toEqual(['a', 'b'])
})
