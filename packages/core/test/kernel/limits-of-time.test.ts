import type { Json, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { wakeAt } from '../../src/kernel/outstanding.ts'
import { workflow, World } from './world.ts'

const timed = (rest: object): World => new World(workflow([{ id: 'a', timeout: '1m', ...rest } as Step]))
const other = { segno: 1 as const, name: 'other', steps: [] }

describe('the time limit of an attempt ends with it', () => {
  test('where the next one waits for longer than that', () => {
    const world = timed({ uses: 'h', retry: { max: 1, delay: '1h', jitter: false } })
    world.fail('a')
    expect(wakeAt(world.state)).toBe(world.now + 3_600_000)
  })

  test('where it was lost, and the run is paused', () => {
    const world = timed({ uses: 'h' })
    world.send('segno.pause')
    world.crash()
    expect(wakeAt(world.state)).toBeNull()
  })

  test('where it could not be made', () => {
    const world = timed({ uses: 'h' })
    const [attempt] = world.attempts()
    if (attempt === undefined) throw new Error('an attempt was to be under way')
    world.settle(attempt, { kind: 'impossible', failure: { code: 'NO_HANDLER', message: 'no', retryable: false } })
    expect(wakeAt(world.state)).toBeNull()
  })
})

describe('what came in time is not late where the run is paused until later', () => {
  test('an answer', () => {
    const world = timed({ ask: { title: 'Go on?', choices: ['yes', 'no'] } })
    world.send('segno.pause')
    for (const question of world.questions()) world.answer(question, 'yes')
    expect(world.state.steps.get('a')?.deadline).toBe(0)
  })

  test('the end of a run that was started', () => {
    const world = new World(workflow([{ id: 'a', start: 'other', timeout: '1m' } as Step], { imports: { other } }))
    world.send('segno.pause')
    for (const child of [...world.children(), ...world.children()]) world.moveChild(child, 'completed')
    expect([world.children(), world.state.steps.get('a')?.deadline]).toEqual([[], 0])
  })
})

test('`finally` has no time limit of its block', () => {
  const world = timed({ try: [{ id: 'x', uses: 'h' }], finally: [{ id: 'z', uses: 'h' }] })
  world.complete('a/x')
  expect(wakeAt(world.state)).toBeNull()
})

test('a cancel ends the limit of time of a run that an operator has raised in `finally`', () => {
  const world = new World(
    workflow([{ id: 'a', uses: 'h' }], { limits: { duration: '1h' }, finally: [{ id: 'z', uses: 'h' }] }),
  )
  world.complete('a')
  world.send('segno.raise', { durationMs: 7_200_000 })
  world.send('segno.cancel')
  expect(wakeAt(world.state)).toBeNull()
})

test('a question that an operator asks again shows its time since it was asked first', () => {
  const asks = { id: 'q', ask: { title: 'Go on?', choices: ['yes'] }, timeout: '1m', onFailure: 'block' } as Step
  const tells = { id: 'z', set: { ms: '${{ steps.q.durationMs }}' } }
  const world = new World(
    workflow([asks, tells], { output: { ms: { type: 'integer', value: '${{ steps.z.output.ms }}' } } }),
  )
  world.pass(60_000)
  world.send('segno.retry')
  world.pass(10)
  for (const question of world.questions()) world.answer(question, 'yes')
  expect(world.state.output as Json).toEqual({ ms: 60_010 })
})
