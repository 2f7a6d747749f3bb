import type { EventPayloads, EventType, Json, RunEvent, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, foldAll, told, workflow } from '../../test/kernel/world.ts'
import { evolve } from './evolve.ts'
import { hasAttempts, outstanding, wakeAt } from './outstanding.ts'
import type { RunState } from './state.ts'

const failure = { code: 'X', message: 'm', retryable: true }
const because = { code: 'X' }

/** Folds one more event onto what a run has come to. */
function then<T extends EventType>(world: World, type: T, payload: EventPayloads[T]): RunState {
  const { plan, state } = world
  evolve(plan, state, {
    ...payload,
    seq: state.seq + 1,
    v: 1,
    at: world.now,
    runId: 'run',
    type,
  } as unknown as RunEvent)
  return state
}

describe('whether a run has got further since it was picked up', () => {
  const other = { segno: 1 as const, name: 'other', steps: [] }
  const definition = workflow(
    [
      {
        id: 'p',
        parallel: [
          { id: 'a', uses: 'h', retry: { max: 1, delay: '1s', jitter: false } },
          { id: 's', sleep: '1h' },
          { id: 'l', forEach: { in: [1], concurrency: 1 }, do: [{ id: 'x', uses: 'h' }] },
          { id: 'c', start: 'other' },
          { id: 'm', initial: 'one', states: { one: { do: [], on: { go: { to: 'two' } } }, two: { do: [] } } } as Step,
        ],
      },
    ],
    { imports: { other } },
  )
  const child = (): string => new World(definition).children()[0]?.runId ?? ''
  test.for<[string, 0 | 1, (world: World) => RunState]>([
    ['a step has completed', 0, (world) => then(world, 'step.completed', { path: 'p/a' })],
    ['a step has failed', 0, (world) => then(world, 'step.failed', { path: 'p/a', attempt: 1, failure })],
    ['a step was skipped', 1, (world) => then(world, 'step.skipped', { path: 'p/c', because })],
    ['a step was cancelled', 1, (world) => then(world, 'step.cancelled', { path: 'p/a', because })],
    [
      'an attempt has failed',
      1,
      (world) => then(world, 'attempt.failed', { path: 'p/a', attempt: 1, failure, retryAt: 1 }),
    ],
    ['an attempt was lost', 1, (world) => then(world, 'attempt.lost', { path: 'p/a', attempt: 1, token: 1 })],
    ['an item has completed', 0, (world) => then(world, 'iteration.completed', { path: 'p/l', index: 0 })],
    ['an item has failed', 1, (world) => then(world, 'iteration.failed', { path: 'p/l', index: 0, failure })],
    ['a timer has fired', 0, (world) => then(world, 'timer.fired', { path: 'p/s', purpose: 'sleep' })],
    ['a child run exists', 0, (world) => then(world, 'child.started', { path: 'p/c', child: child() })],
    [
      'a state was entered',
      0,
      (world) => then(world, 'state.entered', { path: 'p/m', index: 1, state: 'two', by: 'next' }),
    ],
    ['it is to end', 0, (world) => then(world, 'cancel.requested', { id: 'c', because, force: false })],
  ])('%s: %i', ([, pickups, act]) => {
    const world = new World(definition)
    then(world, 'run.adopted', { token: 2 })
    expect(act(world).pickups).toBe(pickups)
  })
})

describe('what a step that is tried again shows of its times is since its first attempt', () => {
  const retry = { max: 1, delay: '1s', jitter: false }
  const times: Step = { id: 'z', set: { ms: '${{ steps.a.durationMs }}', tries: '${{ steps.a.attempts }}' } }
  const after = (step: object, act: (world: World) => void): Json | undefined => {
    const world = new World(
      workflow([{ id: 'a', ...step } as Step, times], {
        output: { ms: { value: '${{ steps.z.output.ms }}' }, tries: { value: '${{ steps.z.output.tries }}' } },
      }),
    )
    act(world)
    return world.state.output as Json | undefined
  }
  const twice = (world: World, path: (attempt: number) => string): void => {
    world.pass(100)
    world.fail(path(1))
    world.pass(1000)
    world.pass(10)
    world.complete(path(2))
  }
  test('an attempt', () => {
    expect(after({ uses: 'h', retry }, (world) => twice(world, () => 'a'))).toEqual({ ms: 1110, tries: 2 })
  })
  test('a block', () => {
    const block = { do: [{ id: 'x', uses: 'h' }], retry }
    expect(after(block, (world) => twice(world, (n) => (n === 1 ? 'a/x' : 'a~2/x')))).toEqual({ ms: 1110, tries: 2 })
  })
  test('a sleep, from when it began', () => {
    expect(after({ sleep: '5s' }, (world) => world.pass(5000))).toEqual({ ms: 5000, tries: 0 })
  })
  test('a question', () => {
    const asks = { ask: { title: 'Go on?', choices: ['yes'] } }
    const answer = (world: World): void => {
      world.pass(70)
      for (const question of world.questions()) world.answer(question, 'yes')
    }
    expect(after(asks, answer)).toEqual({ ms: 70, tries: 1 })
  })
  test('what is done at once takes no time', () => {
    expect(after({ set: { n: 1 } }, () => undefined)).toEqual({ ms: 0, tries: 0 })
  })
})

test('a run that could not be started is forgotten by the step that it blocks', () => {
  const other = { segno: 1 as const, name: 'other', steps: [] }
  const world = new World(workflow([{ id: 'c', start: 'other', onFailure: 'block' }], { imports: { other } }))
  const [refused] = world.children()
  if (refused === undefined) throw new Error('a run was to be started')
  expect(told(world.moveChild(refused, 'refused'))).toEqual(['step.blocked c INPUT_INVALID'])
  expect(world.children()).toEqual([])
  world.send('segno.retry')
  for (const how of ['completed', 'completed'] as const) {
    for (const child of world.children()) world.moveChild(child, how)
  }
  expect(world.state.status).toBe('completed')
})

test('a step that was left out counts against no limit, and one that an operator leaves out does', () => {
  const world = new World(
    workflow([
      { id: 'a', uses: 'h', if: false },
      { id: 'b', sleep: '1h' },
      { id: 'c', uses: 'h' },
    ]),
  )
  expect(world.state.stepsStarted).toBe(1)
  world.send('segno.skip', { path: 'b' })
  expect(world.state.stepsStarted).toBe(2)
})

test('what is left out or ends in `finally` does not count either', () => {
  const world = new World(
    workflow([], {
      finally: [
        { id: 'a', uses: 'h', if: false },
        { id: 'b', uses: 'h' },
      ],
    }),
  )
  expect(world.state.stepsStarted).toBe(0)
})

describe('a time limit that has passed', () => {
  const timed = (step: object): World => {
    const world = new World(workflow([{ id: 'a', ...step, timeout: '1m' } as Step]))
    world.pass(60_000)
    return world
  }
  test('tells the handler to stop, and gives it its grace', () => {
    const world = timed({ uses: 'h' })
    expect(outstanding(world.state)).toContainEqual({ type: 'abort', path: 'a', attempt: 1, code: 'TIMED_OUT' })
    expect(wakeAt(world.state)).toBe(world.now + 5000)
    world.fail('a', { code: 'STOPPED' })
    expect(world.state.failure).toEqual({
      code: 'TIMEOUT',
      message: '"a" took longer than its timeout',
      retryable: true,
    })
  })
  test('fails a wait at once', () => {
    expect(timed({ waitFor: { signal: 's' } }).state.failure).toMatchObject({ code: 'TIMEOUT' })
  })
  test('tells what runs inside to stop', () => {
    const world = timed({ do: [{ id: 'x', uses: 'h' }] })
    expect(outstanding(world.state)).toContainEqual({ type: 'abort', path: 'a/x', attempt: 1, code: 'CANCELLED' })
    world.fail('a/x', { code: 'STOPPED' })
    expect(world.state.failure).toMatchObject({ code: 'TIMEOUT', message: '"a" took longer than its timeout' })
  })
})

test('children that begin in another order than the list leave nothing to begin', () => {
  const children = ['a', 'b', 'c'].map((id) => ({ id, uses: 'h', ...(id === 'c' ? { needs: ['a'] } : {}) }))
  const { plan, journal } = new World(workflow([{ id: 'p', parallel: children }]))
  const state = foldAll(plan, journal)
  expect(hasAttempts(state)).toBe(true)
  const frame = state.frames.get('p/')
  expect(frame?.ready.slice(frame.readyAt)).toEqual([])
})

test('a return gives its value to the workflow that it stands in, however deep', () => {
  const inner = {
    segno: 1 as const,
    name: 'inner',
    output: { n: { value: '${{ 0 }}' } },
    steps: [
      { id: 'd', do: [{ id: 'i', if: true, do: [{ id: 'r', return: { n: 7 } }] }] },
      { id: 'never', uses: 'h' },
    ],
  }
  const world = new World(
    workflow([{ id: 'c', call: 'inner' } as Step, { id: 'after', uses: 'h' }], {
      imports: { inner: inner as never },
      output: { n: { value: '${{ steps.c.output.n }}' } },
    }),
  )
  expect(told(world.journal).at(-1)).toBe('attempt.started after')
  world.complete('after')
  expect(world.state.output).toEqual({ n: 7 })
})

describe('a step that is done again and returns, while what comes after it is under way,', () => {
  const returning = (later: Step): World => {
    const first: Step = {
      id: 'd',
      onFailure: 'continue',
      do: [
        { id: 'x', uses: 'h' },
        { id: 'r', return: {} },
      ],
    }
    const world = new World(workflow([first, later]))
    world.fail('d/x')
    return world
  }
  const again = (world: World): void => {
    world.send('segno.pause')
    world.send('segno.retry', { path: 'd' })
    world.send('segno.resume')
    world.complete('d~2/x')
  }

  test('has that stopped, within its grace', () => {
    const world = returning({ id: 'later', uses: 'h' })
    again(world)
    expect([...world.known]).toEqual(['later#1', 'abort:later#1'])
    expect(told(world.pass(4999))).toEqual([])
    expect(told(world.pass(1))).toContain('attempt.abandoned later')
    expect(world.state.status).toBe('completed')
  })

  test('leaves it its `finally`', () => {
    const world = returning({ id: 'later', try: [], finally: [{ id: 'y', uses: 'h' }] })
    again(world)
    expect([...world.known]).toEqual(['later/y#1'])
    expect(told(world.complete('later/y')).at(-1)).toBe('run.completed')
  })
})

test('an attempt that is lost while it was told to stop has no grace any more, also where the run is paused', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h', timeout: '1m' }]))
  world.pass(60_000)
  world.send('segno.pause')
  expect(told(world.crash())).toEqual(['run.adopted', 'attempt.lost a'])
  expect(wakeAt(world.state)).toBeNull()
})
