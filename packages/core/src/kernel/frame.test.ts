import { expect, test } from 'vitest'
import { World, foldAll, told, workflow } from '../../test/kernel/world.ts'
import { evolve } from './evolve.ts'

test('a step that an operator has done again ten times is found by its path', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h', onFailure: 'block' }]))
  for (let visit = 1; visit < 12; visit++) {
    world.fail(visit === 1 ? 'a' : `a~${visit}`)
    expect(told(world.send('segno.retry')).at(-1)).toBe(`attempt.started a~${visit + 1}`)
  }
})

test('an event of an occurrence that cannot be yet is refused', () => {
  const world = new World(
    workflow([
      { id: 'w', uses: 'h' },
      { id: 'a', uses: 'h' },
    ]),
  )
  const [created, started] = world.journal
  if (created === undefined || started?.type !== 'attempt.started') throw new Error('an attempt was to be under way')
  for (const path of ['w~2', 'b', 'w/x', '']) {
    const state = foldAll(world.plan, [created])
    const message = 'The journal cannot go on like this: '
    expect(() => evolve(world.plan, state, { ...started, path })).toThrow(
      expect.objectContaining({ code: 'JOURNAL_CORRUPT', message: expect.stringContaining(message) }),
    )
  }
  const state = foldAll(world.plan, [created])
  expect(() => evolve(world.plan, state, { ...started, path: 'w~2' })).toThrow('no step can be at "w~2"')
})

test('a pass of an item counts those that operators ordered in earlier attempts of its list', () => {
  const l = {
    id: 'l',
    forEach: { in: [1, 2], collect: true },
    retry: { max: 1, delay: '0s' },
    timeout: '1h',
    do: [{ id: 'a', uses: 'h' }],
  } as const
  const world = new World(workflow([l]))
  world.fail('l[0]/a')
  world.send('segno.retry', { path: 'l[0]/a' })
  world.complete('l[1]/a')
  world.pass(3_600_000)
  world.fail('l[0]~2/a')
  world.wake()
  expect(world.attempts()).toMatchObject([{ path: 'l[0]~3/a' }])
})
