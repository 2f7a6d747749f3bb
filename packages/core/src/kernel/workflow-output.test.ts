import type { Definition, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, workflow } from '../../test/kernel/world.ts'
import { view } from './view.ts'

const output: Definition['output'] = { text: { type: 'string', value: 'usual' } }
const waits: readonly Step[] = [{ id: 'f', uses: 'h' }]

test('a large value that is returned waits beside the journal for the end of the workflow', () => {
  const returns = workflow([{ id: 'r', return: { text: '${{ input.text }}' } }], { output, finally: waits })
  const run = new World(returns, { input: { text: 'x'.repeat(20_000) } })
  run.complete('f')
  expect(view(run.state)).toMatchObject({ status: 'completed', outputBlob: { size: 20_011 } })
})

test('an output that a return does not give is given by nothing, whatever objects are born with', () => {
  const named = workflow([{ id: 'r', return: { text: 'given' } }], { output: { ...output, constructor: {} } })
  expect(view(new World(named).state)).toMatchObject({
    status: 'failed',
    failure: { code: 'OUTPUT_INVALID', message: 'the output "constructor" is given by nothing', retryable: false },
  })
})

test('an output that fails tells which it is', () => {
  const fails = workflow([], { output: { n: { value: '${{ 1 / 0 }}' } } })
  const { failure } = view(new World(fails).state)
  expect(failure).toMatchObject({ code: 'ARITHMETIC', message: expect.stringMatching(/^the output "n": ./) })
})

test('an output that does not fit its schema tells which it is, where and why', () => {
  const misfit = workflow([], { output: { list: { type: 'array', items: { type: 'string' }, value: ['${{ 1 }}'] } } })
  const { failure } = view(new World(misfit).state)
  expect(failure).toMatchObject({
    code: 'OUTPUT_INVALID',
    message: expect.stringMatching(/^the output "list" does not fit its schema: \S+ \S/),
    retryable: false,
  })
})

test('an output may need a large value', () => {
  const reads = workflow(
    [
      { id: 'a', uses: 'h' },
      { id: 'w', waitFor: { signal: 's' } },
    ],
    { output: { n: { type: 'integer', value: '${{ size(steps.a.output) }}' } } },
  )
  const run = new World(reads)
  run.complete('a', 'x'.repeat(20_000))
  run.send('s')
  expect(view(run.state)).toMatchObject({ status: 'completed', output: { n: 20_000 } })
})
