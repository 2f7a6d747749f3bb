import type { EventPayloads, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, foldAll, told, workflow } from '../../test/kernel/world.ts'
import { pickupsMax } from './adopt.ts'
import { changes, runStatus, wakeAt } from './outstanding.ts'
import { emptyState } from './state.ts'

const hour = 3_600_000
const limited = workflow(
  [
    { id: 'a', uses: 'h' },
    { id: 'b', uses: 'h' },
  ],
  { limits: { duration: '1h' }, finally: [{ id: 'z', uses: 'h' }] },
)

describe('the limit of time of a run', () => {
  test('does not rest the run while it is held by another reason, and holds again after that', () => {
    const world = new World(limited)
    expect(wakeAt(world.state)).toBe(world.now + hour)
    world.decide({ type: 'stuck', because: { code: 'X' } })
    expect(world.state.root?.deadline).toBe(0)
    world.send('segno.retry')
    expect(wakeAt(world.state)).toBe(world.now + hour)
  })
  test('ends with a cancel, and does not come back with an operator who lets that go on', () => {
    const world = new World(limited)
    world.send('segno.cancel')
    expect(world.state.root?.deadline).toBe(0)
    for (let times = 0; times < pickupsMax; times++) world.crash()
    expect(runStatus(world.state)).toBe('blocked')
    expect(told(world.send('segno.retry')).slice(0, 2)).toEqual(['operator.acted', 'run.unblocked OPERATOR'])
    expect(world.state.root?.deadline).toBe(0)
  })
  test('does not come back with one who lets go on what takes back the steps of a cancelled run', () => {
    const undo = { uses: 'h' }
    const steps: Step[] = [
      { id: 'a', uses: 'h', undo },
      { id: 'b', uses: 'h' },
    ]
    const world = new World(workflow(steps, { limits: { duration: '1h' } }))
    world.complete('a')
    world.send('segno.cancel')
    world.fail('b')
    for (let times = 0; times < pickupsMax; times++) world.crash()
    expect(runStatus(world.state)).toBe('blocked')
    expect(told(world.send('segno.retry'))).toContain('run.unblocked OPERATOR')
    expect(world.attempts().map(({ path }) => path)).toEqual(['a.undo'])
    expect(wakeAt(world.state)).toBeNull()
  })
  test('does not come back with an operator who lets its `finally` go on', () => {
    const world = new World(limited)
    for (const path of ['a', 'b']) world.complete(path)
    world.decide({ type: 'stuck', because: { code: 'X' } })
    world.send('segno.retry')
    expect(world.attempts().map(({ path }) => path)).toEqual(['z'])
    expect(wakeAt(world.state)).toBeNull()
  })
  test('is none where the workflow has none', () => {
    const world = new World(workflow([{ id: 'a', uses: 'h' }]))
    expect([world.state.deadline, wakeAt(world.state)]).toEqual([0, null])
    world.decide({ type: 'stuck', because: { code: 'X' } })
    world.send('segno.retry')
    expect(wakeAt(world.state)).toBeNull()
  })
})

describe('a run that ends', () => {
  const created = new World(limited).journal[0] as EventPayloads['run.created']
  test.for<[string, object, object | undefined]>([
    ['tells the one that waits for it', { runId: 'parent', path: 'c', awaited: true }, { runId: 'parent', path: 'c' }],
    ['does not tell one that does not', { runId: 'parent', path: 'c', awaited: false }, undefined],
  ])('%s', ([, parent, kept]) => {
    const { plan, journal } = new World(limited)
    const state = foldAll(plan, [{ ...journal[0], ...created, parent } as never])
    expect(state.parent).toEqual(kept)
  })

  test('keeps nothing of what it was doing', () => {
    const world = new World(
      workflow([
        {
          id: 'p',
          join: 'any',
          parallel: [
            { id: 'q', ask: { title: 'Go on?', choices: ['yes'] } },
            { id: 'w', waitFor: { signal: 's' } },
            { id: 'l', sleep: '1h' },
          ],
        } as Step,
      ]),
    )
    world.send('other')
    for (const question of world.questions()) world.answer(question, 'yes')
    const { steps, frames, agenda, agendaAt, signals, children, undoing, waiters, root } = world.state
    expect([
      steps.size,
      frames.size,
      agenda,
      agendaAt,
      signals.size,
      children.size,
      undoing.size,
      waiters.size,
    ]).toEqual([0, 0, [], 0, 0, 0, 0, 0])
    expect([root, world.state.status]).toEqual([undefined, 'completed'])
  })

  test('says how to the run that waits for it', () => {
    const settled = (type: 'run.settled', payload: EventPayloads['run.settled']): unknown => {
      const { plan, journal } = new World(limited)
      const last = { ...payload, seq: journal.length + 1, v: 1, at: 1, runId: 'run', type } as const
      return foldAll(plan, [...journal, last]).settled
    }
    const failure = { code: 'X', message: 'm', retryable: false }
    const because = { code: 'X' }
    expect(settled('run.settled', { status: 'completed' })).toEqual({ status: 'completed', output: {} })
    expect(settled('run.settled', { status: 'completed', output: { n: 1 } })).toEqual({
      status: 'completed',
      output: { n: 1 },
    })
    expect(settled('run.settled', { status: 'failed', failure })).toEqual({ status: 'failed', failure })
    expect(settled('run.settled', { status: 'cancelled', because })).toEqual({ status: 'cancelled', because })
  })
})

test('signals of one name are kept and taken one by one', () => {
  const world = new World(
    workflow([
      { id: 'a', uses: 'h' },
      { id: 'w', waitFor: { signal: 's' } },
      { id: 'x', waitFor: { signal: 's' } },
      { id: 'y', waitFor: { signal: 's' } },
    ]),
  )
  for (const n of [1, 2]) world.send('s', n)
  world.complete('a')
  expect(world.state.signals.size).toBe(0)
  expect(world.state.signalCount).toBe(0)
  expect([...world.state.waiters].map(([name, steps]) => [name, [...steps].map(({ path }) => path)])).toEqual([
    ['s', ['y']],
  ])
})

test('a forced cancel stays forced when another one is not', () => {
  const world = new World(limited)
  world.send('segno.cancel', { force: true })
  world.send('segno.cancel')
  expect(world.state.forced).toBe(true)
})

test('a cancel ends a pause and what holds a run', () => {
  const world = new World(limited)
  world.send('segno.pause')
  world.send('segno.cancel')
  expect([world.state.paused, world.state.blocked]).toEqual([false, undefined])
})

test('a run that is not there is not held', () => {
  const { plan } = new World(limited)
  const held = { seq: 1, v: 1, at: 1, runId: 'run', type: 'run.blocked', because: { code: 'X' } } as const
  expect(() => foldAll(plan, [held], emptyState())).toThrow(expect.objectContaining({ code: 'JOURNAL_CORRUPT' }))
})

describe('a child run', () => {
  const other = { segno: 1 as const, name: 'other', steps: [] }
  const starting = (more: object = {}): World =>
    new World(workflow([{ id: 'c', start: 'other', ...more } as Step], { imports: { other } }))
  test.for<[string, object, string]>([
    ['failed, and does not say why', { status: 'failed' }, 'was cancelled: CANCELLED'],
    ['was cancelled, and does not say why', { status: 'cancelled' }, 'was cancelled: CANCELLED'],
    ['was cancelled', { status: 'cancelled', because: { code: 'X' } }, 'was cancelled: X'],
  ])('that %s fails its step as cancelled', ([, outcome, message]) => {
    const world = starting()
    const [child] = world.children()
    world.send('segno.child', { runId: child?.runId ?? '', ...outcome })
    expect(world.state.failure).toMatchObject({ code: 'CHILD_CANCELLED', message: expect.stringContaining(message) })
  })
  test.for([true, false])('that is to stop is told so as soon as it exists: %s', (stops) => {
    const world = starting()
    const [child] = world.children()
    if (child === undefined) throw new Error('a run was to be started')
    if (stops) world.send('segno.cancel')
    const state = foldAll(world.plan, world.journal)
    changes(state)
    const started = { seq: state.seq + 1, v: 1, at: 1, runId: 'run', type: 'child.started', path: 'c' } as const
    foldAll(world.plan, [{ ...started, child: child.runId }], state)
    expect(changes(state).added.map(({ type }) => type)).toEqual(stops ? ['stopChild'] : [])
  })
  test('that outlives its step is the last thing that the run waits for', () => {
    const world = starting({ wait: false })
    const [child] = world.children()
    if (child === undefined) throw new Error('a run was to be started')
    expect(told(world.moveChild(child, 'completed'))).toEqual(['child.started c', 'step.completed c'])
    expect(told(world.moveChild(child, 'completed'))).toEqual(['child.settled c', 'run.completed'])
  })
  test('does not exist twice', () => {
    const world = starting({ wait: false })
    const [child] = world.children()
    if (child === undefined) throw new Error('a run was to be started')
    world.moveChild(child, 'completed')
    const again = { seq: world.state.seq + 1, v: 1, at: 1, runId: 'run', type: 'child.started', path: 'c' } as const
    expect(() => foldAll(world.plan, [...world.journal, { ...again, child: child.runId }])).toThrow(
      /no step starts the run sub_/,
    )
  })
})
