import type { Json, RunEvent, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'
import { sliceEventsMax } from './deciding.ts'

const once = { handlers: { h: { effect: 'once' as const, version: '1.0.0' } } }
const pure = { handlers: { h: { effect: 'pure' as const, version: '1.0.0' } } }
const large = 'x'.repeat(20_000)

const failureIn = (events: readonly RunEvent[], type: RunEvent['type']): unknown => {
  const event = events.find((one) => one.type === type)
  return event !== undefined && 'failure' in event ? event.failure : undefined
}

describe('an attempt that was lost', () => {
  const work: Step = { id: 'a', uses: 'h', timeout: '1m' }
  test('of a step that happens once blocks it, and says so', () => {
    const events = new World(workflow([work]), once).crash()
    expect(failureIn(events, 'step.blocked')).toEqual({
      code: 'OUTCOME_UNKNOWN',
      message: 'attempt 1 of "a" ended without a recorded outcome',
      retryable: false,
    })
  })
  test('of any other begins again', () => {
    expect(told(new World(workflow([work]), pure).crash()).slice(1)).toEqual(['attempt.lost a', 'attempt.started a'])
  })
  test('of any other, while its time is up, has taken too long', () => {
    const world = new World(workflow([work]), pure)
    world.pass(60_000)
    expect(told(world.crash()).slice(1)).toEqual(['attempt.lost a', 'step.failed a TIMEOUT', 'run.failed TIMEOUT'])
  })
  test('of a step that happens once, while its time is up, blocks it', () => {
    const world = new World(workflow([work]), once)
    world.pass(60_000)
    expect(told(world.crash()).at(-1)).toBe('step.blocked a OUTCOME_UNKNOWN')
  })
  test('begins anew when an operator says so, also where it happens once', () => {
    const world = new World(workflow([work]), once)
    world.crash()
    expect(told(world.send('segno.retry')).at(-1)).toBe('attempt.started a~2')
  })
})

test('an attempt that is told to stop twice is waited for', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h' }]))
  world.send('segno.cancel')
  expect(told(world.send('segno.cancel'))).toEqual(['cancel.requested CANCELLED'])
})

describe('whoever takes the run over leaves as it is', () => {
  const limited = { timeout: '1h', onFailure: 'block' } as const
  test('a sleep that an operator has begun again and that is blocked again', () => {
    const world = new World(workflow([{ id: 'w', sleep: '2h', ...limited }]))
    world.pass(3_600_000)
    world.send('segno.retry')
    world.pass(3_600_000)
    expect(told(world.crash())).toEqual(['run.adopted'])
  })
  test('a sleep that an operator has begun again', () => {
    const world = new World(workflow([{ id: 'w', sleep: '2h', ...limited }]))
    world.pass(3_600_000)
    world.send('segno.retry')
    expect(told(world.crash())).toEqual(['run.adopted'])
  })
})

describe('what a stopped step may have done is taken back', () => {
  const undo = { uses: 'h' } as const
  const work: Step = { id: 'a', uses: 'h', onFailure: 'block', undo }
  const block: Step = { id: 'a', do: [{ id: 'b', uses: 'h' }], onFailure: 'block', undo }
  const retried: Step = { id: 'a', uses: 'h', undo, retry: { max: 1, delay: '1h' } }

  test('where its attempt was lost when its time was up', () => {
    const world = new World(workflow([{ id: 'a', uses: 'h', timeout: '1m', undo }]), pure)
    world.pass(60_000)
    world.crash()
    expect(world.attempts()).toMatchObject([{ path: 'a.undo' }])
  })
  test('where its attempt was lost, and an operator was to say what becomes of it', () => {
    const world = new World(workflow([work]), once)
    world.crash()
    world.send('segno.cancel')
    expect(world.attempts()).toMatchObject([{ path: 'a.undo' }])
  })
  test.for<[string, Step, string, readonly string[], string?]>([
    ['where it waits for its retry', retried, 'a', []],
    ['where an operator has it tried again and it has not begun', work, 'a', ['segno.pause', 'segno.retry'], 'a~2'],
    ['where that is a block', block, 'a/b', ['segno.pause', 'segno.retry']],
  ])('but not what it is known to have failed at, %s', ([, step, path, commands, ended = 'a']) => {
    const world = new World(workflow([step]))
    world.fail(path)
    for (const command of commands) world.send(command)
    expect(told(world.send('segno.cancel')).slice(1)).toEqual([
      `step.cancelled ${ended} CANCELLED`,
      'run.cancelled CANCELLED',
    ])
  })
})

test('what an operator has said of a step in a paused run is nothing to one that is cancelled', () => {
  const world = new World(workflow([{ id: 'w', sleep: '1h' }]))
  world.send('segno.pause')
  world.send('segno.skip', { path: 'w' })
  expect(told(world.send('segno.cancel')).slice(1)).toEqual(['step.cancelled w CANCELLED', 'run.cancelled CANCELLED'])
})

describe('a step that an operator ends while a run that it started goes on', () => {
  const other = { segno: 1 as const, name: 'other', steps: [] }
  const starting = (more: object): World =>
    new World(workflow([{ id: 'c', start: 'other', ...more } as Step], { imports: { other } }))
  test('waits until that has been stopped', () => {
    const world = starting({})
    const [child] = world.children()
    if (child === undefined) throw new Error('a run was to be started')
    world.moveChild(child, 'completed')
    expect(told(world.send('segno.skip', { path: 'c' }))).toEqual(['operator.acted c'])
    expect(told(world.moveChild(child, 'cancelled'))).toEqual([
      'child.settled c CANCELLED',
      'step.skipped c OPERATOR',
      'run.completed',
    ])
  })
  test('ends at once where that is a run of its own', () => {
    const world = starting({ detached: true })
    expect(told(world.send('segno.skip', { path: 'c' })).slice(1, 2)).toEqual(['step.skipped c OPERATOR'])
  })
  test('ends at once where the run could not be started', () => {
    const world = starting({ onFailure: 'block' })
    for (const child of world.children()) world.moveChild(child, 'refused')
    expect(told(world.send('segno.skip', { path: 'c' })).slice(1, 2)).toEqual(['step.skipped c OPERATOR'])
  })
})

describe('a signal that is offered to a wait', () => {
  const wait = (waitFor: object, more: object = {}): World =>
    new World(workflow([{ id: 'w', waitFor: { signal: 's', ...waitFor }, ...more } as Step]))
  test('is ignored with what does not fit', () => {
    const [, ignored] = wait({ schema: { type: 'object', properties: { n: { type: 'string' } } } }).send('s', { n: 1 })
    expect(ignored).toMatchObject({
      type: 'signal.ignored',
      because: {
        code: 'INPUT_INVALID',
        message: expect.stringMatching(/^the data of signal "s" does not fit: .*n.* .+/),
      },
    })
  })
  test.for<[string, object, Json]>([
    ['that has a schema', { schema: { type: 'string' } }, large],
    ['that has a condition', { if: 'data.size() > 3' }, large],
    ['that has both', { schema: { type: 'string' }, if: 'data.size() > 3' }, large],
    ['that has neither', {}, large],
  ])('is looked at where it is large, by a wait %s', ([, waitFor, data]) => {
    const world = wait(waitFor)
    world.send('other', data)
    world.reload()
    expect(told(world.send('s', data)).slice(1)).toEqual(['signal.consumed w', 'step.completed w', 'run.completed'])
  })
  test('is looked at where it is large and came before the wait', () => {
    const world = new World(
      workflow([
        { id: 'a', uses: 'h' },
        { id: 'v', waitFor: { signal: 's', schema: { type: 'string', maxLength: 10 } } },
        { id: 'w', waitFor: { signal: 's', if: 'data == "x"' } },
      ]),
    )
    for (const data of [large, `${large}y`, 'short', large, 'x']) world.send('s', data)
    world.reload()
    expect(told(world.complete('a'))).toEqual([
      'step.completed a',
      'step.started v',
      'signal.ignored INPUT_INVALID',
      'signal.ignored INPUT_INVALID',
      'signal.consumed v',
      'step.completed v',
      'step.started w',
      'signal.consumed w',
      'step.completed w',
      'run.completed',
    ])
  })
  test('does not fail the wait where it was ignored, however many those are', () => {
    const world = wait({ schema: { type: 'string' } })
    const messages = Array.from({ length: 700 }, (_, n) => ({ id: `m${n}`, name: 's', payload: n < 699 ? 1 : 'yes' }))
    world.decide({ type: 'messages', messages })
    expect(Math.max(...world.batches.map((batch) => batch.length))).toBeLessThanOrEqual(sliceEventsMax + 700)
    expect(world.journal.filter(({ type }) => type === 'signal.ignored')).toHaveLength(699)
    expect(world.isOver).toBe(true)
  })
  test('is ignored in no longer a slice than all else', () => {
    const world = new World(
      workflow([
        { id: 'a', uses: 'h' },
        { id: 'w', waitFor: { signal: 's', schema: { type: 'string' } } },
      ]),
    )
    const messages = Array.from({ length: sliceEventsMax }, (_, n) => ({ id: `m${n}`, name: 's', payload: n }))
    world.decide({ type: 'messages', messages })
    world.complete('a')
    expect(world.batches.slice(-2).map((batch) => batch.length)).toEqual([sliceEventsMax, 2])
  })
  test('fails the wait where its condition cannot be evaluated, as its attempt 1', () => {
    const events = wait({ if: 'data.n' }).send('s', { n: 1 })
    expect(events.find(({ type }) => type === 'step.failed')).toMatchObject({ path: 'w', attempt: 1 })
  })
  test('is what takes the step back is made of', () => {
    const world = new World(
      workflow([
        { id: 'w', waitFor: { signal: 's' }, undo: { uses: 'h', with: '${{ steps.w.output }}' } } as Step,
        { id: 'f', fail: { code: 'OOPS', message: 'no luck' } },
      ]),
    )
    world.send('s', { n: 1 })
    expect(world.attempts()).toMatchObject([{ path: 'w.undo', input: { n: 1 } }])
  })
  test('is what takes the step back is made of, also where it has to be loaded, as is that it completed', () => {
    const input = { was: '${{ steps.w.status }}', size: '${{ steps.w.output.size() }}' }
    const world = new World(
      workflow([
        { id: 'a', uses: 'h' },
        { id: 'w', waitFor: { signal: 's' }, undo: { uses: 'h', with: input } } as Step,
        { id: 'f', fail: { code: 'OOPS', message: 'no luck' } },
      ]),
    )
    world.send('s', large)
    world.reload()
    world.complete('a')
    expect(world.attempts()).toMatchObject([{ path: 'w.undo', input: { was: 'completed', size: large.length } }])
  })
})

describe('what a stopped step owes', () => {
  const block = (more: object): World =>
    new World(
      workflow([
        {
          id: 't',
          try: [{ id: 'a', uses: 'h' }],
          retry: { max: 1, delay: '1h', jitter: false },
          ...more,
        } as Step,
      ]),
    )
  test('is its `finally`, also while it waits for its retry', () => {
    const world = block({ finally: [{ id: 'z', uses: 'h' }] })
    world.fail('t/a')
    expect(told(world.send('segno.cancel')).at(-1)).toMatch(/^attempt.started t.*\/z$/)
  })
  test.for<[string, object, readonly string[]]>([
    ['cancelled', {}, ['step.cancelled t CANCELLED', 'run.cancelled CANCELLED']],
    ['skipped', { path: 't' }, ['step.skipped t OPERATOR', 'run.completed']],
  ])('is its `finally` once: nothing more where it is %s when it is blocked', ([how, fields, end]) => {
    const world = block({ finally: [{ id: 'z', uses: 'h' }], onFailure: 'block', retry: { max: 0 } })
    world.fail('t/a')
    for (const { path } of world.attempts()) world.complete(path)
    const command = how === 'cancelled' ? 'segno.cancel' : 'segno.skip'
    expect(told(world.send(command, { ...fields })).slice(1)).toEqual(end)
  })
  test('is nothing where it has none', () => {
    const world = block({ catch: [{ do: [{ id: 'z', uses: 'h' }] }] })
    world.fail('t/a')
    expect(told(world.send('segno.cancel')).slice(1)).toEqual(['step.cancelled t CANCELLED', 'run.cancelled CANCELLED'])
  })
  test('is its `finally` where an operator ends it while it waits for its retry', () => {
    const world = block({ finally: [{ id: 'z', uses: 'h' }] })
    world.fail('t/a')
    expect(told(world.send('segno.skip', { path: 't' })).at(-1)).toMatch(/^attempt.started t.*\/z$/)
    for (const { path } of world.attempts()) world.complete(path)
    expect(told(world.journal).slice(-2)).toEqual(['step.skipped t OPERATOR', 'run.completed'])
  })
  test('is nothing where an operator ends one without, while it waits for its retry', () => {
    const world = block({ catch: [{ do: [{ id: 'z', uses: 'h' }] }] })
    world.fail('t/a')
    expect(told(world.send('segno.skip', { path: 't' })).slice(1)).toEqual(['step.skipped t OPERATOR', 'run.completed'])
  })
})
