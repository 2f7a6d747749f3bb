import type { Definition, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, workflow } from '../../test/kernel/world.ts'

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
