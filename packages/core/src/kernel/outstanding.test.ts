import type { Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, foldAll, workflow } from '../../test/kernel/world.ts'
import { changes, outstanding, runStatus, statusOf, wakeAt } from './outstanding.ts'
import { view } from './view.ts'

const a: Step = { id: 'a', uses: 'h' }
const fragile: Step = { id: 'b', uses: 'h', onFailure: 'block' }
const final = { retryable: false }

describe('the status of a run', () => {
  const both: readonly Step[] = [{ id: 'p', parallel: [a, fragile, { id: 'w', sleep: '1h' }] }]

  test.for<[string, (world: World) => void]>([
    ['running', () => undefined],
    ['running', (world) => world.fail('p/b', final)],
    ['blocked', (world) => [world.fail('p/b', final), world.complete('p/a')]],
    ['waiting', (world) => [world.complete('p/b'), world.complete('p/a')]],
    ['paused', (world) => world.send('segno.pause')],
    ['paused', (world) => [world.fail('p/b', final), world.complete('p/a'), world.send('segno.pause')]],
    ['cancelling', (world) => world.send('segno.cancel')],
    ['cancelled', (world) => [world.send('segno.cancel'), world.fail('p/a'), world.fail('p/b')]],
  ])('%s', ([status, act]) => {
    const world = new World(workflow(both))
    act(world)
    expect(runStatus(world.state)).toBe(status)
    expect(view(world.state).status).toBe(status)
  })

  test('is queued until anything is decided, and running while something can be decided at once', () => {
    const world = new World(workflow([a, { id: 'w', sleep: '1h' }]))
    world.complete('a')
    const statuses = world.journal.map((_, at) => runStatus(foldAll(world.plan, world.journal.slice(0, at + 1))))
    expect(world.journal.map(({ type }, at) => `${type} ${statuses[at]}`)).toEqual([
      'run.created queued',
      'attempt.started running',
      'step.completed running',
      'timer.set running',
    ])
    expect(runStatus(world.state)).toBe('waiting')
  })

  test('a limit blocks it as a whole', () => {
    const world = new World(workflow([a, { ...a, id: 'c' }], { limits: { steps: 1 } }))
    world.complete('a')
    expect(statusOf(world.state)).toBe('blocked')
    expect(view(world.state).because?.code).toBe('LIMIT_EXCEEDED')
  })
})

describe('the wake-up of a run', () => {
  const timed: readonly Step[] = [
    {
      id: 'p',
      parallel: [
        { ...a, timeout: '10m' },
        { id: 'w', sleep: '5m' },
        { id: 'v', sleep: '1h' },
      ],
    },
  ]

  test('is at the first of all timers, and in a paused run at the first of its attempts', () => {
    const world = new World(workflow(timed))
    const { now } = world
    expect(wakeAt(world.state)).toBe(now + 300_000)
    world.send('segno.pause')
    expect(wakeAt(world.state)).toBe(now + 600_000)
    world.complete('p/a')
    expect(wakeAt(world.state)).toBeNull()
    world.send('segno.resume')
    expect(wakeAt(world.state)).toBe(now + 300_000)
  })

  test('is never where the run is over', () => {
    const world = new World(workflow(timed))
    world.send('segno.cancel', { force: true })
    world.fail('p/a')
    expect([world.isOver, wakeAt(world.state), outstanding(world.state)]).toEqual([true, null, []])
  })
})

test('what the run above has to be told is outstanding until this one is over', () => {
  const world = new World(workflow([a]), { parent: { runId: 'above', path: 's', awaited: true } })
  world.fail('a', final)
  const failure = { code: 'OOPS', message: 'no luck', retryable: false }
  expect(outstanding(world.state)).toEqual([{ type: 'tell', runId: 'above', outcome: { status: 'failed', failure } }])
  world.decide({ type: 'told' })
  expect([world.isOver, outstanding(world.state)]).toEqual([true, []])
})

describe('what is new since the last time', () => {
  test('is nothing where nothing happened', () => {
    const world = new World(workflow([a]))
    expect(changes(world.state)).toEqual({ added: [], removed: [] })
  })

  test('is all that is under way, for whoever takes the run over', () => {
    const world = new World(workflow([{ id: 'p', parallel: [a, { ...fragile, timeout: '1m' }] }]))
    world.pass(60_000)
    world.reload()
    expect([...world.known].toSorted()).toEqual(['abort:p/b#1', 'p/a#1', 'p/b#1'])
  })
})

describe('the version of a handler that an attempt asks for', () => {
  test.for<[string, string, string | undefined, string | undefined]>([
    ['what the step says', 'h@3', '2.7.1', '3'],
    ['what the run began with', 'h', '2.7.1', '2'],
    ['any, where neither says one', 'h', undefined, undefined],
  ])('%s', ([, uses, version, major]) => {
    const handlers = version === undefined ? {} : { h: { version } }
    const world = new World(workflow([{ id: 'a', uses }]), { handlers })
    expect(world.attempts()[0]?.major).toBe(major)
  })
})

describe('a run of its own', () => {
  const inner = workflow([a])

  function starting(step: Step): World {
    return new World(workflow([step, { id: 'w', sleep: '1h' }], { imports: { inner } }))
  }

  test.for<[string, Step, boolean]>([
    ['that is waited for', { id: 's', start: 'inner' }, true],
    ['that goes its own way', { id: 's', start: 'inner', wait: false, detached: true }, false],
    ['that only has to stop with this one', { id: 's', start: 'inner', wait: false }, true],
  ])('is to be made until it exists, and says how it ends if it has to: one %s', ([, step, awaited]) => {
    const world = starting(step)
    const [child] = world.children()
    expect(outstanding(world.state)).toContainEqual(
      expect.objectContaining({ type: 'child', runId: child?.runId, path: 's', awaited, labels: {} }),
    )
    expect(view(world.state).outstanding).toContainEqual({
      ...{ type: 'child', runId: child?.runId, path: 's' },
      plan: child?.node.child.hash,
    })
    if (child !== undefined) world.moveChild(child, 'completed')
    expect(outstanding(world.state).map(({ type }) => type)).not.toContain('child')
  })

  test('has to stop once this one is cancelled, and not before', () => {
    const world = starting({ id: 's', start: 'inner' })
    const [child] = world.children()
    if (child !== undefined) world.moveChild(child, 'completed')
    expect(outstanding(world.state)).toEqual([])
    world.send('segno.cancel', { reason: 'enough', force: false })
    const stop = {
      ...{ type: 'stopChild', runId: child?.runId, force: false },
      reason: 'the run that started it was cancelled: enough',
    }
    expect(outstanding(world.state)).toEqual([stop])
    expect(view(world.state).outstanding).toEqual([stop])
  })
})
