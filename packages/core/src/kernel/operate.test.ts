import type { EventOf, Json, JsonObject, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'

/** The act that a command comes to. */
function act(world: World, command: string, fields: JsonObject = {}): EventOf<'operator.acted'> {
  const [event] = world.send(`segno.${command}`, fields)
  if (event?.type !== 'operator.acted') throw new Error(`${command} is no act`)
  return event
}

/** Why a command is refused. */
const refusal = (...given: Parameters<typeof act>): string | undefined => act(...given).refused?.message

const uses = (id: string, rest: object = {}): Step => ({ id, uses: 'h', ...rest })

describe('an act of an operator', () => {
  test('tells who did it and why, where that is known', () => {
    const world = new World(workflow([uses('a')]))
    const message = { id: 'x', name: 'segno.pause', payload: { reason: 'lunch' }, sender: 'ada' }
    const [paused] = world.decide({ type: 'messages', messages: [message] })
    expect(paused).toMatchObject({ id: 'x', action: 'pause', actor: 'ada', reason: 'lunch' })
    const resumed = act(world, 'resume', { reason: 7 })
    expect(Object.keys(resumed).slice(5)).toEqual(['id', 'action'])
  })

  test('that makes no sense is refused with a code and the reason', () => {
    const world = new World(workflow([uses('a')]))
    expect(act(world, 'skip', { path: 'b' })).toMatchObject({
      refused: { code: 'REFUSED', message: '"b" has not begun, or has ended' },
    })
  })
})

describe('a pause', () => {
  test('is refused of a run that is paused, and a resume of one that is not', () => {
    const world = new World(workflow([uses('a')]))
    expect(refusal(world, 'resume')).toBe('the run is not paused')
    expect(refusal(world, 'pause')).toBeUndefined()
    expect(refusal(world, 'pause')).toBe('the run is already paused')
    expect(refusal(world, 'resume')).toBeUndefined()
    expect(world.state.paused).toBe(false)
  })

  test('and a resume are refused of a run that is being cancelled', () => {
    const world = new World(workflow([uses('a')]))
    act(world, 'pause')
    world.send('segno.cancel')
    expect(refusal(world, 'pause')).toBe('the run is being cancelled')
    expect(refusal(world, 'resume')).toBe('the run is being cancelled')
  })
})

describe('a retry', () => {
  const steps = [uses('a', { onFailure: 'block' }), uses('b')]

  test('is refused where nothing is blocked, or not what it names', () => {
    const world = new World(workflow(steps))
    expect(refusal(world, 'retry')).toBe('nothing is blocked')
    expect(refusal(world, 'retry', { path: 7 })).toBe('nothing is blocked')
    expect(refusal(world, 'retry', { path: 'a' })).toBe('"a" is not blocked')
    expect(act(world, 'retry', { path: 'a' })).toMatchObject({ action: 'retry', path: 'a' })
  })

  test('of what is blocked names nothing that is done again', () => {
    const world = new World(workflow(steps))
    world.fail('a')
    const event = act(world, 'retry', { path: 'a' })
    expect([event.refused, event.again]).toEqual([undefined, undefined])
    expect(world.attempts().map(({ path }) => path)).toEqual(['a~2'])
  })

  test('without a path lets a run go on that is held as a whole; with one it does not', () => {
    const world = new World(workflow(steps))
    world.decide({ type: 'stuck', because: { code: 'STORAGE_INVALID', message: 'lost' } })
    expect(refusal(world, 'retry', { path: 'a' })).toBe('"a" is not blocked')
    expect(world.state.blocked?.code).toBe('STORAGE_INVALID')
    const events = world.send('segno.retry')
    expect(events).toMatchObject([
      { type: 'operator.acted', action: 'retry' },
      { type: 'run.unblocked', because: { code: 'OPERATOR', message: 'retry' } },
    ])
    expect(events[0]).not.toHaveProperty('refused')
    expect(world.state.blocked).toBeUndefined()
  })

  test('takes up what comes after the step only where `downstream` is true', () => {
    const passedOver = workflow([uses('a', { onFailure: 'continue' }), uses('b'), { id: 'nap', sleep: '1h' }])
    for (const [downstream, again] of [
      [true, ['a', 'b', 'nap']],
      ['yes', ['a']],
      [undefined, ['a']],
    ] as const) {
      const world = new World(passedOver)
      world.fail('a')
      world.complete('b')
      const event = act(world, 'retry', { path: 'a', ...(downstream === undefined ? {} : { downstream }) })
      expect([event.again, event.refused]).toEqual([again, undefined])
    }
  })
})

describe('a step that cannot be ended by an operator', () => {
  const world = new World(
    workflow(
      [
        {
          id: 'p',
          parallel: [
            uses('busy'),
            { id: 'g', do: [{ id: 'deep', do: [uses('x', { onFailure: 'block' })] }] },
            { id: 'h', do: [{ id: 'nap', sleep: '1h' }] },
            { id: 'ga', do: [uses('x2')] },
            { id: 'ship', start: 'other', timeout: '1h' },
          ],
        },
        { id: 'last', set: {} },
      ],
      { imports: { other: workflow([{ id: 'nap', sleep: '1d' }]) } },
    ),
  )
  world.fail('p/g/deep/x')
  for (const child of world.children()) world.moveChild(child, 'completed')
  world.pass(3_600_000)

  test.for<[Json, string]>([
    [null, 'no step is named'],
    ['last', '"last" has not begun, or has ended'],
    ['p/h/nap', '"p/h/nap" has not begun, or has ended'],
    ['p/busy', '"p/busy" is at work; it can be ended when it waits or is blocked'],
    ['p', '"p" is open; blocked in it is "p/g/deep/x"'],
    ['p/g', '"p/g" is open; blocked in it is "p/g/deep/x"'],
    ['p/ga', '"p/ga" is open; what waits in it can be ended'],
    ['p/ship', '"p/ship" is being stopped'],
  ])('%s: %s', ([path, message]) => {
    for (const command of ['skip', 'override']) {
      const event = act(world, command, { path })
      expect(event).toMatchObject({ action: command, refused: { code: 'REFUSED', message } })
      expect(event.path).toBe(path ?? undefined)
      expect(event).not.toHaveProperty('output')
    }
  })
})

describe('an override', () => {
  const waits = (): World => new World(workflow([{ id: 'w', waitFor: { signal: 's', schema: { type: 'number' } } }]))

  test('is refused where the output does not fit, with what is wrong', () => {
    const { refused, path } = act(waits(), 'override', { path: 'w', output: 'x' })
    expect([path, refused?.code]).toEqual(['w', 'OUTPUT_INVALID'])
    expect(refused?.message).toMatch(/^it does not fit its schema: /)
    expect(refusal(waits(), 'override', { path: 'w' })).toBe('it is missing')
  })

  test('is refused where the output is too large to be kept', () => {
    const world = new World(workflow([{ id: 'w', waitFor: { signal: 's' } }]))
    const { refused } = act(world, 'override', { path: 'w', output: 'x'.repeat(8 * 1024 * 1024) })
    expect(Object.keys(refused ?? {})).toEqual(['code', 'message'])
    expect(refused?.code).toBe('PAYLOAD_TOO_LARGE')
    expect(world.isOver).toBe(false)
  })

  test('gives the output, and none where none is given', () => {
    const world = waits()
    const given = world.send('segno.override', { path: 'w', output: 7 })
    expect(told(given)).toEqual(['operator.acted w', 'step.completed w', 'run.completed'])
    expect(given).toMatchObject([{ output: 7 }, { output: 7 }, {}])
    expect(given[0]).not.toHaveProperty('refused')
    const nap = new World(workflow([{ id: 'nap', sleep: '1h' }]))
    const [acted, completed] = nap.send('segno.override', { path: 'nap' })
    for (const event of [acted, completed]) expect(event).not.toHaveProperty('output')
    expect(completed?.type).toBe('step.completed')
  })
})

describe('a raise', () => {
  const hour = 3_600_000
  const limited = (): World => new World(workflow([uses('a')], { limits: { steps: 10, duration: '1h' } }))
  const lower = 'a limit can only be raised'
  const none = 'no limit is raised'

  test.for<[JsonObject, string | undefined, JsonObject?]>([
    [{}, none],
    [{ steps: 10 }, none],
    [{ durationMs: hour }, none],
    [{ steps: 10, durationMs: hour, transitions: 0 }, none],
    [{ steps: 'many', durationMs: 'long', transitions: 'often' }, none],
    [{ steps: 9 }, lower],
    [{ steps: 9, durationMs: 2 * hour, transitions: 5 }, lower],
    [{ durationMs: hour - 1 }, lower],
    [{ steps: 11, durationMs: 0 }, lower],
    [{ transitions: -1 }, lower],
    [{ steps: 11 }, undefined, { steps: 11, deadline: hour }],
    [{ durationMs: hour + 1 }, undefined, { steps: 10, deadline: hour + 1 }],
    [{ transitions: 1 }, undefined, { steps: 10, deadline: hour, transitions: 1 }],
    [{ steps: 12, durationMs: 2 * hour, transitions: 3 }, undefined, { steps: 12, deadline: 2 * hour, transitions: 3 }],
  ])('by %j', ([fields, message, after]) => {
    const world = limited()
    const { createdAt } = world.state
    const event = act(world, 'raise', fields)
    expect(event.refused).toEqual(message === undefined ? undefined : { code: 'REFUSED', message })
    expect(event.before).toEqual({ steps: 10, deadline: createdAt + hour })
    const limits = after ?? { steps: 10, deadline: hour }
    if (after !== undefined) expect(event.after).toEqual({ ...after, deadline: createdAt + Number(after['deadline']) })
    const { stepsMax, deadline, transitionsMax } = world.state
    expect([stepsMax, deadline - createdAt, transitionsMax]).toEqual([
      limits['steps'],
      limits['deadline'],
      limits['transitions'] ?? 0,
    ])
  })

  test('gives a run no time limit that had none, and tells of none', () => {
    const world = new World(workflow([uses('a')]))
    expect(refusal(world, 'raise', { durationMs: 10 * hour })).toBe(lower)
    const event = act(world, 'raise', { steps: 200_000 })
    expect(event).toMatchObject({ before: { steps: 100_000, deadline: 0 }, after: { steps: 200_000, deadline: 0 } })
    expect([world.state.deadline, event.refused]).toEqual([0, undefined])
  })

  test('keeps what was raised before, and does not lower it', () => {
    const world = limited()
    act(world, 'raise', { transitions: 5 })
    expect(refusal(world, 'raise', { transitions: 5 })).toBe(none)
    expect(refusal(world, 'raise', { transitions: 4 })).toBe(lower)
    const event = act(world, 'raise', { steps: 11 })
    expect(event).toMatchObject({ before: { steps: 10, transitions: 5 }, after: { steps: 11, transitions: 5 } })
    expect(world.state.transitionsMax).toBe(5)
  })

  test('of the time lets the run go on until the new limit, and no longer', () => {
    const world = limited()
    act(world, 'raise', { durationMs: 2 * hour })
    expect(told(world.pass(2 * hour - 1))).toEqual([])
    expect(told(world.pass(1))).toEqual(['run.blocked LIMIT_EXCEEDED'])
  })

  test('unblocks a run that has reached a limit, but not where it is refused, and no other', () => {
    const world = limited()
    world.pass(hour)
    expect(told(world.send('segno.raise', { steps: 1 }))).toEqual(['operator.acted'])
    expect(world.state.blocked?.code).toBe('LIMIT_EXCEEDED')
    expect(world.send('segno.raise', { durationMs: 2 * hour })).toMatchObject([
      { type: 'operator.acted' },
      { type: 'run.unblocked', because: { code: 'OPERATOR', message: 'limit raised' } },
    ])
    const stuck = limited()
    stuck.decide({ type: 'stuck', because: { code: 'NO_PROGRESS', message: 'no' } })
    expect(told(stuck.send('segno.raise', { steps: 11 }))).toEqual(['operator.acted'])
    expect(stuck.state.blocked?.code).toBe('NO_PROGRESS')
  })

  test('is refused of a run that is being cancelled', () => {
    const world = limited()
    world.send('segno.cancel')
    expect(refusal(world, 'raise', { steps: 11 })).toBe('the run is being cancelled')
  })
})
