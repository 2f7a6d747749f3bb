import type { Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'

test('all children whose need has failed are skipped, in slices of 512 events', () => {
  const others = Array.from({ length: 600 }, (_, at) => ({ id: `s${at}`, set: {}, needs: ['a'] }))
  const world = new World(workflow([{ id: 'p', failFast: false, parallel: [{ id: 'a', uses: 'h' }, ...others] }]))
  const before = world.batches.length
  const events = world.fail('p/a')
  const because = { code: 'NEED_FAILED', message: 'a step that it needs has failed' }
  expect(events[1]).toMatchObject({ type: 'step.skipped', path: 'p/s0', because })
  expect(events.filter(({ type }) => type === 'step.skipped')).toHaveLength(600)
  expect(world.batches.slice(before)[0]).toHaveLength(512)
  expect(told(events).at(-1)).toBe('run.failed OOPS')
})

test('what stands once too few can succeed is not skipped any more', () => {
  const children: Step[] = [
    { id: 'a', uses: 'h' },
    { id: 'b', uses: 'h', needs: ['a'] },
    { id: 'c', uses: 'h', needs: ['b'] },
  ]
  const world = new World(workflow([{ id: 'p', join: { atLeast: 1 }, parallel: children }]))
  expect(told(world.fail('p/a'))).toEqual([
    'step.failed p/a OOPS',
    'step.skipped p/b NEED_FAILED',
    'step.failed p OOPS',
    'run.failed OOPS',
  ])
})

test('a child that fails when it begins keeps its siblings from beginning', () => {
  const children: Step[] = [
    { id: 'a', set: { n: '${{ 1 / 0 }}' } },
    { id: 'b', uses: 'h' },
  ]
  const world = new World(workflow([{ id: 'p', parallel: children }]))
  expect(told(world.journal)).toEqual([
    'run.created',
    'step.started p',
    'step.failed p/a ARITHMETIC',
    'step.failed p ARITHMETIC',
    'run.failed ARITHMETIC',
  ])
})
