import type { Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'

const read = '${{ steps.a.output }}'
const status = '${{ steps.a.status }}'
const a: Step = { id: 'a', uses: 'h' }

/** The ids of the steps whose outputs are kept. */
function kept(steps: readonly Step[], value = ''): string[] {
  const definition = workflow(steps, value === '' ? {} : { output: { v: { value } } })
  return compile(definition)
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
])('an output is kept where this reads it: %s', ([, step]) => {
  expect(kept([a, step])).toContain('a')
})

test('an output is not kept where nothing reads it, or only the status', () => {
  expect(kept([a, { id: 'b', set: { v: status } }])).toEqual([])
  const world = new World(workflow([a, { id: 'w', waitFor: { signal: 's' } }]))
  world.complete('a', { large: true })
  expect(JSON.stringify([...world.state.frames.values()].map(([frame]) => frame?.steps[0]?.output))).toBe('[null]')
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
