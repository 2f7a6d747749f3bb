import type { Json, RepeatStep, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'

const uses = (id: string): Step => ({ id, uses: 'h' })

function loop(rest: Partial<RepeatStep> & Pick<RepeatStep, 'repeat'>, input: Json = {}): World {
  const value = '${{ has(steps.r.output) ? steps.r.output : "none" }}'
  return new World(workflow([{ id: 'r', do: [], ...rest }], { output: { it: { value } } }), { input })
}

test('a loop that meets no condition says how often it ran', () => {
  const message = '"r" ran 2 times without meeting its condition'
  expect(loop({ repeat: { max: 2 } }).state.failure).toEqual({ code: 'LOOP_EXHAUSTED', message, retryable: true })
})

test('a pause that a run is held in and goes on from is set once', () => {
  const world = loop({ repeat: { max: 2, every: '1m' }, do: [uses('x')] })
  expect(told(world.complete('r[0]/x'))).toEqual(['step.completed r[0]/x', 'iteration.completed r 0', 'timer.set r'])
  world.send('segno.pause')
  expect(told(world.send('segno.resume'))).not.toContain('timer.set r')
  expect(told(world.pass(60_000))).toEqual(['timer.fired r', 'iteration.started r 1', 'attempt.started r[1]/x'])
})

test('an iteration that a `return` leaves looks at no condition', () => {
  const world = loop({
    repeat: { max: 2, until: 'steps.x.output == 1' },
    do: [{ id: 'e', return: { it: 7 } }, uses('x')],
  })
  expect(told(world.journal).slice(2)).toEqual([
    'iteration.started r 0',
    'step.completed r[0]/e',
    'iteration.completed r 0',
    'step.completed r',
    'run.completed',
  ])
  expect(world.state.output).toEqual({ it: 7 })
})

test('an iteration whose condition fails, fails in the same slice', () => {
  const world = loop({ repeat: { max: 2, until: 'input.none' }, do: [{ id: 'x', set: {} }] })
  expect(told(world.journal).slice(-3)).toEqual([
    'iteration.failed r 0 MISSING_VALUE',
    'step.failed r MISSING_VALUE',
    'run.failed MISSING_VALUE',
  ])
  expect(world.batches).toHaveLength(1)
})

test('a loop with a memory remembers nothing of an iteration that gives nothing', () => {
  const world = loop({ repeat: { max: 2, until: 'iteration == 1', initial: 1 } })
  expect(world.state.output).toEqual({ it: 'none' })
})

test('what an exhausted loop gives is waited for, and fails the loop where it cannot be evaluated', () => {
  const onExhausted = { output: { n: '${{ size(input.big) }}' } }
  const world = loop({ repeat: { max: 1 }, do: [uses('x')], onExhausted }, { big: 'x'.repeat(20_000) })
  world.complete('r[0]/x')
  expect(world.state.output).toEqual({ it: { n: 20_000 } })
  const failed = loop({ repeat: { max: 1 }, onExhausted: { output: '${{ input.none }}' } })
  expect(told(failed.journal).slice(-2)).toEqual(['step.failed r MISSING_VALUE', 'run.failed MISSING_VALUE'])
})
