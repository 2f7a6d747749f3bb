import type { Definition, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, foldAll, told, workflow } from '../../test/kernel/world.ts'
import { graceMs } from './stop.ts'

const refund: Definition = {
  segno: 1,
  name: 'refund',
  steps: [{ id: 'money', uses: 'h', undo: { uses: 'h' } }],
}

test('what takes back is not kept as something to be taken back', () => {
  const item: Step[] = [
    { id: 'charge', uses: 'h', undo: { call: 'refund' } },
    { id: 'stop', fail: { code: 'BROKEN', message: 'it broke' } },
  ]
  const each: Step = { id: 'each', forEach: { in: [1], collect: true }, do: item }
  const world = new World(workflow([each, { id: 'nap', sleep: '1h' }], { imports: { refund } }))
  world.complete('each[0]/charge')
  expect(world.state.undoCount).toBe(1)
  world.complete('each[0]/charge.undo/money')
  expect(world.state.undoCount).toBe(0)
})

const broken: Step = { id: 'stop', fail: { code: 'BROKEN', message: 'it broke' } }

test('what takes a step back sees how that ended', () => {
  const definition = workflow([
    { id: 'a', uses: 'h', undo: { uses: 'h', with: { was: '${{ steps.a.status }}' } } },
    { id: 'nap', sleep: '1h' },
  ])
  expect(new World(definition).complete('a')[0]).toMatchObject({ undo: { was: 'completed' } })
  const cancelled = new World(definition)
  cancelled.send('segno.cancel')
  expect(cancelled.pass(graceMs)[1]).toMatchObject({ type: 'step.cancelled', undo: { was: 'cancelled' } })
})

test('what takes a step back may be made of what has to be loaded', () => {
  const definition = workflow([
    { id: 'big', uses: 'h' },
    { id: 'a', uses: 'h', undo: { uses: 'h', with: { size: '${{ size(steps.big.output) }}' } } },
    { id: 'nap', sleep: '1h' },
  ])
  const completed = new World(definition)
  completed.complete('big', 'x'.repeat(20_000))
  expect(completed.complete('a')[0]).toMatchObject({ type: 'step.completed', undo: { size: 20_000 } })
  const cancelled = new World(definition)
  cancelled.complete('big', 'x'.repeat(20_000))
  cancelled.send('segno.cancel')
  const events = [...cancelled.pass(graceMs), ...cancelled.settleDown()]
  expect(events[1]).toMatchObject({ type: 'step.cancelled', undo: { size: 20_000 } })
})

test('a run that dies when it has said that it takes back, and has begun nothing yet, takes back', () => {
  const each: Step = { id: 'l', forEach: { in: [1] }, do: [{ id: 'a', uses: 'h', undo: { uses: 'h' } }, broken] }
  const world = new World(workflow([each]))
  world.complete('l[0]/a')
  const said = world.journal.findIndex((event) => event.type === 'branch.taken')
  world.state = foldAll(world.plans, world.journal.slice(0, said + 1))
  expect(told(world.decide({ type: 'adopted', crashed: true }))).toEqual(['run.adopted', 'attempt.started l[0]/a.undo'])
})

test('what a forced cancel leaves undone is forgotten with its block', () => {
  const pay = (id: string): Step => ({ id, uses: 'h', undo: { uses: 'h' } })
  const children: Step[] = [
    { id: 'back', do: [pay('a'), pay('b'), pay('c'), broken] },
    { id: 'owed', do: [pay('d'), pay('e')] },
    { id: 'other', uses: 'h' },
  ]
  const world = new World(workflow([{ id: 'p', failFast: false, parallel: children }]))
  for (const path of ['p/back/a', 'p/back/b', 'p/back/c', 'p/owed/d']) world.complete(path)
  world.complete('p/back/c.undo')
  expect([world.state.undoCount, world.state.undoing.size]).toEqual([3, 2])
  world.send('segno.cancel', { force: true })
  world.fail('p/back/b.undo')
  world.fail('p/owed/e')
  expect([world.state.undoCount, world.state.undoing.size, world.isOver]).toEqual([0, 0, false])
})
