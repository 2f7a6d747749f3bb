import type { Definition, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'
import { outstanding } from './outstanding.ts'

const child: Definition = { segno: 1, name: 'child', steps: [{ id: 'one', set: {} }] }
const imports = { child }

function idOf(world: World): string {
  const effect = outstanding(world.state).find(({ type }) => type === 'child')
  if (effect?.type !== 'child') throw new Error('no run is to be started')
  return effect.runId
}

describe('a child run that has ended before its creation was heard of', () => {
  test('is told to have started first', () => {
    const world = new World(workflow([{ id: 'sub', start: 'child' }], { imports }))
    const runId = idOf(world)
    expect(told(world.send('segno.child', { runId, status: 'completed', output: {} }))).toEqual([
      'child.started sub',
      'child.settled sub',
      'step.completed sub',
      'run.completed',
    ])
    expect(world.decide({ type: 'child', runId, outcome: { kind: 'created' } })).toEqual([])
  })

  test('gives its id to a step that does not wait for it, whatever became of it', () => {
    const world = new World(workflow([{ id: 'sub', start: 'child', wait: false }], { imports }))
    const runId = idOf(world)
    const failure = { code: 'BROKEN', message: 'it broke', retryable: true }
    const events = world.send('segno.child', { runId, status: 'failed', failure })
    expect(told(events)).toEqual([
      'child.started sub',
      'child.settled sub BROKEN',
      'step.completed sub',
      'run.completed',
    ])
    expect(events[2]).toMatchObject({ output: { runId } })
  })
})

const failure = { code: 'BROKEN', message: 'it broke', retryable: true }

function started(step: Partial<Step> = {}, more: readonly Step[] = []): World {
  const steps = [{ id: 'p', parallel: [{ id: 'sub', start: 'child', ...step } as Step, ...more], join: 'any' }]
  return new World(workflow(steps as Definition['steps'], { imports }))
}

/** Why the run that the step started is to stop. */
function stopped(world: World): string | undefined {
  const effect = outstanding(world.state).find(({ type }) => type === 'stopChild')
  return effect?.type === 'stopChild' ? effect.reason : undefined
}

describe('the creation of a child run', () => {
  test('is heard of once, and of no run that nobody started', () => {
    const world = started()
    const runId = idOf(world)
    const created = { type: 'child', runId, outcome: { kind: 'created' } } as const
    expect(world.decide({ ...created, runId: 'another' })).toEqual([])
    expect(told(world.decide(created))).toEqual(['child.started p/sub'])
    expect(world.decide(created)).toEqual([])
    const refused = { kind: 'refused', failure } as const
    expect(world.decide({ type: 'child', runId, outcome: refused })).toEqual([])
  })

  test('that is refused fails the step, unless an operator has ended it', () => {
    const refused = { kind: 'refused', failure } as const
    const plain = started()
    const events = plain.decide({ type: 'child', runId: idOf(plain), outcome: refused })
    expect(told(events)[0]).toBe('step.failed p/sub BROKEN')
    const skipped = started()
    const runId = idOf(skipped)
    skipped.send('segno.skip', { path: 'p/sub' })
    expect(told(skipped.decide({ type: 'child', runId, outcome: refused }))[0]).toBe('step.skipped p/sub OPERATOR')
  })

  test('does not end a step that no longer waits for it and is to stop', () => {
    const world = started({ wait: false })
    const runId = idOf(world)
    expect(told(world.send('segno.cancel'))).toEqual(['cancel.requested CANCELLED'])
    expect(told(world.decide({ type: 'child', runId, outcome: { kind: 'created' } })).slice(0, 2)).toEqual([
      'child.started p/sub',
      'step.completed p/sub',
    ])
  })
})

describe('the end of a child run', () => {
  function ended(fields: Readonly<Record<string, unknown>>): World {
    const world = started()
    const runId = idOf(world)
    world.decide({ type: 'child', runId, outcome: { kind: 'created' } })
    world.send('segno.child', { runId, ...fields } as never)
    return world
  }

  test.for<[string, Readonly<Record<string, unknown>>, string, string]>([
    ['that failed', { status: 'failed', failure }, 'CHILD_FAILED', 'failed: BROKEN: it broke'],
    [
      'that was cancelled',
      { status: 'cancelled', because: { code: 'ENOUGH' } },
      'CHILD_CANCELLED',
      'was cancelled: ENOUGH',
    ],
    [
      'that was cancelled, with words',
      { status: 'cancelled', because: { code: 'ENOUGH', message: 'it is enough' } },
      'CHILD_CANCELLED',
      'was cancelled: it is enough',
    ],
    [
      'that gives more than is kept',
      { status: 'completed', output: 'x'.repeat(8_400_000) },
      'CHILD_FAILED',
      'failed: PAYLOAD_TOO_LARGE: the value has 8400002 bytes of JSON, more than 8388608',
    ],
  ])('%s', ([, fields, code, words]) => {
    const failed = ended(fields).journal.find(({ type }) => type === 'step.failed')
    expect(failed).toMatchObject({ failure: { code, message: expect.stringMatching(/^the run sub_[0-9a-f]{32} /) } })
    expect(failed).toMatchObject({ failure: { message: expect.stringContaining(words) } })
  })

  test('that is gone is that of a run that was cancelled', () => {
    const world = started()
    const runId = idOf(world)
    const events = world.decide({ type: 'child', runId, outcome: { kind: 'gone' } })
    expect(events[0]).toMatchObject({
      type: 'child.settled',
      status: 'cancelled',
      because: { code: 'RUN_UNKNOWN', message: `the run ${runId} does not exist any more` },
    })
  })

  test('is not heard where no step waits for it', () => {
    const world = started()
    expect(world.send('segno.child', { runId: 'x', status: 'completed' })).toMatchObject([
      { type: 'signal.ignored', because: { code: 'NOT_AWAITED', message: 'no step waits for the run x' } },
    ])
  })
})

describe('a child run is told to stop', () => {
  const created = (world: World): World => {
    world.decide({ type: 'child', runId: idOf(world), outcome: { kind: 'created' } })
    return world
  }
  test.for<[string, string, object, string]>([
    ['with the run', 'segno.cancel', {}, 'the run that started it was cancelled: cancelled on request'],
    ['with the run, and why', 'segno.cancel', { reason: 'enough' }, 'the run that started it was cancelled: enough'],
    ['when its step is skipped', 'segno.skip', { path: 'p/sub' }, 'an operator has ended the step that started it'],
  ])('%s', ([, name, payload, reason]) => {
    const world = created(started())
    world.send(name, payload as never)
    expect(stopped(world)).toBe(reason)
  })

  test('when its time is up', () => {
    const world = created(started({ timeout: '1s' }))
    world.pass(1000)
    expect(stopped(world)).toBe('the run that started it failed: TIMEOUT')
  })

  test('but not where it is detached, also while nothing is decided', () => {
    const world = created(started({ detached: true }, [{ id: 'b', uses: 'h' }]))
    world.send('segno.pause')
    world.complete('p/b')
    expect(stopped(world)).toBeUndefined()
    const because = { code: 'JOINED', message: 'enough siblings have succeeded' }
    expect(world.send('segno.resume')).toContainEqual(expect.objectContaining({ type: 'step.cancelled', because }))
  })
})
