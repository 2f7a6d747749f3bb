import type { Json, RunEvent, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { decide } from '../../src/kernel/decide.ts'
import { wantsContinue } from '../../src/kernel/outstanding.ts'
import { foldAll, told, workflow, World } from './world.ts'

const work = (id: string, rest: object = {}): Step => ({ id, uses: 'h', ...rest }) as Step
const paid = work('pay', { undo: { uses: 'h' } })
const wrong = { retryable: false }

// A state that is folded from a journal has on its agenda all that was ever put there.
describe('a run that another process takes over goes on where it was', () => {
  test('in a `catch`, after what the body did was taken back', () => {
    const world = new World(workflow([{ id: 't', try: [paid, work('b')], catch: [{ do: [work('c')] }] } as Step]))
    world.complete('t/pay')
    world.fail('t/b', wrong)
    world.complete('t/pay.undo')
    expect(told(world.crash())).toEqual(['run.adopted', 'attempt.lost t/c', 'attempt.started t/c'])
  })

  test('at the next item, after what the one before did was taken back', () => {
    const each = { id: 'l', forEach: { in: [1, 2], collect: true }, do: [paid, work('b')] }
    const world = new World(workflow([each as Step]))
    world.complete('l[0]/pay')
    world.fail('l[0]/b', wrong)
    world.complete('l[0]/pay.undo')
    expect(told(world.crash())).toEqual(['run.adopted', 'attempt.lost l[1]/pay', 'attempt.started l[1]/pay'])
  })

  test('at the next item, after the one before was taken back twice: for an operator, and when it failed', () => {
    const steps = [work('a', { onFailure: 'continue' }), paid, { id: 'nap', sleep: '1h' }, work('b')]
    const world = new World(workflow([{ id: 'l', forEach: { in: [1, 2], collect: true }, do: steps } as Step]))
    world.fail('l[0]/a', wrong)
    world.complete('l[0]/pay')
    world.send('segno.retry', { path: 'l[0]/a', downstream: true })
    world.complete('l[0]/pay.undo')
    world.complete('l[0]/a~2')
    world.complete('l[0]/pay~2')
    world.pass(3_600_000)
    world.fail('l[0]/b', wrong)
    world.complete('l[0]/pay~2.undo')
    expect(told(world.crash())).toEqual(['run.adopted', 'attempt.lost l[1]/a', 'attempt.started l[1]/a'])
  })

  test('in the pause of a loop', () => {
    const world = new World(workflow([{ id: 'r', repeat: { max: 2, every: '1h' }, do: [work('a')] } as Step]))
    world.complete('r[0]/a')
    expect(told(world.crash())).toEqual(['run.adopted'])
  })

  test('at its end, of which the run that started it has not heard yet', () => {
    const { plan, journal } = new World(workflow([]))
    const parent = { runId: 'parent', path: 'c', awaited: true }
    const created = { ...journal[0], parent } as RunEvent
    const circumstances = { now: 1, token: 2, seed: 1, blobs: new Map<string, Json>() }
    const { events } = decide(plan, foldAll(plan, [created]), { type: 'continue' }, circumstances)
    expect(told(events)).toEqual(['run.settled'])
    const state = foldAll(plan, [created, ...events])
    expect(told(decide(plan, state, { type: 'adopted', crashed: true }, circumstances).events)).toEqual(['run.adopted'])
    expect(wantsContinue(state)).toBe(false)
  })
})

test('what failed in a state that a machine has left is not done again', () => {
  const states = {
    one: { do: [work('a', { onFailure: 'continue' })], on: { go: { to: 'two' } } },
    two: { on: { back: { to: 'one' } } },
  }
  const world = new World(workflow([{ id: 'm', initial: 'one', states } as Step]))
  world.fail('m[0]/a', wrong)
  world.send('go')
  expect(world.send('segno.retry', { path: 'm[0]/a' })).toMatchObject([
    { type: 'operator.acted', refused: { code: 'REFUSED' } },
  ])
})
