import type { Definition, Json, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'

const child: Definition = {
  segno: 1,
  name: 'child',
  input: { n: { type: 'integer', default: 1 }, m: { type: 'string', default: '' }, v: { default: null } },
  steps: [{ id: 'x', set: {} }],
}
const imports = { child }

function run(steps: readonly Step[], input: Json = {}): World {
  return new World(workflow(steps, { imports }), { input })
}

describe('a step that cannot begin fails, and says why', () => {
  const signal = (name: string): Step => ({ id: 'a', waitFor: { signal: name }, timeout: '1d' })
  const none = 'MISSING_VALUE'
  test.for<[string, Step, string, string?]>([
    [
      'an idempotency key that is no text',
      { id: 'a', uses: 'h', idempotencyKey: '${{ 1 }}' },
      'TYPE_MISMATCH',
      '`idempotencyKey` is 1; expected a text',
    ],
    [
      'an idempotency key that is empty',
      { id: 'a', uses: 'h', idempotencyKey: '${{ "" }}' },
      'TYPE_MISMATCH',
      '`idempotencyKey` is ""; expected a text',
    ],
    ['an idempotency key that is missing', { id: 'a', uses: 'h', idempotencyKey: '${{ input.none }}' }, none],
    [
      'a signal to emit without a name',
      { id: 'a', emit: { signal: '${{ "" }}' } },
      'TYPE_MISMATCH',
      '`signal` is ""; expected a name',
    ],
    [
      'a signal to emit whose name is no text',
      { id: 'a', emit: { signal: '${{ 1 }}' } },
      'TYPE_MISMATCH',
      '`signal` is 1; expected a name',
    ],
    ['a signal to emit whose name is missing', { id: 'a', emit: { signal: '${{ input.none }}' } }, none],
    ['a signal to emit whose data are missing', { id: 'a', emit: { signal: 's', data: '${{ input.none }}' } }, none],
    ['a signal to wait for without a name', signal('${{ "" }}'), 'TYPE_MISMATCH', '`signal` is ""; expected a name'],
    [
      'a signal to wait for whose name is no text',
      signal('${{ 1 }}'),
      'TYPE_MISMATCH',
      '`signal` is 1; expected a name',
    ],
    [
      'an instant that is no text',
      { id: 'a', sleepUntil: '${{ ["2026-01-31T06:00:00Z"] }}' },
      'TIMESTAMP_INVALID',
      '["2026-01-31T06:00:00Z"] is not an instant such as 2026-01-31T06:00:00Z',
    ],
    ['an instant that is missing', { id: 'a', sleepUntil: '${{ input.none }}' }, none],
    [
      'a `match` of a list',
      { id: 'a', match: '[1]', cases: { a: [] } },
      'TYPE_MISMATCH',
      '`match` gives [1]; cases are text, numbers and booleans',
    ],
    [
      'a `match` that nothing fits',
      { id: 'a', match: '"c"', cases: { a: [], b: [] } },
      'NO_MATCH',
      'no case fits "c"; the cases are a, b, and there is no default',
    ],
    [
      'a concurrency of none',
      { id: 'a', parallel: [], concurrency: '${{ 0 }}' },
      'TYPE_MISMATCH',
      '`concurrency` is 0; expected a whole number of at least 1',
    ],
    [
      'a concurrency of a list that is none',
      { id: 'a', forEach: { in: [1], concurrency: '${{ 0 }}' }, do: [] },
      'TYPE_MISMATCH',
      '`concurrency` is 0; expected a whole number of at least 1',
    ],
    [
      'a bound of a loop that is none',
      { id: 'a', repeat: { max: '${{ -1 }}' }, do: [] },
      'TYPE_MISMATCH',
      '`max` is -1; expected a whole number of at least 0',
    ],
    ['a failure whose message is no text', { id: 'a', fail: { code: 'X', message: '${{ 1 }}' } }, 'X', '1'],
    [
      'an input of a called workflow that does not fit',
      { id: 'a', call: 'child', with: { n: 'x', m: 1 } },
      'INPUT_INVALID',
      'the input of "child": the input "n": expected an integer, got "x"; the input "m": expected text, got 1',
    ],
    ['an input of a run to start that is missing', { id: 'a', start: 'child', with: { n: '${{ input.none }}' } }, none],
    [
      'a time limit of a run to start that is none',
      { id: 'a', start: 'child', timeout: '${{ "soon" }}' },
      'DURATION_INVALID',
    ],
  ])('%s', ([, step, code, message]) => {
    const { failure } = run([step]).state
    expect({ code: failure?.code, message: failure?.message }).toEqual({ code, message: message ?? failure?.message })
  })
})

// Each letter takes two bytes: the text has no more characters than an expression may make, and more bytes than are kept.
const half = 'ü'.repeat(2_200_000)
const v = ['${{ input.half }}', '${{ input.half }}']

test('a step is not begun with a value that has more bytes than are kept, whatever it does', () => {
  const steps: Step[] = [
    { id: 'a', set: { v } },
    { id: 'b', uses: 'h', with: v },
    { id: 'c', emit: { signal: 's', data: v } },
    { id: 'd', call: 'child', with: { v } },
    { id: 'e', start: 'child', with: { v } },
    { id: 'f', forEach: { in: v }, do: [] },
    { id: 'g', repeat: { max: 1, initial: { v } }, do: [] },
  ]
  const world = run(
    steps.map((step) => ({ ...step, onFailure: 'continue' })),
    { half },
  )
  expect(told(world.journal)).toEqual([
    'run.created',
    ...steps.map(({ id }) => `step.failed ${id} PAYLOAD_TOO_LARGE`),
    'run.completed',
  ])
})

test('all that follows at once is decided in one go', () => {
  const world = run([
    { id: 'a', if: 'false', set: {} },
    { id: 'b', set: { v: '${{ input.none }}' }, onFailure: 'continue' },
    { id: 'm', initial: 'one', states: { one: { next: [{ to: 'two' }] }, two: {} } },
  ])
  expect(told(world.journal)).toEqual([
    'run.created',
    'step.skipped a CONDITION',
    'step.failed b MISSING_VALUE',
    'step.started m',
    'state.entered m 0',
    'state.entered m 1',
    'step.completed m',
    'run.completed',
  ])
  expect(world.batches).toHaveLength(1)
})

test('an attempt that is made again has the input and the key of the first, whatever they would be now', () => {
  const status = '${{ steps.b.status }}'
  const retry = { max: 1, delay: '0s' }
  const a = { id: 'a', uses: 'h', with: status, idempotencyKey: status, retry } as const
  const world = run([{ id: 'p', parallel: [a, { id: 'b', uses: 'h' }] }])
  world.complete('p/b')
  world.fail('p/a')
  world.wake()
  expect(world.attempts()).toMatchObject([{ path: 'p/a', attempt: 2, input: 'pending', key: 'pending' }])
  expect(world.journal.at(-1)).not.toHaveProperty('input')
})

describe('what takes back', () => {
  const failing: Step = { id: 'z', fail: { code: 'Z', message: 'no' } }

  test('a signal that was emitted sees that it was', () => {
    const undo = { uses: 'h', with: '${{ steps.a.status }}' }
    expect(run([{ id: 'a', emit: { signal: 's' }, undo }, failing]).attempts()).toMatchObject([{ input: 'completed' }])
  })

  test('a signal that is emitted may need what lives beside the journal', () => {
    const undo = { uses: 'h', with: '${{ size(input.big) }}' }
    const steps: Step[] = [{ id: 'w', uses: 'h' }, { id: 'a', emit: { signal: 's' }, undo }, failing]
    const world = run(steps, { big: 'x'.repeat(20_000) })
    world.crash()
    world.complete('w')
    expect(world.attempts()).toMatchObject([{ path: 'a.undo', input: 20_000 }])
  })

  test('is a workflow that is given what was known when the step ended', () => {
    const undo = { call: 'child', with: { n: '${{ item }}', v: '${{ input.big }}' } }
    const item: Step = { id: 'a', uses: 'h', undo }
    const steps: Step[] = [
      { id: 'l', forEach: { in: [7] }, do: [item] },
      { id: 'w', uses: 'h' },
    ]
    const world = run(steps, { big: 'x'.repeat(20_000) })
    world.complete('l[0]/a')
    world.crash()
    const events = world.fail('w')
    expect(told(events)).toContain('step.started l[0]/a.undo')
    expect(events.find(({ type }) => type === 'step.started')).toMatchObject({ inputBlob: { size: 20_021 } })
  })

  test('is not begun where its input could not be evaluated', () => {
    const undo = { call: 'child', with: { n: '${{ input.none }}' } }
    const world = run([{ id: 'a', set: {}, undo }, failing])
    expect(told(world.journal).at(-1)).toBe('step.blocked a.undo MISSING_VALUE')
  })

  test('is kept for 10,000 steps of a run, and no more are begun that would need it', () => {
    const items = Array.from({ length: 10_001 }, () => 0)
    const rest = { limits: { steps: 100_000 } }
    const a: Step = { id: 'a', set: {}, undo: { uses: 'h' } }
    const steps: Step[] = [{ id: 'l', forEach: { in: items, collect: true }, do: [a, { id: 'b', set: {} }] }]
    const world = new World(workflow([...steps, { id: 'w', uses: 'h' }], rest))
    const failed = world.journal.filter(({ type }) => type === 'step.failed')
    expect(failed).toMatchObject([
      {
        path: 'l[10000]/a',
        attempt: 0,
        failure: {
          code: 'LIMIT_EXCEEDED',
          message: 'the run keeps 10000 steps that may have to be taken back, its limit',
          retryable: false,
          details: { limit: 'undos', value: 10_000 },
        },
      },
    ])
    expect(world.attempts()).toMatchObject([{ path: 'w' }])
  })
})

test('a run that has started as many steps as it may says so', () => {
  const world = new World(
    workflow(
      [
        { id: 'a', set: {} },
        { id: 'b', set: {} },
      ],
      { limits: { steps: 1 } },
    ),
  )
  expect(world.state.blocked).toEqual({
    code: 'LIMIT_EXCEEDED',
    message: 'the run has started 1 steps, its limit',
    details: { limit: 'steps', value: 1 },
  })
})

test('a block inside of `finally` is free of limits too', () => {
  const finally_: Step[] = [{ id: 'c', do: [{ id: 'd', do: [{ id: 'e', set: {} }] }] }]
  const world = new World(workflow([{ id: 'a', set: {} }], { limits: { steps: 1 }, finally: finally_ }))
  expect(world.isOver).toBe(true)
})
