import type { Json } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'
import { planWanted, signalsMax } from './messages.ts'
import { runStatus, wakeAt } from './outstanding.ts'

const wait = workflow([{ id: 'w', waitFor: { signal: 's' } }])
const two = workflow([
  { id: 'a', uses: 'h' },
  { id: 'b', uses: 'h' },
])

const refusal = (world: World): unknown => {
  const event = world.journal.at(-1)
  return event?.type === 'operator.acted' ? event.refused?.message : undefined
}

test('a signal ends a wait and is its output', () => {
  const world = new World(workflow(wait.steps, { output: { got: { value: '${{ steps.w.output }}' } } }))
  expect(runStatus(world.state)).toBe('waiting')
  expect(told(world.send('s', { n: 1 }))).toEqual([
    'signal.received',
    'signal.consumed w',
    'step.completed w',
    'run.completed',
  ])
  expect(world.state.output).toEqual({ got: { n: 1 } })
})

test('a signal may have come before the wait', () => {
  const world = new World(
    workflow([
      { id: 'a', uses: 'h' },
      { id: 'w', waitFor: { signal: 's' } },
    ]),
  )
  world.send('s')
  expect(told(world.complete('a')).at(-1)).toBe('run.completed')
})

test('the oldest waiter takes the oldest signal', () => {
  const world = new World(
    workflow([
      {
        id: 'p',
        parallel: [
          { id: 'a', waitFor: { signal: 's' } },
          { id: 'b', waitFor: { signal: 's' } },
        ],
      },
    ]),
  )
  expect(told(world.send('s')).slice(1)).toEqual(['signal.consumed p/a', 'step.completed p/a'])
})

test('a signal that fails the `if` of a wait is left for others', () => {
  const world = new World(
    workflow([
      {
        id: 'p',
        parallel: [
          { id: 'a', waitFor: { signal: 's', if: 'data.n > 1' } },
          { id: 'b', waitFor: { signal: 's' } },
        ],
      },
    ]),
  )
  expect(told(world.send('s', { n: 1 })).slice(1)).toEqual(['signal.consumed p/b', 'step.completed p/b'])
})

test('an `if` that cannot be evaluated fails the wait', () => {
  const world = new World(workflow([{ id: 'w', waitFor: { signal: 's', if: 'data.n' } }]))
  expect(told(world.send('s', { n: 1 })).slice(1)).toEqual(['step.failed w TYPE_MISMATCH', 'run.failed TYPE_MISMATCH'])
  const blocking = new World(workflow([{ id: 'w', waitFor: { signal: 's', if: 'data.n' }, onFailure: 'block' }]))
  expect(told(blocking.send('s', {})).slice(1)).toEqual(['step.blocked w MISSING_VALUE'])
})

test('data that does not fit the schema of a wait is ignored, with the reason', () => {
  const world = new World(workflow([{ id: 'w', waitFor: { signal: 's', schema: { type: 'string' } } }]))
  expect(told(world.send('s', 1))).toEqual(['signal.received', 'signal.ignored INPUT_INVALID'])
  expect(told(world.send('s', 'yes')).at(-1)).toBe('run.completed')
})

test('a wait that takes too long fails with TIMEOUT', () => {
  const world = new World(workflow([{ id: 'w', waitFor: { signal: 's' }, timeout: '1m' }]))
  expect(wakeAt(world.state)).toBe(world.now + 60_000)
  expect(told(world.pass(60_000))).toEqual(['timer.fired w', 'step.failed w TIMEOUT', 'run.failed TIMEOUT'])
})

test('the name of a signal may be an expression; what is no name fails the wait', () => {
  const steps = [{ id: 'w', waitFor: { signal: '${{ input.name }}' } }]
  expect([...new World(workflow(steps), { input: { name: 's' } }).state.waiters.keys()]).toEqual(['s'])
  expect(new World(workflow(steps), { input: { name: '' } }).state.failure?.code).toBe('TYPE_MISMATCH')
  expect(new World(workflow(steps), { input: {} }).state.failure?.code).toBe('MISSING_VALUE')
})

test(`a run keeps ${signalsMax} signals that nobody took, and no more`, () => {
  const world = new World(workflow([{ id: 'w', waitFor: { signal: 'other' } }]))
  const messages = Array.from({ length: signalsMax + 1 }, (_, n) => ({ id: `m${n}`, name: 's', payload: null }))
  const events = world.decide({ type: 'messages', messages })
  expect(told(events).at(-1)).toBe('signal.ignored LIMIT_EXCEEDED')
  expect(events.at(-1)).toMatchObject({
    because: { message: `the run already keeps ${signalsMax} signals that no step has taken` },
  })
  expect(world.state.signalCount).toBe(signalsMax)
})

test('a signal that was taken or ignored makes room for another', () => {
  const world = new World(
    workflow([
      { id: 'v', waitFor: { signal: 's', schema: { type: 'string' } } },
      { id: 'w', waitFor: { signal: 's' } },
      { id: 'x', waitFor: { signal: 'other' } },
    ]),
  )
  const messages = [1, 'yes', 2, 3].map((payload, n) => ({ id: `m${n}`, name: 's', payload }))
  expect(told(world.decide({ type: 'messages', messages })).slice(4)).toEqual([
    'signal.ignored INPUT_INVALID',
    'signal.consumed v',
    'step.completed v',
    'step.started w',
    'signal.consumed w',
    'step.completed w',
    'step.started x',
  ])
  expect(world.state.signalCount).toBe(1)
  expect([...world.state.signals]).toEqual([['s', [expect.objectContaining({ id: 'm3', data: 3 })]]])
})

test('a signal that is too large is ignored, with the reason', () => {
  const world = new World(wait)
  const events = world.send('s', 'x'.repeat(8 * 1024 * 1024))
  expect(told(events)).toEqual(['signal.ignored PAYLOAD_TOO_LARGE'])
  expect(events[0]).toMatchObject({
    because: { message: expect.stringMatching(/^signal "s": the value has \d+ bytes/) },
  })
})

test('a sender is recorded', () => {
  const world = new World(wait)
  const messages = [
    { id: 'a', name: 'segno.pause', payload: null, sender: 'me' },
    { id: 'b', name: 's', payload: null, sender: 'me' },
  ]
  expect(world.decide({ type: 'messages', messages })).toMatchObject([{ actor: 'me' }, { sender: 'me' }])
})

test('who sends nothing of himself is not recorded', () => {
  const [event] = new World(workflow([{ id: 'a', uses: 'h' }])).send('s', 1)
  expect(Object.keys(event ?? {}).toSorted()).toEqual(['at', 'data', 'id', 'name', 'runId', 'seq', 'type', 'v'])
})

describe('a cancel', () => {
  const plain = { because: { code: 'CANCELLED', message: 'cancelled on request' }, force: false }
  test.for<[string, Json, string | undefined, object]>([
    ['needs nothing', null, undefined, plain],
    ['takes no list for its fields', [true], undefined, plain],
    ['takes no reason that is no text, and nothing for true', { reason: 7, force: 'yes' }, undefined, plain],
    [
      'records why, by whom, and whether it is forced',
      { reason: 'enough', force: true },
      'ada',
      { because: { code: 'CANCELLED', message: 'enough' }, force: true, actor: 'ada' },
    ],
  ])('%s', ([, payload, sender, expected]) => {
    const message = { id: 'm', name: 'segno.cancel', payload, ...(sender === undefined ? {} : { sender }) }
    const [event] = new World(two).decide({ type: 'messages', messages: [message] })
    expect(event).toEqual({
      seq: 3,
      v: 1,
      at: expect.any(Number),
      runId: 'run',
      type: 'cancel.requested',
      id: 'm',
      ...expected,
    })
  })
})

test('a command says why it was given, where that is a text', () => {
  expect(new World(two).send('segno.pause', { reason: 'lunch' })[0]).toMatchObject({ reason: 'lunch' })
  expect(new World(two).send('segno.pause', { reason: 1 })[0]).not.toHaveProperty('reason')
})

test('only a migrate with the name of a plan wants one', () => {
  const wanted = (name: string, payload: Json): string | undefined => planWanted({ id: 'm', name, payload })
  expect(wanted('segno.migrate', { plan: 'p' })).toBe('p')
  expect(wanted('segno.migrate', { plan: 1 })).toBeUndefined()
  expect(wanted('segno.migrate', null)).toBeUndefined()
  expect(wanted('segno.retry', { plan: 'p' })).toBeUndefined()
})

test('what comes after the end of a run is not taken in', () => {
  const world = new World(wait)
  const messages = ['s', 's'].map((name, n) => ({ id: `m${n}`, name, payload: null }))
  world.send('segno.cancel')
  expect(world.decide({ type: 'messages', messages })).toEqual([])
})

test('a paused run lets what runs end, and starts nothing until it is resumed', () => {
  const world = new World(two)
  expect(told(world.send('segno.pause'))).toEqual(['operator.acted'])
  expect(runStatus(world.state)).toBe('paused')
  expect(told(world.complete('a'))).toEqual(['step.completed a'])
  expect(told(world.send('segno.resume'))).toEqual(['operator.acted', 'attempt.started b'])
})

test('timers rest while a run is paused; the limits of what runs do not', () => {
  const world = new World(
    workflow([
      {
        id: 'p',
        parallel: [
          { id: 'a', sleep: '1s' },
          { id: 'b', uses: 'h', timeout: '2s' },
        ],
      },
    ]),
  )
  world.send('segno.pause')
  expect(wakeAt(world.state)).toBe(world.now + 2000)
  expect(told(world.pass(2000))).toEqual(['timer.fired p/b'])
  world.send('segno.resume')
  expect(told(world.pass(0)).slice(0, 2)).toEqual(['timer.fired p/a', 'step.completed p/a'])
})

test.for<[string, string]>([
  ['segno.resume', 'the run is not paused'],
  ['segno.retry', 'nothing is blocked'],
  ['segno.raise', 'no limit is raised'],
])('%s where it does not apply is refused, with the reason', ([name, reason]) => {
  const world = new World(two)
  world.send(name)
  expect(refusal(world)).toBe(reason)
})

test('a command that applies once is refused the second time', () => {
  const world = new World(two)
  world.send('segno.pause')
  world.send('segno.pause')
  expect(refusal(world)).toBe('the run is already paused')
  world.send('segno.retry', { path: 'a' })
  expect(refusal(world)).toBe('"a" is not blocked')
})

test('a run that is being cancelled is not paused, and its limits are not raised', () => {
  const world = new World(two)
  world.send('segno.cancel')
  world.send('segno.pause')
  expect(refusal(world)).toBe('the run is being cancelled')
  world.send('segno.raise', { steps: 1_000_000 })
  expect(refusal(world)).toBe('the run is being cancelled')
})

test('an unknown command is ignored, with the reason', () => {
  const events = new World(two).send('segno.dance', ['x'])
  expect(events).toMatchObject([{ because: { code: 'COMMAND_UNKNOWN', message: '"segno.dance" is no command' } }])
})

test.for([
  ['lets the run go on', (world: World) => world.send('segno.retry')],
  ['raises its limit of time', (world: World) => world.send('segno.raise', { durationMs: 7_200_000 })],
] as const)('`finally` stays free of the limit of time when an operator %s', ([, act]) => {
  const steps = [{ id: 'a', uses: 'h' }]
  const world = new World(workflow(steps, { limits: { duration: '1h' }, finally: [{ id: 'z', uses: 'h' }] }))
  world.complete('a')
  world.decide({ type: 'stuck', because: { code: 'X' } })
  act(world)
  world.send('segno.retry')
  world.pass(24 * 3_600_000)
  expect(told(world.complete('z'))).toEqual(['step.completed z', 'run.completed'])
})

test('a run that reaches its limit of steps blocks, and goes on when it is raised', () => {
  const world = new World(workflow(two.steps, { limits: { steps: 1 } }))
  expect(told(world.complete('a'))).toEqual(['step.completed a', 'run.blocked LIMIT_EXCEEDED'])
  expect(runStatus(world.state)).toBe('blocked')
  world.send('segno.raise', { steps: 0 })
  expect(refusal(world)).toBe('a limit can only be raised')
  expect(told(world.send('segno.raise', { steps: 2 }))).toEqual([
    'operator.acted',
    'run.unblocked OPERATOR',
    'attempt.started b',
  ])
})

test('a skipped step counts against no limit, and neither does `finally`', () => {
  const skipped = { id: 's', uses: 'h', if: false }
  const world = new World(
    workflow([skipped, { id: 'a', uses: 'h' }], { limits: { steps: 1 }, finally: [{ id: 'f', uses: 'h', if: true }] }),
  )
  expect(told(world.complete('a')).at(-1)).toBe('attempt.started f')
})

test('a run that reaches its limit of time blocks; a retry alone does not help, a raise does', () => {
  const world = new World(workflow([{ id: 'a', sleep: '2h' }], { limits: { duration: '1h' } }))
  expect(told(world.pass(3_600_000))).toEqual(['run.blocked LIMIT_EXCEEDED'])
  expect(told(world.send('segno.retry'))).toEqual(['operator.acted', 'run.unblocked OPERATOR'])
  expect(told(world.pass(0))).toEqual(['run.blocked LIMIT_EXCEEDED'])
  world.send('segno.raise', { durationMs: 1 })
  expect(refusal(world)).toBe('a limit can only be raised')
  world.send('segno.raise', { durationMs: 10_800_000 })
  expect(told(world.pass(3_600_000)).at(-1)).toBe('run.completed')
})

test('a run without a limit of time gets none by a raise', () => {
  const world = new World(two)
  world.send('segno.raise', { durationMs: 1000 })
  expect(refusal(world)).toBe('a limit can only be raised')
  world.send('segno.raise', { steps: 200_000 })
  expect(wakeAt(world.state)).toBeNull()
})

test('a step that failed under `onFailure: block` runs again when an operator says so', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h', onFailure: 'block', with: '${{ run.id }}' }]))
  expect(told(world.fail('a'))).toEqual(['step.blocked a OOPS'])
  world.send('segno.retry')
  expect(world.attempts()[0]).toMatchObject({ path: 'a~2', attempt: 1, input: 'run' })
  expect(told(world.complete('a~2'))).toEqual(['step.completed a~2', 'run.completed'])
})

test('a block that failed under `onFailure: block` is tried again as a whole', () => {
  const world = new World(workflow([{ id: 'b', do: [{ id: 'a', uses: 'h' }], onFailure: 'block' }]))
  expect(told(world.fail('b/a')).at(-1)).toBe('step.blocked b OOPS')
  expect(told(world.send('segno.retry')).slice(1)).toEqual(['step.started b', 'attempt.started b~2/a'])
})

test('without a handler a step blocks, unless it is being cancelled', () => {
  const failure = { code: 'HANDLER_MISSING', message: 'no handler', retryable: false }
  const world = new World(two)
  const [attempt] = world.attempts()
  if (attempt === undefined) throw new Error('an attempt was to be under way')
  expect(told(world.settle(attempt, { kind: 'impossible', failure }))).toEqual(['step.blocked a HANDLER_MISSING'])
  const cancelled = new World(two)
  cancelled.send('segno.cancel')
  expect(told(cancelled.settle(attempt, { kind: 'impossible', failure })).at(-1)).toBe('run.cancelled CANCELLED')
})
