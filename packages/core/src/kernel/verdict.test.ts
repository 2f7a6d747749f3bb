import type { Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { told, workflow, World } from '../../test/kernel/world.ts'

const large = 'x'.repeat(20_000)
const handler: Step = { id: 'x', uses: 'h', onFailure: 'block' }
const process: Step = { id: 'x', exec: ['true'], onFailure: 'block' }

/** A run whose step has blocked. */
function blocked(...steps: readonly Step[]): World {
  const world = new World(workflow(steps))
  if (steps.length > 1 && steps[0]?.id === 'before') world.complete('before', large)
  world.fail('x', { retryable: false })
  return world
}

test.for<readonly [string, Step, object, object]>([
  ['nothing', handler, {}, {}],
  ['its output', handler, { output: 1 }, { output: 1 }],
  ['an output that lives beside the journal', handler, { output: large }, { outputBlob: { size: 20_002 } }],
  ['the output of a process', process, { output: 'a' }, { output: 'a', exitCode: 0 }],
  ['the end of a process', process, {}, { exitCode: 0 }],
])('a step that is given %s has completed with that', ([, step, output, fields]) => {
  const world = blocked(step)
  const completed = world.send('segno.override', { path: 'x', ...output })[1]
  expect(completed).toMatchObject({ type: 'step.completed', path: 'x', ...fields })
  expect(Object.keys(completed ?? {}).slice(6)).toEqual(Object.keys(fields))
})

test('what an operator says of a step is decided at once, with what follows', () => {
  const world = blocked(handler, { id: 'y', uses: 'h' })
  world.send('segno.skip', { path: 'x' })
  expect(told(world.batches.at(-1) ?? [])).toEqual(['operator.acted x', 'step.skipped x OPERATOR', 'attempt.started y'])
})

test('a step that is given its output is taken back with what lives beside the journal', () => {
  const undo = { uses: 'h', with: { was: '${{ steps.before.output }}', is: '${{ steps.x.output }}' } }
  const world = blocked({ id: 'before', uses: 'h' }, { ...handler, undo } as Step, { id: 'y', uses: 'h' })
  const events = world.send('segno.override', { path: 'x', output: 1 })
  expect(told(events)).toEqual(['operator.acted x', 'step.completed x', 'attempt.started y'])
  expect(events[1]).toMatchObject({ undoBlob: { size: JSON.stringify({ was: large, is: 1 }).length } })
})
