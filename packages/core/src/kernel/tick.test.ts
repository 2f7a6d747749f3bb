import type { Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'
import { graceMs } from './stop.ts'

const together = (...children: Step[]): Step => ({ id: 'p', failFast: false, parallel: children })
const fired = (events: readonly string[]): string[] => events.filter((event) => event.startsWith('timer.fired'))

test.for<readonly [string, readonly [string, string, string], readonly string[]]>([
  ['of different instants fire in their order', ['2s', '1s', '3s'], ['b', 'a', 'c']],
  ['of one instant fire in the order of the definition', ['1s', '1s', '1s'], ['a', 'b', 'c']],
])('limits of attempts and other timers %s', ([, [first, second, third], order]) => {
  const limited = (id: string, timeout: string): Step => ({ id, uses: 'h', timeout })
  const times = new World(workflow([together(limited('a', first), { id: 'b', sleep: second }, limited('c', third))]))
  expect(fired(told(times.pass(9000)))).toEqual(order.map((id) => `timer.fired p/${id}`))
  const others = [{ id: 'a', sleep: first }, limited('b', second), { id: 'c', sleep: third }]
  expect(fired(told(new World(workflow([together(...others)])).pass(9000)))).toEqual(
    order.map((id) => `timer.fired p/${id}`),
  )
})

test('what is due beside the limit of the run fires with it', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h', timeout: '1s' }], { limits: { duration: '1s' } }))
  const events = world.pass(1000)
  expect(told(events)).toEqual(['run.blocked LIMIT_EXCEEDED', 'timer.fired a'])
  const details = { limit: 'duration', value: 1000 }
  const because = { code: 'LIMIT_EXCEEDED', message: 'the run has reached its limit of time', details }
  expect(events[0]).toMatchObject({ because })
})

test('handlers that do not stop are all given up at once', () => {
  const work = (effect: 'once' | 'idempotent'): Step[] =>
    ['a', 'b'].map((id) => ({ id, uses: 'h', timeout: '1s', effect }))
  const timedOut = new World(workflow([together(...work('idempotent'))]))
  timedOut.pass(1000)
  expect(told(timedOut.pass(graceMs)).slice(0, 4)).toEqual([
    'attempt.abandoned p/a',
    'step.failed p/a TIMEOUT',
    'attempt.abandoned p/b',
    'step.failed p/b TIMEOUT',
  ])
  const unknown = new World(workflow([together(...work('once'))]))
  unknown.pass(1000)
  expect(told(unknown.pass(graceMs))).toEqual([
    'attempt.abandoned p/a',
    'step.blocked p/a OUTCOME_UNKNOWN',
    'attempt.abandoned p/b',
    'step.blocked p/b OUTCOME_UNKNOWN',
  ])
  const cancelled = new World(workflow([together(...work('once'))]))
  cancelled.send('segno.cancel')
  const events = cancelled.pass(graceMs)
  expect(told(events).slice(0, 4)).toEqual([
    'attempt.abandoned p/a',
    'step.cancelled p/a ATTEMPT_ABANDONED CANCELLED',
    'attempt.abandoned p/b',
    'step.cancelled p/b ATTEMPT_ABANDONED CANCELLED',
  ])
  expect(events[1]).toMatchObject({ failure: { message: '"p/a" did not stop when it was told to', retryable: true } })
})

test('waits whose time is up fail together, and say so', () => {
  const waits: Step[] = ['a', 'b'].map((id) => ({ id, sleep: '1h', timeout: '1s' }))
  const events = new World(workflow([together(...waits)])).pass(1000)
  expect(told(events).slice(0, 4)).toEqual([
    'timer.fired p/a',
    'step.failed p/a TIMEOUT',
    'timer.fired p/b',
    'step.failed p/b TIMEOUT',
  ])
  const failure = { code: 'TIMEOUT', message: '"p/a" waited longer than its timeout', retryable: true }
  expect(events[1]).toMatchObject({ failure })
})

test('what has to be loaded before a block is tried again is asked for', () => {
  const each: Step = {
    id: 'l',
    forEach: { in: '${{ [size(steps.big.output)] }}' },
    do: [{ id: 'x', uses: 'h' }],
    retry: { max: 1, delay: '1s', jitter: false },
  }
  const world = new World(workflow([{ id: 'big', uses: 'h' }, each]))
  world.complete('big', 'x'.repeat(20_000))
  world.fail('l[0]/x')
  expect(told(world.pass(1000))).toEqual(['step.started l', 'iteration.started l 0', 'attempt.started l[0]~2/x'])
})

test('600 timers that are due at once fire in slices of 512 events', () => {
  const world = new World(
    workflow([together(...Array.from({ length: 600 }, (_, at) => ({ id: `s${at}`, sleep: '1s' })))]),
  )
  const before = world.batches.length
  world.pass(1000)
  expect(world.batches.slice(before)[0]).toHaveLength(512)
  world.wake()
  expect(world.isOver).toBe(true)
})
