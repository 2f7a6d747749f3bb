import { expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'
import { pickupsMax } from './adopt.ts'
import { decide } from './decide.ts'
import { runStatus } from './outstanding.ts'

const one = workflow([{ id: 'a', uses: 'h' }])

test('a lost attempt starts again with the same key and input, and uses up no retry', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h', with: 7, retry: { max: 1, delay: '0s' } }]))
  const [before] = world.attempts()
  expect(told(world.crash())).toEqual(['run.adopted', 'attempt.lost a', 'attempt.started a'])
  expect(world.attempts()).toEqual([{ ...before, attempt: 2 }])
  expect(told(world.fail('a'))).toEqual(['attempt.failed a OOPS'])
})

test('a `once` step whose attempt was lost blocks, and an operator may let it run again under a new key', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h', effect: 'once' }]))
  expect(told(world.crash()).slice(1)).toEqual(['attempt.lost a', 'step.blocked a OUTCOME_UNKNOWN'])
  expect(runStatus(world.state)).toBe('blocked')
  expect(told(world.send('segno.retry', { path: 'a' }))).toEqual(['operator.acted a', 'attempt.started a~2'])
  expect(world.attempts()[0]?.key).toBe('incarnation/a~2')
  world.crash()
  expect(told(world.send('segno.retry')).at(-1)).toBe('attempt.started a~3')
})

test('the effect class of the step comes before that of its handler', () => {
  const handlers = { h: { version: '1.0.0', effect: 'once' } } as const
  expect(new World(one, { handlers }).attempts()[0]?.effect).toBe('once')
  const own = new World(workflow([{ id: 'a', uses: 'h@1', effect: 'pure' }]), { handlers })
  expect(own.attempts()[0]?.effect).toBe('pure')
  expect(new World(one).attempts()[0]?.effect).toBe('idempotent')
})

test('a run that is taken over without a crash is not counted as picked up', () => {
  const world = new World(one)
  world.token++
  expect(told(world.decide({ type: 'adopted', crashed: false }))).toEqual(['attempt.lost a', 'attempt.started a'])
})

test('an attempt of the lease that drives the run now is not lost', () => {
  const world = new World(one)
  expect(told(world.decide({ type: 'adopted', crashed: false }))).toEqual([])
})

test('an attempt of this lease whose transaction was undone is lost, as often as a run is picked up', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h', effect: 'tx' }]))
  const undo = (attempt: number): string[] =>
    told(world.decide({ type: 'adopted', crashed: false, undone: { path: 'a', attempt } }))

  expect(undo(2)).toEqual([])
  expect(undo(1)).toEqual(['run.adopted', 'attempt.lost a', 'attempt.started a'])
  expect(undo(1)).toEqual([])
  for (let attempt = 2; attempt < pickupsMax; attempt++) undo(attempt)
  expect(undo(pickupsMax)).toEqual(['run.adopted', 'attempt.lost a', 'run.blocked NO_PROGRESS'])
})

test('a lost attempt that had been told to stop is cancelled', () => {
  const world = new World(one)
  world.send('segno.cancel')
  expect(told(world.crash())).toEqual([
    'run.adopted',
    'attempt.lost a',
    'step.cancelled a CANCELLED',
    'run.cancelled CANCELLED',
  ])
})

test('a lost attempt that had timed out has failed', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h', timeout: '1s' }]))
  world.pass(1000)
  expect(told(world.crash()).slice(1)).toEqual(['attempt.lost a', 'step.failed a TIMEOUT', 'run.failed TIMEOUT'])
})

test('a lost `once` attempt that had timed out blocks', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h', effect: 'once', timeout: '1s' }]))
  world.pass(1000)
  expect(told(world.crash()).slice(1)).toEqual(['attempt.lost a', 'step.blocked a OUTCOME_UNKNOWN'])
})

function crashes(world: World, times: number): void {
  for (let time = 0; time < times; time++) world.crash()
}

test(`after ${pickupsMax} pickups without progress the run blocks, and an operator lets it go on`, () => {
  const world = new World(one)
  crashes(world, pickupsMax - 1)
  expect(runStatus(world.state)).toBe('running')
  expect(told(world.crash())).toEqual(['run.adopted', 'attempt.lost a', 'run.blocked NO_PROGRESS'])
  expect(runStatus(world.state)).toBe('blocked')
  expect(told(world.send('segno.retry'))).toEqual(['operator.acted', 'run.unblocked OPERATOR', 'attempt.started a'])
})

test('a blocked run that is picked up again is not blocked twice', () => {
  const world = new World(one)
  crashes(world, pickupsMax)
  expect(told(world.crash())).toEqual(['run.adopted'])
})

test('a run that gets further between crashes is not blocked', () => {
  const world = new World(workflow([{ id: 'r', repeat: { max: 3 }, do: [{ id: 'a', uses: 'h' }] }]))
  crashes(world, pickupsMax - 1)
  world.complete('r[0]/a')
  crashes(world, pickupsMax - 1)
  expect(runStatus(world.state)).toBe('running')
})

test('a `finally` that kills its process blocks the run as well, and a forced cancel ends it', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h' }], { finally: [{ id: 'f', uses: 'h' }] }))
  world.send('segno.cancel')
  world.fail('a')
  crashes(world, pickupsMax)
  expect(runStatus(world.state)).toBe('blocked')
  world.send('segno.cancel', { force: true })
  expect(runStatus(world.state)).toBe('cancelled')
})

test('a driver that is about to stop records what happened and starts nothing', () => {
  const world = new World(
    workflow([
      { id: 'a', uses: 'h' },
      { id: 'b', uses: 'h' },
    ]),
  )
  const circumstances = { now: world.now, token: 1, seed: 1, blobs: new Map(), hold: true }
  const settled = { type: 'settled', path: 'a', attempt: 1, outcome: { kind: 'completed' } } as const
  expect(told(decide(world.plan, world.state, settled, circumstances).events)).toEqual(['step.completed a'])
  expect(told(world.settleDown())).toEqual(['attempt.started b'])
})
