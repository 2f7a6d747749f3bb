import type { EventPayloads, RunEvent, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { changes } from '../../src/kernel/outstanding.ts'
import { foldAll, told, workflow, World } from './world.ts'

const work = (id: string, rest: object = {}): Step => ({ id, uses: 'h', ...rest }) as Step
const wrong = { retryable: false }
const other = { segno: 1 as const, name: 'other', steps: [] }

/** What other runs are to be told once this has happened too. */
function errandsAfter<T extends 'child.started' | 'cancel.requested'>(
  { plan, journal }: World,
  type: T,
  payload: EventPayloads[T],
): string[] {
  const state = foldAll(plan, journal)
  changes(state)
  foldAll(plan, [{ ...payload, seq: state.seq + 1, v: 1, at: 1, runId: 'run', type } as unknown as RunEvent], state)
  return changes(state)
    .added.map((effect) => effect.type)
    .filter((name) => name !== 'abort')
}

describe('a run that was started is told to stop', () => {
  test('with the run that started it, however long that takes to end', () => {
    const world = new World(
      workflow([{ id: 'c', start: 'other', wait: false } as Step, work('a')], { imports: { other } }),
    )
    for (const child of world.children()) world.moveChild(child, 'completed')
    expect(errandsAfter(world, 'cancel.requested', { id: 'x', because: { code: 'X' }, force: false })).toEqual([
      'stopChild',
    ])
  })

  test('as soon as it exists, where an operator has ended its step before', () => {
    const world = new World(workflow([{ id: 'c', start: 'other' } as Step], { imports: { other } }))
    world.send('segno.skip', { path: 'c' })
    const [child] = world.children()
    expect(errandsAfter(world, 'child.started', { path: 'c', child: child?.runId ?? '' })).toEqual(['stopChild'])
  })
})

test('a run that could not be started, and would have gone on by itself, is forgotten with its step', () => {
  const world = new World(workflow([{ id: 'c', start: 'other', wait: false } as Step], { imports: { other } }))
  for (const child of world.children()) world.moveChild(child, 'refused')
  expect(told(world.journal).at(-1)).toBe('run.failed INPUT_INVALID')
})

test('a run that was cancelled fails its step as cancelled, whatever had failed in it', () => {
  const world = new World(workflow([{ id: 'c', start: 'other' } as Step], { imports: { other } }))
  const [child] = world.children()
  const failure = { code: 'OOPS', message: 'no luck', retryable: true }
  world.send('segno.child', { runId: child?.runId ?? '', status: 'cancelled', because: { code: 'X' }, failure })
  expect(world.state.failure).toMatchObject({ code: 'CHILD_CANCELLED' })
})

test('an item that fails does not stop the `finally` of another', () => {
  const steps = [{ id: 't', try: [work('x')], finally: [work('z')] } as Step, work('b')]
  const each = { id: 'l', forEach: { in: [1, 2], concurrency: 2 }, do: steps } as Step
  const world = new World(workflow([each]))
  world.complete('l[0]/t/x')
  world.complete('l[0]/t/z')
  world.complete('l[1]/t/x')
  world.fail('l[0]/b', wrong)
  expect([...world.known]).toEqual(['l[1]/t/z#1'])
})

test('a cancel is the reason of all that it ends, also of what an operator has taken up again beside a later step', () => {
  const world = new World(workflow([work('a', { onFailure: 'continue' }), work('b')]))
  world.fail('a', wrong)
  world.send('segno.pause')
  world.send('segno.retry', { path: 'a' })
  world.send('segno.resume')
  world.send('segno.cancel')
  const because = { code: 'CANCELLED' }
  expect(world.fail('a~2')).toMatchObject([{ type: 'step.cancelled', path: 'a~2', because }])
  expect(world.fail('b')).toMatchObject([
    { type: 'step.cancelled', path: 'b', because },
    { type: 'run.cancelled', because },
  ])
})

test('what takes back a run that goes on by itself may be made of what has to be loaded', () => {
  const undo = { uses: 'h', with: '${{ size(steps.big.output) }}' }
  const starts = { id: 'c', start: 'other', detached: true, undo } as Step
  const world = new World(workflow([work('big'), starts], { imports: { other } }))
  world.complete('big', 'x'.repeat(20_000))
  world.send('segno.cancel')
  expect(world.journal).toContainEqual(expect.objectContaining({ type: 'step.cancelled', path: 'c', undo: 20_000 }))
})
