import type { ParallelStep, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'

const uses = (id: string, needs: readonly string[] = []): Step => ({ id, uses: 'h', needs })

function parallel(children: readonly Step[], rest: Partial<ParallelStep> = {}): World {
  return new World(workflow([{ id: 'p', parallel: children, ...rest }]))
}

const paths = (world: World): string[] => world.attempts().map(({ path }) => path)

test('children run together, and the block ends when all have', () => {
  const world = parallel([uses('a'), uses('b')])
  expect(paths(world)).toEqual(['p/a', 'p/b'])
  expect(told(world.complete('p/b'))).toEqual(['step.completed p/b'])
  expect(told(world.complete('p/a'))).toEqual(['step.completed p/a', 'step.completed p', 'run.completed'])
})

test('no more children run at once than `concurrency` says', () => {
  const world = parallel([uses('a'), uses('b'), uses('c')], { concurrency: 2 })
  expect(paths(world)).toEqual(['p/a', 'p/b'])
  world.complete('p/a')
  expect(paths(world)).toEqual(['p/b', 'p/c'])
})

test('a child waits until those that it needs have ended, completed or skipped alike', () => {
  const world = parallel([uses('a'), { ...uses('b'), if: false }, uses('c', ['a', 'b'])])
  expect(paths(world)).toEqual(['p/a'])
  world.complete('p/a')
  expect(paths(world)).toEqual(['p/c'])
})

test('the first failure fails the block, and its siblings are told to stop', () => {
  const world = parallel([uses('a'), uses('b'), uses('c')])
  world.fail('p/a', { code: 'FIRST' })
  expect([...world.known].filter((name) => name.startsWith('abort'))).toEqual(['abort:p/b#1', 'abort:p/c#1'])
  world.fail('p/b', { code: 'SECOND' })
  expect(told(world.complete('p/c'))).toEqual(['step.completed p/c', 'step.failed p FIRST', 'run.failed FIRST'])
})

test('without failFast all children end, and the block fails with the first failure and the others in its details', () => {
  const world = parallel([uses('a'), uses('b'), uses('c')], { failFast: false })
  world.fail('p/b', { code: 'FIRST', details: 'why' })
  world.fail('p/a', { code: 'SECOND', details: { n: 2 }, cause: { code: 'ROOT', message: 'm', retryable: false } })
  world.complete('p/c')
  const others = [{ code: 'SECOND', message: 'no luck', retryable: true, details: { n: 2 }, cause: expect.anything() }]
  expect(world.state.failure).toMatchObject({ code: 'FIRST', details: { details: 'why', others } })
})

test('what needs a step that failed is skipped, and what needs that too', () => {
  const world = parallel([uses('a'), uses('b', ['a']), uses('c', ['b']), uses('d')], { failFast: false })
  expect(told(world.fail('p/a'))).toEqual([
    'step.failed p/a OOPS',
    'step.skipped p/b NEED_FAILED',
    'step.skipped p/c NEED_FAILED',
  ])
  expect(told(world.complete('p/d')).at(-1)).toBe('run.failed OOPS')
})

test('what needs a step that failed with `onFailure: continue` runs', () => {
  const world = parallel([{ ...uses('a'), onFailure: 'continue' } as Step, uses('b', ['a'])])
  world.fail('p/a')
  expect(paths(world)).toEqual(['p/b'])
})

test('`any` completes with the first success, and the rest are cancelled', () => {
  const world = parallel([uses('a'), uses('b'), uses('c')], { join: 'any' })
  world.fail('p/a')
  world.complete('p/b')
  expect(told(world.fail('p/c'))).toEqual(['step.cancelled p/c OOPS JOINED', 'step.completed p', 'run.completed'])
})

test('`atLeast` fails as soon as too few can still succeed', () => {
  const world = parallel([uses('a'), uses('b'), uses('c', ['a'])], { join: { atLeast: 2 } })
  expect(told(world.fail('p/a', { code: 'FIRST' }))).toEqual(['step.failed p/a FIRST'])
  expect(told(world.complete('p/b')).at(-1)).toBe('run.failed FIRST')
})

test('`atLeast` without a failure of its own fails with JOIN_UNSATISFIED', () => {
  const world = parallel(
    [
      { ...uses('a'), if: false },
      { ...uses('b'), if: false },
    ],
    { join: { atLeast: 2 } },
  )
  expect(world.state.failure).toMatchObject({ code: 'JOIN_UNSATISFIED', retryable: false })
})

test('`any` of failures alone, without failFast, waits for all and fails with the first', () => {
  const world = parallel([uses('a'), uses('b')], { join: 'any', failFast: false })
  expect(told(world.fail('p/b', { code: 'FIRST' }))).toEqual(['step.failed p/b FIRST'])
  expect(told(world.fail('p/a', { code: 'SECOND' })).at(-1)).toBe('run.failed FIRST')
})

test('a block without children ends at once', () => {
  expect(told(parallel([]).journal).slice(-2)).toEqual(['step.completed p', 'run.completed'])
})

test('2,000 children start in slices of at most 512 events, and lose none', () => {
  const world = parallel(Array.from({ length: 2000 }, (_, index) => uses(`c${index}`)))
  expect(world.attempts()).toHaveLength(2000)
  expect(Math.max(...world.batches.map((batch) => batch.length))).toBe(513)
  expect(world.batches).toHaveLength(4)
})

test('2,000 children that need one that failed are skipped in slices', () => {
  const dependants = Array.from({ length: 2000 }, (_, index) => uses(`c${index}`, ['a']))
  const world = parallel([uses('a'), ...dependants], { failFast: false })
  world.fail('p/a')
  expect(Math.max(...world.batches.map((batch) => batch.length))).toBeLessThanOrEqual(513)
  expect(world.state.failure?.code).toBe('OOPS')
})
