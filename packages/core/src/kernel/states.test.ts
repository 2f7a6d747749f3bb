import type { Definition, Json, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, foldAll, told, workflow } from '../../test/kernel/world.ts'
import { decide } from './decide.ts'

type Machine = Extract<Step, { states: unknown }>

const big: Json = 'x'.repeat(20_000)

function machine(states: Machine['states'], rest: Partial<Machine> = {}, input: Json = {}): World {
  const id = { id: 'm', initial: Object.keys(states)[0] ?? '' }
  return new World(workflow([{ ...id, states, ...rest }] as Definition['steps']), { input })
}

describe('a signal that a machine ignores says why', () => {
  const schema = { type: 'object' }
  test.for<[string, string, string]>([
    ['the state waits for another', 'other', 'the state "one" does not wait for "other"'],
    ['its data do not fit', 'fit', 'the data of signal "fit" does not fit'],
    ['no condition holds', 'held', 'no condition of the state "one" holds for "held"'],
  ])('%s', ([, name, message]) => {
    const on = { fit: { to: 'two', schema }, held: { to: 'two', if: 'false' } }
    const world = machine({ one: { on }, two: { on: { other: { to: 'one' } } } })
    expect(world.send(name, 1).at(-1)).toMatchObject({ type: 'signal.ignored', because: { message } })
  })
})

describe('a condition that cannot be evaluated fails the machine where no signal asks for it', () => {
  test.for<[string, Machine['states']]>([
    ['next', { one: { next: [{ to: 'two', if: 'input.none' }] }, two: {} }],
    ['after', { one: { after: { '1m': { to: 'two', if: 'input.none' } } }, two: {} }],
  ])('%s', ([, states]) => {
    const world = machine(states)
    world.wake()
    expect(world.state.failure?.code).toBe('MISSING_VALUE')
  })
})

test('a condition may need what lives beside the journal', () => {
  const world = machine(
    { one: { do: [{ id: 'a', uses: 'h' }], next: [{ to: 'two', if: 'size(input.big) > 1' }] }, two: {} },
    {},
    { big },
  )
  world.crash()
  expect(told(world.complete('m[0]/a'))).toContain('state.entered m 1')
})

test('a signal may bring what lives beside the journal, also before a crash', () => {
  const on = { go: { to: 'two', if: 'size(signal.data) > 1' } }
  const world = machine({ one: { do: [{ id: 'a', uses: 'h' }], on }, two: {} })
  world.send('go', big)
  world.crash()
  const events = world.complete('m[0]/a')
  expect(told(events).slice(1, 3)).toEqual(['signal.consumed m', 'state.entered m 1'])
  expect(events[2]).toMatchObject({ dataBlob: { size: 20_002 } })
})

test('a state that leads nowhere says so, once what was done is taken back', () => {
  const a: Step = { id: 'a', uses: 'h', undo: { uses: 'h' } }
  const world = machine({ one: { do: [a], next: [{ to: 'two', if: 'false' }] }, two: {} })
  expect(told(world.complete('m[0]/a')).slice(1)).toEqual([
    'branch.taken m undo NO_TRANSITION',
    'attempt.started m[0]/a.undo',
  ])
  expect(told(world.complete('m[0]/a.undo')).slice(1)).toEqual([
    'step.failed m NO_TRANSITION',
    'run.failed NO_TRANSITION',
  ])
  expect(world.state.failure?.message).toBe('the state "one" of "m" leads nowhere: none of its conditions holds')
})

test('a machine that has entered as many states as it may says so', () => {
  const world = machine({ one: { next: [{ to: 'one' }] } }, { max: 3 })
  expect(world.state.blocked?.message).toBe('"m" has entered 3 states, its limit')
})

test('a signal that is ignored does not set the timer of the state anew', () => {
  const world = machine({
    one: { on: { go: { to: 'two' } }, after: { '1m': { to: 'two' } } },
    two: { on: { no: { to: 'one' } } },
  })
  expect(told(world.send('no'))).toEqual(['signal.received', 'signal.ignored NOT_AWAITED'])
})

test('600 signals that are ignored at once are so in slices of 512 events', () => {
  const world = machine({ one: { on: { go: { to: 'two' } } }, two: { on: { no: { to: 'one' } } } })
  const messages = Array.from({ length: 600 }, (_, index) => ({ id: `n${index}`, name: 'no', payload: {} }))
  world.decide({ type: 'messages', messages })
  expect(world.batches.slice(1).map((batch) => batch.length)).toEqual([600, 512, 88])
})

test('a signal that comes between two steps of a state waits for the second', () => {
  const world = machine({
    one: {
      do: [
        { id: 'a', uses: 'h' },
        { id: 'b', uses: 'h' },
      ],
      on: { go: { to: 'two' } },
    },
    two: {},
  })
  world.send('segno.pause')
  world.send('go')
  world.complete('m[0]/a')
  expect(told(world.send('segno.resume'))).toEqual(['operator.acted', 'attempt.started m[0]/b'])
})

test('a machine that is cancelled between its start and its first state enters none', () => {
  for (let before = 500; before < 515; before++) {
    const steps: Step[] = Array.from({ length: before }, (_, index) => ({ id: `s${index}`, set: {} }))
    const rest: Step = { id: 'm', initial: 'one', states: { one: { on: { go: { to: 'one' } } } } }
    const world = new World(workflow([...steps, rest]))
    const [first = []] = world.batches
    if (first.at(-1)?.type !== 'step.started') continue
    const state = foldAll(world.plan, first)
    const cancel = { type: 'messages', messages: [{ id: 'c', name: 'segno.cancel', payload: {} }] } as const
    const { events } = decide(world.plan, state, cancel, { now: world.now, token: 1, seed: 1, blobs: new Map() })
    expect(told(events)).toEqual([
      'cancel.requested CANCELLED',
      'step.cancelled m CANCELLED',
      'run.cancelled CANCELLED',
    ])
    return
  }
  expect.unreachable()
})
