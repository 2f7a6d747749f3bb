import type { ParallelStep, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'

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
  const message = 'needs 2 children that succeed, and 0 did'
  expect(world.state.failure).toEqual({ code: 'JOIN_UNSATISFIED', message, retryable: false })
})

test('a child that was skipped for one that failed counts once', () => {
  const world = parallel([uses('a'), uses('b', ['a']), uses('c'), uses('d')], { join: { atLeast: 2 } })
  expect(told(world.fail('p/a'))).toEqual(['step.failed p/a OOPS', 'step.skipped p/b NEED_FAILED'])
  world.complete('p/c')
  expect(told(world.complete('p/d')).at(-1)).toBe('run.completed')
})

test('without failFast all children end also where too few can still succeed', () => {
  const world = parallel([uses('a'), uses('b'), uses('c')], { join: { atLeast: 2 }, failFast: false })
  world.fail('p/a', { code: 'FIRST' })
  expect(told(world.fail('p/b'))).toEqual(['step.failed p/b OOPS'])
  expect([...world.known]).toEqual(['p/c#1'])
  expect(told(world.complete('p/c')).at(-1)).toBe('run.failed FIRST')
})

test('a second failure does not prolong the time that others have to stop', () => {
  const world = parallel([uses('a'), uses('b'), uses('c')])
  world.fail('p/a')
  world.pass(3000)
  world.fail('p/b')
  expect(told(world.pass(2000))).toContain('attempt.abandoned p/c')
})

test('a failure leaves what others still have to do in their `finally` to be done', () => {
  const cleaning: Step = { id: 'g', try: [uses('x')], finally: [uses('y')] }
  const world = parallel([uses('a'), cleaning])
  world.complete('p/g/x')
  world.fail('p/a')
  expect([...world.known].filter((name) => name.startsWith('abort'))).toEqual([])
  expect(told(world.complete('p/g/y'))).toContain('step.completed p/g/y')
})

describe('what an operator takes up again', () => {
  const passedOver = (id: string, needs: readonly string[] = []): Step =>
    ({ ...uses(id, needs), onFailure: 'continue' }) as Step
  const again = (world: World, path: string) => world.send('segno.retry', { path })

  test('does not start again what waited for it and has ended', () => {
    const world = parallel([passedOver('a'), uses('b', ['a']), uses('z')])
    world.fail('p/a')
    world.complete('p/b')
    again(world, 'p/a')
    expect(paths(world)).toEqual(['p/a~2', 'p/z'])
    world.complete('p/a~2')
    expect(paths(world)).toEqual(['p/z'])
    expect(told(world.complete('p/z')).at(-1)).toBe('run.completed')
  })

  test('comes after what was ready before', () => {
    const world = parallel([passedOver('a'), uses('b'), uses('c')], { concurrency: 1 })
    world.fail('p/a')
    again(world, 'p/a')
    expect(paths(world)).toEqual(['p/b'])
    world.complete('p/b')
    expect(paths(world)).toEqual(['p/c'])
    world.complete('p/c')
    expect(paths(world)).toEqual(['p/a~2'])
  })

  test('leaves counted what has succeeded', () => {
    const world = parallel([passedOver('a'), uses('b'), uses('c'), uses('d')], { join: { atLeast: 3 } })
    world.complete('p/b')
    world.fail('p/a')
    again(world, 'p/a')
    world.complete('p/c')
    expect([...world.known].filter((name) => name.startsWith('abort'))).toEqual([])
    world.complete('p/d')
    expect([...world.known].filter((name) => name.startsWith('abort'))).toHaveLength(1)
  })
})

describe('what comes to a block by a newer plan', () => {
  const of = (children: readonly Step[]) => workflow([{ id: 'p', parallel: children, failFast: false, join: 'any' }])
  const passed = { ...uses('a'), onFailure: 'continue' } as Step

  test.for<readonly [string, Step, readonly string[], readonly string[]]>([
    ['is skipped where a step that it needs has failed', uses('a'), ['step.skipped p/c NEED_FAILED'], ['p/b']],
    ['starts where that was passed over', passed, ['attempt.started p/c'], ['p/b', 'p/c']],
  ])('%s', ([, a, events, under]) => {
    const world = new World(of([a, uses('b')]))
    world.fail('p/a')
    expect(told(world.migrate(compile(of([a, uses('b'), uses('c', ['a'])])))).slice(1)).toEqual(events)
    expect(paths(world)).toEqual(under)
  })

  test('leaves alone what is under way, though it would wait for a step that failed', () => {
    const world = new World(of([uses('a'), uses('b'), uses('c', ['b'])]))
    world.fail('p/a')
    const [migrated] = world.migrate(compile(of([uses('a'), uses('b', ['a']), uses('c', ['b'])])))
    expect(migrated?.type).toBe('plan.migrated')
    expect(told(world.complete('p/b'))).toContain('step.completed p')
  })
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
