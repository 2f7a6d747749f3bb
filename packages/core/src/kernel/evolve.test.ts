import type { Definition, EventPayloads, EventType, RunEvent } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, foldAll, workflow } from '../../test/kernel/world.ts'
import { evolve } from './evolve.ts'
import type { RunState } from './state.ts'

const other: Definition = { segno: 1, name: 'other', steps: [] }
const definition = workflow(
  [
    { id: 'a', uses: 'h' },
    { id: 'r', repeat: { max: 2 }, do: [{ id: 'x', uses: 'h' }] },
    { id: 'w', waitFor: { signal: 's' } },
    { id: 'i', if: true, do: [] },
    { id: 't', try: [], catch: [{ do: [] }], finally: [] },
    { id: 'c', start: 'other' },
  ],
  { imports: { other } },
)
const failure = { code: 'X', message: 'm', retryable: false }

const atWork = (): World => new World(definition)
const afterA = (): World => {
  const world = atWork()
  world.complete('a')
  return world
}
const inMachine = (): World =>
  new World(
    workflow([{ id: 'm', initial: 'one', states: { one: { do: [], on: { s: { to: 'two' } } }, two: { do: [] } } }]),
  )

/** Folds one more event onto a run. */
function follow<T extends EventType>(
  type: T,
  payload: EventPayloads[T],
  { given = atWork, ...rest }: { readonly given?: () => World; readonly [field: string]: unknown } = {},
): () => RunState {
  return () => {
    const { plan, journal } = given()
    const state = foldAll(plan, journal)
    const event = { ...payload, v: 1, at: 1, runId: 'run', type, seq: state.seq + 1, ...rest } as unknown as RunEvent
    evolve(plan, state, event)
    return state
  }
}

const created = atWork().journal[0] as EventPayloads['run.created']

test.for<[string, string, () => RunState]>([
  ['a gap', 'event 9 follows event 2', follow('run.adopted', { token: 1 }, { seq: 9 })],
  ['an event that is there already', 'event 2 follows event 2', follow('run.adopted', { token: 1 }, { seq: 2 })],
  [
    'anything after the end',
    'event 3 follows the end of the run',
    follow('run.adopted', { token: 1 }, { given: () => new World(workflow([])) }),
  ],
  ['a step that is not there', 'no step can be at "nowhere"', follow('step.completed', { path: 'nowhere' })],
  ['a step of a list that is not open', 'no step can be at "r[0]/x"', follow('step.completed', { path: 'r[0]/x' })],
  ['a visit that nobody began', 'no step can be at "a~2"', follow('step.completed', { path: 'a~2' })],
  [
    'the run as if it were a step',
    'the run itself ends with an event of its own',
    follow('step.completed', { path: '' }),
  ],
  [
    'what has ended, and ends again',
    '"a" begins again after it has ended',
    follow('step.failed', { path: 'a', attempt: 1, failure }, { given: afterA }),
  ],
  [
    'an attempt out of turn',
    'attempt 3 of "a" follows 1',
    follow('attempt.started', { path: 'a', attempt: 3, token: 1, effect: 'pure', key: 'k' }),
  ],
  ['a block out of turn', 'attempt 2 of "r" follows 0', follow('step.started', { path: 'r', attempt: 2 })],
  [
    'a branch of a block out of turn',
    'attempt 2 of "i" follows 0',
    follow('branch.taken', { path: 'i', attempt: 2, branch: 'do' }),
  ],
  [
    'a block that opens as another kind does',
    '"i" is a if step, which does not start like this',
    follow('step.started', { path: 'i', attempt: 1 }),
  ],
  ['a leaf that opens', '"a" is not an open block', follow('step.started', { path: 'a', attempt: 2 })],
  ['a wait for nothing', '"w" waits for no signal', follow('step.started', { path: 'w', attempt: 1 })],
  ['a start of nothing', '"c" starts no run', follow('step.started', { path: 'c', attempt: 1 })],
  [
    'a branch that is not there',
    '"i" has no branch else',
    follow('branch.taken', { path: 'i', attempt: 1, branch: 'else' }),
  ],
  [
    'a `finally` that is not there',
    '"i" has no finally',
    follow('branch.taken', { path: 'i', attempt: 1, branch: 'finally' }),
  ],
  [
    'a `catch` that is not there',
    '"t" has no catch[1]',
    follow('branch.taken', { path: 't', attempt: 1, branch: 'catch[1]' }),
  ],
  [
    'an iteration of what is not open',
    '"r" is not an open block',
    follow('iteration.started', { path: 'r', index: 0 }),
  ],
  ['an iteration of what is no loop', '"" is no loop', follow('iteration.started', { path: '', index: 0 })],
  [
    'an iteration out of turn',
    'iteration 2 of "r" follows 0',
    follow('iteration.started', { path: 'r', index: 2 }, { given: afterA }),
  ],
  [
    'the end of an iteration that did not begin',
    'iteration 0 of "" ends before it begins',
    follow('iteration.completed', { path: '', index: 0 }),
  ],
  [
    'a state of what is no machine',
    '"" is no state machine',
    follow('state.entered', { path: '', index: 0, state: 'one', by: 'initial' }),
  ],
  [
    'a state out of turn',
    'state 2 of "m" follows 0',
    follow('state.entered', { path: 'm', index: 2, state: 'two', by: 'next' }, { given: inMachine }),
  ],
  [
    'a state that is not there',
    '"m" has no state "three"',
    follow('state.entered', { path: 'm', index: 1, state: 'three', by: 'next' }, { given: inMachine }),
  ],
  ['a run that no step starts', 'no step starts the run sub_1', follow('child.started', { path: 'c', child: 'sub_1' })],
  [
    'the end of a run that no step waits for',
    'no step waits for the run sub_1',
    follow('child.settled', { path: 'c', child: 'sub_1', status: 'completed' }),
  ],
  [
    'a run that fails for nothing',
    'the run settles as failed, and does not say how',
    follow('run.settled', { status: 'failed' }),
  ],
  [
    'a run that is cancelled for nothing',
    'the run settles as cancelled, and does not say how',
    follow('run.settled', { status: 'cancelled' }),
  ],
  [
    'another plan',
    `the run is pinned to plan other, not to ${created.plan}`,
    follow('run.created', { ...created, plan: 'other' }),
  ],
])('an event that cannot follow is refused: %s', ([, message, act]) => {
  expect(act).toThrow(
    expect.objectContaining({
      code: 'JOURNAL_CORRUPT',
      message: `The journal cannot go on like this: ${message}`,
    }),
  )
})

test('a run does not begin twice', () => {
  expect(follow('run.created', created)).toThrow(expect.objectContaining({ code: 'ILLEGAL_TRANSITION' }))
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
  [...state.frames.values()].reduce((sum, { ready, readyAt }) => sum + ready.length - readyAt, 0)

test.for<[string, RegExp, () => RunState]>([
  ['of a later version', /^Event 3 is of version 2$/, follow('run.adopted', { token: 1 }, { v: 2 })],
  [
    'of an unknown type',
    /^Event 3 is of an unknown type: .*"run.danced"/,
    follow('run.adopted', { token: 1 }, { type: 'run.danced' }),
  ],
])('an event %s is for a newer engine', ([, message, act]) => {
  expect(act).toThrow(expect.objectContaining({ code: 'JOURNAL_TOO_NEW', message: expect.stringMatching(message) }))
})

test('nothing is cancelled before the beginning', () => {
  const cancel: RunEvent = {
    seq: 1,
    v: 1,
    at: 1,
    runId: 'run',
    type: 'cancel.requested',
    id: 'c',
    because: { code: 'X' },
    force: false,
  }
  expect(() => foldAll(atWork().plan, [cancel])).toThrow(/before it is created/)
})
