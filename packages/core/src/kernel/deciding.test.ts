import type { Json, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'

const x: Step = { id: 'x', uses: 'h' }
const nothing: Step = { id: 'n', set: {} }
const of = (verb: object): Step => ({ id: 'b', ...verb }) as Step

/** How the one attempt of a run that holds its failures ends, when it fails. */
function failing(steps: readonly Step[], rest: object = {}): string | undefined {
  const inner = workflow([x])
  const world = new World(workflow(steps, { imports: { inner }, ...rest }), { onFailure: 'block' })
  const [attempt] = world.attempts()
  if (attempt === undefined) throw new Error('an attempt was to be under way')
  return told(world.fail(attempt.path)).find((event) => event.includes(` ${attempt.path} `))
}

describe('in a run that holds its failures', () => {
  test.for<readonly [string, readonly Step[], string]>([
    ['the workflow itself', [x], 'x'],
    ['a group', [of({ do: [x] })], 'b/x'],
    ['a choice', [of({ if: true, do: [x] })], 'b/x'],
    ['groups of groups', [of({ do: [of({ match: '1', cases: { 1: [x] } })] })], 'b/b/x'],
    ['a `try` that catches nothing', [of({ try: [x], finally: [nothing] })], 'b/x'],
    [
      'a clause that catches',
      [of({ try: [{ id: 'f', fail: { code: 'F', message: 'm' } }], catch: [{ do: [x] }] })],
      'b/x',
    ],
    ['steps together', [of({ parallel: [x] })], 'b/x'],
    ['items', [of({ forEach: { in: [1] }, do: [x] })], 'b[0]/x'],
    ['a loop', [of({ repeat: { max: 1 }, do: [x] })], 'b[0]/x'],
    ['a state', [of({ states: { a: { do: [x] } }, initial: 'a' })], 'b[0]/x'],
    ['a called workflow', [of({ call: 'inner' })], 'b/x'],
  ])('what fails in %s blocks', ([, steps, path]) => {
    expect(failing(steps)).toBe(`step.blocked ${path} OOPS`)
  })

  test.for<readonly [string, readonly Step[], string]>([
    ['and is passed over', [of({ uses: 'h', onFailure: 'continue' })], 'b'],
    ['in a group that is passed over', [of({ do: [x], onFailure: 'continue' })], 'b/x'],
    ['in a group that blocks itself', [of({ do: [x], onFailure: 'block' })], 'b/x'],
    ['in a group that is tried again', [of({ do: [x], retry: { max: 1 } })], 'b/x'],
    ['deep in a group that is tried again', [of({ do: [of({ do: [x] })], retry: { max: 1 } })], 'b/b/x'],
    ['in a `try` that catches', [of({ try: [x], catch: [{ do: [] }] })], 'b/x'],
    ['in a `finally`', [of({ try: [], finally: [x] })], 'b/x'],
    ['together with others of which one has to succeed', [of({ parallel: [x], join: 'any' })], 'b/x'],
    ['together with others that go on', [of({ parallel: [x], failFast: false })], 'b/x'],
    ['in an item whose failure is collected', [of({ forEach: { in: [1], collect: true }, do: [x] })], 'b[0]/x'],
  ])('what fails %s fails', ([, steps, path]) => {
    expect(failing(steps)).toBe(`step.failed ${path} OOPS`)
  })

  test('what fails in the `finally` of the run fails', () => {
    expect(failing([], { finally: [x] })).toBe('step.failed x OOPS')
  })
})

test('a step that blocks says where, in which attempt and why', () => {
  const world = new World(workflow([{ ...x, onFailure: 'block', retry: { max: 1, delay: '0s' } } as Step]))
  world.fail('x')
  world.wake()
  const failure = { code: 'OOPS', message: 'no luck', retryable: true }
  expect(world.fail('x')).toMatchObject([{ type: 'step.blocked', path: 'x', attempt: 2, failure }])
})

const input: Json = { n: 1, ...{ whole: 'x'.repeat(58), cut: 'x'.repeat(59) } }

test.for<readonly [string, object, string]>([
  ['a condition', { if: 'input.n', set: {} }, 'the condition "input.n" gives 1; a condition is true or false'],
  [
    'the test of a loop',
    { repeat: { max: 1, while: '"a"' }, do: [] },
    'the condition ""a"" gives "a"; a condition is true or false',
  ],
  [
    'a count that is too small',
    { parallel: [], concurrency: '${{ 0 }}' },
    '`concurrency` is 0; expected a whole number of at least 1',
  ],
  [
    'a count that is not whole',
    { parallel: [], concurrency: '${{ 1.5 }}' },
    '`concurrency` is 1.5; expected a whole number of at least 1',
  ],
  [
    'a count that is a text',
    { repeat: { max: '${{ "2" }}' }, do: [] },
    '`max` is "2"; expected a whole number of at least 0',
  ],
  [
    'a text of 60 characters',
    { if: 'input.whole', set: {} },
    `the condition "input.whole" gives "${'x'.repeat(58)}"; a condition is true or false`,
  ],
  [
    'a longer text',
    { if: 'input.cut', set: {} },
    `the condition "input.cut" gives "${'x'.repeat(56)}…; a condition is true or false`,
  ],
])('%s is quoted where it is of the wrong type', ([, step, message]) => {
  const world = new World(workflow([of(step)]), { input })
  expect(world.state.failure).toEqual({ code: 'TYPE_MISMATCH', message, retryable: false })
})

test.for<readonly [string, string]>([
  ['${{ input.n }}', '1 is not a duration such as 10m or PT10M'],
  ['${{ ["10m"] }}', '["10m"] is not a duration such as 10m or PT10M'],
  ['${{ "soon" }}', '"soon" is not a duration such as 10m or PT10M'],
])('%s is no duration', ([timeout, message]) => {
  const world = new World(workflow([{ ...x, timeout } as Step]), { input })
  expect(world.state.failure).toEqual({ code: 'DURATION_INVALID', message, retryable: false })
})
