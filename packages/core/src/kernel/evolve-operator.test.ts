import type { RunEvent, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, reload, told, workflow } from '../../test/kernel/world.ts'
import { evolve } from './evolve.ts'
import { outstanding, wakeAt } from './outstanding.ts'
import { snapshot } from './snapshot.ts'

const uses = (id: string, rest: object = {}): Step => ({ id, uses: 'h', ...rest })
const paths = (world: World): string[] => world.attempts().map(({ path }) => path)

/** Folds an act of an operator that no decision has come to. */
function fold(world: World, act: object): void {
  const event = { seq: world.state.seq + 1, v: 1, at: world.now, runId: 'run', type: 'operator.acted', id: 'x', ...act }
  evolve(world.plan, world.state, event as unknown as RunEvent)
}

describe('a blocked step that is tried again', () => {
  test('is not skipped where that was said before, while the run was paused', () => {
    const world = new World(workflow([uses('a', { onFailure: 'block' })]))
    world.fail('a')
    world.send('segno.pause')
    world.send('segno.skip', { path: 'a' })
    world.send('segno.retry', { path: 'a' })
    expect(told(world.send('segno.resume'))).toEqual(['operator.acted', 'attempt.started a~2'])
  })

  test('has all its retries again', () => {
    const world = new World(
      workflow([uses('a', { onFailure: 'block', retry: { max: 1, delay: '1s', jitter: false } })]),
    )
    world.fail('a')
    world.pass(1000)
    world.fail('a')
    world.send('segno.retry')
    expect(told(world.fail('a~2'))).toEqual(['attempt.failed a~2 OOPS'])
    expect(told(world.pass(1000))).toEqual(['attempt.started a~2'])
    expect(told(world.fail('a~2'))).toEqual(['step.blocked a~2 OOPS'])
  })

  test('is told to its driver as a new attempt with a new key', () => {
    const world = new World(workflow([uses('a', { onFailure: 'block' })]))
    world.fail('a')
    world.send('segno.retry')
    expect([...world.known]).toEqual(['a~2#1'])
    expect(world.attempts()).toMatchObject([{ path: 'a~2', attempt: 1, key: 'incarnation/a~2' }])
  })

  test('starts a run anew where its time was up and the run was stopped', () => {
    const imports = { other: workflow([{ id: 'nap', sleep: '1d' }]) }
    const step: Step = { id: 'ship', start: 'other', timeout: '1h', onFailure: 'block' }
    const world = new World(workflow([step], { imports }))
    for (const child of world.children()) world.moveChild(child, 'completed')
    world.pass(3_600_000)
    for (const child of world.children()) expect(told(world.moveChild(child, 'cancelled'))[1]).toMatch(/^step.blocked/)
    expect(told(world.send('segno.retry'))).toEqual(['operator.acted', 'step.started ship~2'])
    expect(world.children()).toHaveLength(1)
  })

  test('is the one that is named, and all without a name', () => {
    const two = ['a', 'b'].map((id) => uses(id, { onFailure: 'block' }))
    const world = new World(workflow([{ id: 'p', parallel: [...two, { id: 'nap', sleep: '1h' }] }]))
    world.fail('p/a')
    world.fail('p/b')
    world.send('segno.retry', { path: 'p/b' })
    expect(paths(world)).toEqual(['p/b~2'])
    world.fail('p/b~2')
    world.send('segno.retry')
    expect(paths(world)).toEqual(['p/a~2', 'p/b~3'])
    expect([...world.state.steps.keys()]).toEqual(['p', 'p/nap', 'p/a~2', 'p/b~3'])
    expect(JSON.stringify(snapshot(reload(world.plan, world.state)))).toBe(JSON.stringify(snapshot(world.state)))
    world.send('segno.cancel')
    expect([...world.known].filter((name) => name.startsWith('abort'))).toEqual(['abort:p/a~2#1', 'abort:p/b~3#1'])
  })

  test('shows no failure while the run is paused and it has not begun', () => {
    const world = new World(workflow([uses('a', { onFailure: 'block' })]))
    world.fail('a')
    world.send('segno.pause')
    world.send('segno.retry')
    const step = world.state.steps.get('a~2')
    expect([step?.status, step?.failure, step?.attempt]).toEqual(['ready', undefined, 0])
  })

  test('and is a block begins again as its next attempt, at its path', () => {
    const world = new World(workflow([{ id: 'g', do: [uses('x')], onFailure: 'block' }]))
    world.fail('g/x')
    world.send('segno.retry')
    expect(paths(world)).toEqual(['g~2/x'])
    expect([...world.state.steps.keys()]).toEqual(['g', 'g~2/x'])
  })
})

describe('what an operator says of a step', () => {
  test.for([
    [{}, 'skipped on request'],
    [{ reason: 'not needed' }, 'not needed'],
  ])('with %j tells why it is skipped', ([fields = {}, message]) => {
    const world = new World(workflow([{ id: 'nap', sleep: '1h' }]))
    const [, skipped] = world.send('segno.skip', { path: 'nap', ...(fields as object) })
    expect(skipped).toMatchObject({ type: 'step.skipped', because: { code: 'OPERATOR', message } })
  })

  test('waits while the run is paused; nothing that the step waited for counts any more', () => {
    const world = new World(
      workflow([
        {
          id: 'p',
          parallel: [
            { id: 'nap', sleep: '1h' },
            { id: 'w', waitFor: { signal: 's' }, timeout: '2h' },
          ],
        },
      ]),
    )
    world.send('segno.pause')
    for (const path of ['p/nap', 'p/w']) world.send('segno.skip', { path })
    world.now += 10_000_000
    expect(told(world.send('segno.resume'))).toEqual([
      'operator.acted',
      'step.skipped p/nap OPERATOR',
      'step.skipped p/w OPERATOR',
      'step.completed p',
      'run.completed',
    ])
  })

  test('counts in the state at once, so that no timer of it is left', () => {
    const world = new World(
      workflow([
        {
          id: 'p',
          parallel: [
            { id: 'nap', sleep: '1h' },
            { id: 'w', waitFor: { signal: 's' }, timeout: '2h' },
          ],
        },
      ]),
    )
    for (const path of ['p/nap', 'p/w']) fold(world, { action: 'skip', path })
    expect(wakeAt(world.state)).toBeNull()
  })

  test('stops the run that the step has started, whose time is not up any more', () => {
    const other = workflow([{ id: 'nap', sleep: '1d' }])
    const world = new World(workflow([{ id: 'ship', start: 'other', timeout: '1h' }], { imports: { other } }))
    const [created] = world.children()
    if (created !== undefined) world.moveChild(created, 'completed')
    world.send('segno.skip', { path: 'ship' })
    expect(outstanding(world.state).map(({ type }) => type)).toEqual(['stopChild'])
    expect(told(world.pass(7_200_000))).toEqual([])
    const [child] = world.children()
    const events = child === undefined ? [] : world.moveChild(child, 'cancelled')
    expect(told(events)).toEqual(['child.settled ship CANCELLED', 'step.skipped ship OPERATOR', 'run.completed'])
  })
})

describe('an act that was refused', () => {
  test.for(['pause', 'retry', 'raise', 'skip', 'override', 'migrate'])('as %s changes nothing', (action) => {
    const world = new World(workflow([uses('a', { onFailure: 'block' })]))
    world.fail('a')
    const before = JSON.stringify(snapshot(world.state))
    const after = { steps: 7, deadline: 7, transitions: 7 }
    fold(world, { action, path: 'a', after, again: ['a'], refused: { code: 'REFUSED', message: 'no' } })
    world.state.seq--
    expect(JSON.stringify(snapshot(world.state))).toBe(before)
  })
})

describe('a journal with an act that cannot be', () => {
  test.for([
    [{ action: 'skip' }, 'an operator decides about "", which is not open'],
    [{ action: 'skip', path: 'b' }, 'an operator decides about "b", which is not open'],
    [{ action: 'override', path: 'b', output: 1 }, 'an operator decides about "b", which is not open'],
    [{ action: 'migrate' }, 'a run is migrated without the plan that it goes on by'],
  ] as const)('such as %j is corrupt', ([act, message]) => {
    expect(() => fold(new World(workflow([uses('a')])), act)).toThrow(
      expect.objectContaining({ code: 'JOURNAL_CORRUPT', message: expect.stringContaining(message) }),
    )
  })

  test.for([
    {},
    { after: null },
    { after: 7 },
    { after: [] },
    { after: {} },
    { after: { steps: '7', deadline: null, transitions: true } },
  ])('but a raise with %j leaves the limits as they are', (fields) => {
    const world = new World(workflow([uses('a')], { limits: { steps: 10, duration: '1h' } }))
    const { createdAt } = world.state
    fold(world, { action: 'raise', ...fields })
    const { stepsMax, deadline, transitionsMax } = world.state
    expect([stepsMax, deadline - createdAt, transitionsMax]).toEqual([10, 3_600_000, 0])
  })
})
