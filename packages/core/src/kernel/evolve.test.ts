import type { EventPayloads, EventType, RunEvent } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, foldAll, workflow } from '../../test/kernel/world.ts'
import { evolve } from './evolve.ts'
import type { RunState } from './state.ts'

const definition = workflow([
  { id: 'a', uses: 'h' },
  { id: 'r', repeat: { max: 2 }, do: [{ id: 'x', uses: 'h' }] },
  { id: 'w', waitFor: { signal: 's' } },
  { id: 'i', if: true, do: [] },
  { id: 't', try: [], finally: [] },
])
const because = { code: 'X' }

/** Folds one more event onto a run whose step `a` is under way. */
function follow<T extends EventType>(type: T, payload: EventPayloads[T], rest: object = {}): () => void {
  return () => {
    const { plan, journal } = new World(definition)
    const state = foldAll(plan, journal)
    const event = { ...payload, v: 1, at: 1, runId: 'run', type, seq: state.seq + 1, ...rest } as unknown as RunEvent
    evolve(plan, state, event)
  }
}

const failure = { code: 'X', message: 'm', retryable: false }
const created = new World(definition).journal[0] as EventPayloads['run.created']

test.for<[string, () => void]>([
  ['a gap', follow('run.adopted', { token: 1 }, { seq: 9 })],
  ['a step that is not there', follow('step.completed', { path: 'nowhere' })],
  ['a step of a list that is not open', follow('step.completed', { path: 'r[0]/x' })],
  ['a visit that nobody began', follow('step.completed', { path: 'a~2' })],
  ['the run as if it were a step', follow('step.completed', { path: '' })],
  ['an attempt out of turn', follow('attempt.started', { path: 'a', attempt: 3, token: 1, effect: 'pure', key: 'k' })],
  ['a block out of turn', follow('step.started', { path: 'r', attempt: 2 })],
  ['a leaf that opens', follow('step.started', { path: 'i', attempt: 1 })],
  ['a wait for nothing', follow('step.started', { path: 'w', attempt: 1 })],
  ['a branch that is not there', follow('branch.taken', { path: 'i', attempt: 1, branch: 'else' })],
  ['a `finally` that is not there', follow('branch.taken', { path: 'i', attempt: 1, branch: 'finally' })],
  ['an iteration of what is not open', follow('iteration.started', { path: 'r', index: 0 })],
  ['an iteration of what is no loop', follow('iteration.started', { path: '', index: 0 })],
  ['the end of an iteration that did not begin', follow('iteration.completed', { path: '', index: 0 })],
  ['another plan', follow('run.created', { ...created, plan: 'other' })],
  ['a second beginning', follow('run.created', created)],
])('an event that cannot follow is refused: %s', ([, act]) => {
  expect(act).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^(JOURNAL_CORRUPT|ILLEGAL_TRANSITION)$/) }),
  )
})

test('children of a `parallel` may begin in any order that their needs allow', () => {
  const children = [
    { id: 'a', uses: 'h' },
    { id: 'b', uses: 'h' },
    { id: 'c', uses: 'h' },
  ]
  const { plan, journal } = new World(workflow([{ id: 'p', parallel: children }]))
  const [head, tail] = [journal.slice(0, 2), journal.slice(2).reverse()]
  const state = foldAll(
    plan,
    [...head, ...tail].map((event, at) => ({ ...event, seq: at + 1 })),
  )
  expect(state.counts.running).toBe(3)
  expect(wantsToBegin(state)).toBe(0)
})

const wantsToBegin = (state: RunState): number =>
  [...state.frames.values()].flat().reduce((sum, { ready, readyAt }) => sum + ready.length - readyAt, 0)

test.for<[string, () => void]>([
  ['of a later version', follow('run.adopted', { token: 1 }, { v: 2 })],
  ['of an unknown type', follow('run.adopted', { token: 1 }, { type: 'run.danced' })],
])('an event %s is for a newer engine', ([, act]) => {
  expect(act).toThrow(expect.objectContaining({ code: 'JOURNAL_TOO_NEW' }))
})

test('a step that has ended does not begin again', () => {
  const world = new World(definition)
  world.complete('a')
  const again = {
    seq: world.state.seq + 1,
    v: 1,
    at: 1,
    runId: 'run',
    type: 'step.failed',
    path: 'a',
    attempt: 1,
    failure,
  } as const
  expect(() => {
    evolve(world.plan, world.state, again)
  }).toThrow(expect.objectContaining({ code: 'JOURNAL_CORRUPT' }))
})

test('nothing follows the end of a run, and nothing is cancelled before the beginning', () => {
  const world = new World(workflow([]))
  const adopted: RunEvent = { seq: world.state.seq + 1, v: 1, at: 1, runId: 'run', type: 'run.adopted', token: 1 }
  expect(() => {
    evolve(world.plan, world.state, adopted)
  }).toThrow(/follows the end/)
  const cancel: RunEvent = {
    seq: 1,
    v: 1,
    at: 1,
    runId: 'run',
    type: 'cancel.requested',
    id: 'c',
    because,
    force: false,
  }
  expect(() => foldAll(world.plan, [cancel])).toThrow(/before it is created/)
})
