import type { Definition, Json, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'

/** The output of the last step, of whatever kind. */
function outputOf(steps: readonly Step[], rest: Partial<Definition> = {}): Json | undefined {
  const id = steps.at(-1)?.id ?? ''
  const value = `\${{ has(steps.${id}.output) ? steps.${id}.output : "none" }}`
  const world = new World(workflow(steps, { output: { it: { value } }, ...rest }))
  for (const { path } of world.attempts()) world.complete(path, { from: path })
  const { output, failure } = world.state
  return failure === undefined ? (output as { readonly it: Json }).it : failure.code
}

const set = (id: string, v: Json = id): Step => ({ id, set: { v } })

test.for<[string, Step, Json]>([
  ['a group gives the output of its last step', { id: 'b', do: [set('x'), set('y')] }, { v: 'y' }],
  [
    'a declared output sees the inside',
    { id: 'b', do: [set('x')], output: { got: '${{ steps.x.output.v }}' } },
    { got: 'x' },
  ],
  ['an empty list gives none', { id: 'b', do: [] }, 'none'],
  ['a skipped last step gives none', { id: 'b', do: [set('x'), { ...set('y'), if: false } as Step] }, 'none'],
  ['an `if` that holds gives that of `do`', { id: 'b', if: 'true', do: [set('x')], else: [set('y')] }, { v: 'x' }],
  [
    'an `if` that does not hold gives that of `else`',
    { id: 'b', if: false, do: [set('x')], else: [set('y')] },
    { v: 'y' },
  ],
  ['an `if` without `else` gives none', { id: 'b', if: 'false', do: [set('x')] }, 'none'],
  ['an `if` without `else` may declare one', { id: 'b', if: 'false', do: [set('x')], output: { v: 1 } }, { v: 1 }],
  ['a `match` gives that of its case', { id: 'b', match: '1 + 1', cases: { 2: [set('x')] } }, { v: 'x' }],
  [
    'a `match` without a fitting case gives that of `default`',
    { id: 'b', match: 'true', cases: { false: [] }, default: [set('y')] },
    { v: 'y' },
  ],
  ['a `match` without a fitting case and default fails', { id: 'b', match: 'null', cases: { a: [] } }, 'NO_MATCH'],
  ['a `match` of a list fails', { id: 'b', match: '[1]', cases: { a: [] } }, 'TYPE_MISMATCH'],
  ['a `match` that cannot be evaluated fails', { id: 'b', match: 'input.none', cases: { a: [] } }, 'MISSING_VALUE'],
  ['an `if` that cannot be evaluated fails', { id: 'b', if: 'input.none', do: [] }, 'MISSING_VALUE'],
  ['an `if` of another type fails', { id: 'b', if: '1', do: [] }, 'TYPE_MISMATCH'],
  [
    'a `parallel` gives what it declares',
    { id: 'b', parallel: [set('x'), set('y')], output: '${{ steps.x.output.v + steps.y.output.v }}' },
    'xy',
  ],
  ['a `parallel` without `output` gives none', { id: 'b', parallel: [set('x')] }, 'none'],
  [
    'a `try` that succeeds gives that of its body',
    { id: 'b', try: [set('x')], catch: [{ do: [set('y')] }], finally: [set('z')] },
    { v: 'x' },
  ],
  [
    'a `try` that catches gives that of the clause',
    {
      id: 'b',
      try: [{ id: 'x', fail: { code: 'X', message: 'm' } }],
      catch: [{ do: [set('y')] }],
      finally: [set('z')],
    },
    { v: 'y' },
  ],
  ['a declared output that fails, fails the block', { id: 'b', do: [], output: '${{ input.none }}' }, 'MISSING_VALUE'],
])('%s', ([, step, expected]) => {
  expect(outputOf([step])).toEqual(expected)
})

test.for<[string, Partial<Extract<Step, { forEach: unknown }>>, Json]>([
  ['gives what each item gives, in order', { do: [set('x', '${{ item }}')] }, [{ v: 'a' }, { v: 'b' }]],
  ['gives its declared output for each', { do: [], output: '${{ item + string(index) }}' }, ['a0', 'b1']],
  ['gives null for an item that gives none', { do: [] }, [null, null]],
  ['may name its item', { forEach: { in: ['a'], as: 'letter' }, do: [], output: '${{ letter }}' }, ['a']],
  ['takes an expression for its list', { forEach: { in: '${{ ["c"] }}' }, do: [], output: '${{ item }}' }, ['c']],
  ['gives an empty list for an empty one', { forEach: { in: [] }, do: [set('x')] }, []],
  ['fails where its list is none', { forEach: { in: '"abc"' } }, 'TYPE_MISMATCH'],
  ['fails where its list cannot be evaluated', { forEach: { in: 'input.none' } }, 'MISSING_VALUE'],
  ['fails where its concurrency is no count', { forEach: { in: ['a'], concurrency: '${{ 0 }}' } }, 'TYPE_MISMATCH'],
  ['fails with the failure of an item', { do: [{ id: 'x', fail: { code: 'X', message: 'm' } }] }, 'X'],
  ['fails where the output of an item fails', { do: [], output: '${{ item.none }}' }, 'EXPRESSION_TYPE'],
  [
    'collects successes and failures',
    {
      forEach: { in: ['a', 'b'], collect: true },
      do: [{ id: 'x', assert: 'item == "b"', message: 'no' }, set('y', '${{ item }}')],
    },
    [
      { ok: false, failure: { code: 'ASSERTION_FAILED', message: 'no', retryable: true } },
      { ok: true, output: { v: 'b' } },
    ],
  ],
  ['collects successes without output', { forEach: { in: ['a'], collect: true }, do: [] }, [{ ok: true }]],
])('a `forEach` %s', ([, rest, expected]) => {
  expect(outputOf([{ id: 'l', forEach: { in: ['a', 'b'] }, do: [], ...rest }])).toEqual(expected)
})

test('one item at a time unless `concurrency` says more; a failing item cancels its siblings', () => {
  const list = (concurrency?: number): World =>
    new World(
      workflow([
        {
          id: 'l',
          forEach: { in: [1, 2, 3], ...(concurrency === undefined ? {} : { concurrency }) },
          do: [{ id: 'x', uses: 'h' }],
        },
      ]),
    )
  expect(list().attempts()).toHaveLength(1)
  const world = list(2)
  expect(world.attempts()).toHaveLength(2)
  world.fail('l[0]/x', { code: 'FIRST' })
  expect(told(world.fail('l[1]/x'))).toEqual([
    'step.cancelled l[1]/x OOPS FIRST',
    'iteration.cancelled l 1',
    'step.failed l FIRST',
    'run.failed FIRST',
  ])
})

test('a `forEach` fails with its first failing item, and the others in the details', () => {
  const item = { id: 'x', try: [{ id: 'y', uses: 'h' }], finally: [{ id: 'z', uses: 'h' }] }
  const world = new World(workflow([{ id: 'l', forEach: { in: [1, 2], concurrency: 2 }, do: [item] }]))
  world.fail('l[0]/x/y', { code: 'FIRST' })
  world.fail('l[1]/x/y', { code: 'SECOND' })
  world.complete('l[0]/x/z')
  world.fail('l[1]/x/z', { code: 'THIRD' })
  expect(world.state.failure).toMatchObject({ code: 'FIRST' })
})

test.for<[string, Partial<Extract<Step, { repeat: unknown }>>, Json]>([
  ['fails with LOOP_EXHAUSTED at its bound', {}, 'LOOP_EXHAUSTED'],
  ['gives `onExhausted` at its bound', { onExhausted: { output: { n: 9 } } }, { n: 9 }],
  ['fails where `onExhausted` cannot be evaluated', { onExhausted: { output: '${{ input.none }}' } }, 'MISSING_VALUE'],
  ['ends when `until` holds, and gives the last iteration', { repeat: { max: 5, until: 'iteration == 1' } }, { v: 1 }],
  ['ends when `while` does not hold', { repeat: { max: 5, while: 'iteration < 3' } }, { v: 2 }],
  ['gives none where no iteration ran', { repeat: { max: 5, while: 'false' } }, 'none'],
  ['gives its declared output', { repeat: { max: 5, until: 'true' }, output: '${{ steps.x.output.v + 10 }}' }, 10],
  [
    'has a memory with `initial`',
    { repeat: { max: 3, while: 'previous.n < 2', initial: { n: 0 } }, output: { n: '${{ previous.n + 1 }}' } },
    { n: 2 },
  ],
  ['gives `initial` where no iteration ran', { repeat: { max: 0, while: 'false', initial: { n: 7 } } }, { n: 7 }],
  ['remembers what its last step gives', { repeat: { max: 2, until: 'true', initial: { v: 5 } } }, { v: 0 }],
  ['fails where `max` is no count', { repeat: { max: '${{ -1 }}' } }, 'TYPE_MISMATCH'],
  ['fails where `initial` cannot be evaluated', { repeat: { max: 1, initial: '${{ input.none }}' } }, 'MISSING_VALUE'],
  ['fails where `until` cannot be evaluated', { repeat: { max: 1, until: 'input.none' } }, 'MISSING_VALUE'],
  ['fails where `while` cannot be evaluated', { repeat: { max: 1, while: 'input.none' } }, 'MISSING_VALUE'],
  ['fails where `every` is no duration', { repeat: { max: 2, every: '${{ "now" }}' } }, 'DURATION_INVALID'],
  [
    'fails where its output cannot be remembered',
    { repeat: { max: 2, initial: {} }, output: '${{ input.none }}' },
    'MISSING_VALUE',
  ],
  [
    'fails with the failure of an iteration',
    { repeat: { max: 2 }, do: [{ id: 'x', fail: { code: 'X', message: '${{ 1 }}' } }] },
    'X',
  ],
])('a `repeat` %s', ([, rest, expected]) => {
  expect(outputOf([{ id: 'r', repeat: { max: 2 }, do: [set('x', '${{ iteration }}')], ...rest }])).toEqual(expected)
})

test('`every` is a pause between iterations, not before the first', () => {
  const world = new World(
    workflow([{ id: 'r', repeat: { max: 2, every: '1m', until: 'iteration == 1' }, do: [set('x')] }]),
  )
  const start = world.now
  expect(told(world.journal).at(-1)).toBe('timer.set r')
  world.wake()
  expect([world.isOver, world.now - start]).toEqual([true, 60_000])
})

test('`catch` takes the first clause that names the code, and sees the failure', () => {
  const steps: Step[] = [
    {
      id: 't',
      try: [{ id: 'x', fail: { code: 'B', message: 'm', data: { n: 1 } } }],
      catch: [
        { on: ['A'], do: [] },
        { on: ['B'], as: 'why', do: [set('y', '${{ why.code + string(why.details.n) }}')] },
      ],
    },
  ]
  expect(outputOf(steps)).toEqual({ v: 'B1' })
})

test('a failure that no clause names goes on', () => {
  expect(
    outputOf([{ id: 't', try: [{ id: 'x', fail: { code: 'B', message: 'm' } }], catch: [{ on: ['A'], do: [] }] }]),
  ).toBe('B')
})

test('a failure in a `catch` is that of the block, after `finally`', () => {
  const fail = (id: string, code: string): Step => ({ id, fail: { code, message: 'm' } })
  expect(outputOf([{ id: 't', try: [fail('x', 'A')], catch: [{ do: [fail('y', 'B')] }], finally: [set('z')] }])).toBe(
    'B',
  )
})

test('`catch` and `finally` read the steps of the body, and `finally` the failure', () => {
  const body: Step[] = [set('x'), { id: 'f', fail: { code: 'A', message: 'm' } }]
  const status = '${{ steps.x.status + steps.f.status + error.code }}'
  const world = new World(
    workflow([
      {
        id: 't',
        try: body,
        catch: [{ do: [{ id: 'y', uses: 'h', with: status }] }],
        finally: [{ id: 'z', uses: 'h', with: '${{ error }}' }],
      },
    ]),
  )
  expect(world.attempts()[0]?.input).toBe('completedfailedA')
  world.complete('t/y')
  expect(world.attempts()[0]?.input).toBeNull()
})

test.for<[string, Step, string]>([
  ['an assertion that fails quotes its expression', { id: 'a', assert: '1 > 2' }, '"1 > 2" is false'],
  ['an assertion that fails gives its message', { id: 'a', assert: 'false', message: 'so ${{ 1 }}' }, 'so 1'],
  ['a `fail` gives its message', { id: 'a', fail: { code: 'X', message: 'why ${{ 1 }}' } }, 'why 1'],
])('%s', ([, step, message]) => {
  expect(new World(workflow([step])).state.failure?.message).toBe(message)
})

test.for<[string, Step, string]>([
  ['a condition', { id: 'a', set: {}, if: 'input.none' }, 'MISSING_VALUE'],
  ['an input', { id: 'a', uses: 'h', with: '${{ input.none }}' }, 'MISSING_VALUE'],
  ['a timeout', { id: 'a', uses: 'h', timeout: '${{ "later" }}' }, 'DURATION_INVALID'],
  ['the timeout of a block', { id: 'a', do: [], timeout: '${{ 1 }}' }, 'DURATION_INVALID'],
  ['the timeout of a wait', { id: 'a', waitFor: { signal: 's' }, timeout: '${{ input.none }}' }, 'MISSING_VALUE'],
  ['a sleep', { id: 'a', sleep: '${{ input.none }}' }, 'MISSING_VALUE'],
  ['a value', { id: 'a', set: { v: '${{ input.none }}' } }, 'MISSING_VALUE'],
  ['an assertion', { id: 'a', assert: 'input.none' }, 'MISSING_VALUE'],
  ['the message of an assertion', { id: 'a', assert: 'false', message: '${{ input.none }}' }, 'MISSING_VALUE'],
  ['the message of a `fail`', { id: 'a', fail: { code: 'X', message: '${{ input.none }}' } }, 'MISSING_VALUE'],
  ['the data of a `fail`', { id: 'a', fail: { code: 'X', message: 'm', data: '${{ input.none }}' } }, 'MISSING_VALUE'],
  ['a concurrency', { id: 'a', parallel: [], concurrency: '${{ input.none }}' }, 'MISSING_VALUE'],
])('a step fails without an attempt where this cannot be evaluated: %s', ([, step, code]) => {
  const world = new World(workflow([step]))
  expect(world.journal.at(-2)).toMatchObject({ type: 'step.failed', attempt: 0, failure: { code } })
})

test('a step blocks without an attempt where `onFailure` says so, and may be tried again', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h', with: '${{ input.none }}', onFailure: 'block' }]))
  expect(told(world.journal).at(-1)).toBe('step.blocked a MISSING_VALUE')
  expect(told(world.send('segno.retry')).at(-1)).toBe('step.blocked a~2 MISSING_VALUE')
})

test('a failed step with `onFailure: continue` leaves its output missing and its failure readable', () => {
  const world = new World(
    workflow([{ id: 'a', uses: 'h', onFailure: 'continue' }], {
      output: { it: { value: '${{ [has(steps.a.output), steps.a.failure.code, steps.a.status] }}' } },
    }),
  )
  world.fail('a')
  expect(world.state.output).toEqual({ it: [false, 'OOPS', 'failed'] })
})

test('a step that has not begun is pending; one that waits or retries reads as the language says', () => {
  const seen = (id: string): Step => ({ id: `see_${id}`, uses: 'h', needs: ['go'], with: `\${{ steps.${id}.status }}` })
  const steps: Step[] = [{ id: 'w', sleep: '1h' }, { id: 'go', uses: 'h' }, seen('w')]
  const world = new World(workflow([{ id: 'p', parallel: steps }]))
  world.complete('p/go')
  expect(world.attempts()[0]?.input).toBe('waiting')
})

test('times, attempts and the run itself can be read', () => {
  const world = new World(
    workflow([{ id: 'a', uses: 'h', retry: { max: 1, delay: '1s', jitter: false } }], {
      output: {
        it: {
          value:
            '${{ [string(steps.a.attempts), string(steps.a.durationMs), steps.a.startedAt, run.startedAt, run.id] }}',
        },
      },
    }),
  )
  const start = new Date(world.now).toISOString()
  world.fail('a')
  world.wake()
  world.complete('a')
  expect(world.state.output).toEqual({ it: ['2', '1000', start, start, 'run'] })
})

test.for<[string, Partial<Definition>, string]>([
  ['does not fit its schema', { output: { n: { type: 'number', value: 'text' } } }, 'OUTPUT_INVALID'],
  ['is given by nothing', { output: { n: { type: 'number' } } }, 'OUTPUT_INVALID'],
  ['cannot be evaluated', { output: { n: { value: '${{ input.none }}' } } }, 'MISSING_VALUE'],
])('a run fails where its output %s', ([, rest, code]) => {
  expect(new World(workflow([set('a')], rest)).state.failure?.code).toBe(code)
})

test('a `return` has to give every output', () => {
  const output = { n: { type: 'number' }, m: { type: 'number', value: 1 } }
  expect(outputOf([{ id: 'r', return: { n: 1 } }], { output })).toBe('OUTPUT_INVALID')
  const world = new World(workflow([{ id: 'r', return: { n: 1, m: 2 } }], { output }))
  expect(world.state.output).toEqual({ n: 1, m: 2 })
})

test('a message quotes a long value in part', () => {
  const world = new World(workflow([{ id: 'l', forEach: { in: '"' + 'x'.repeat(100) + '"' }, do: [] }]))
  expect(world.state.failure?.message).toMatch(/^`in` gives "x{56}…; expected a list$/)
})

test('a block whose list was too long to keep, or whose memory was, fails with PAYLOAD_TOO_LARGE', () => {
  const input = { half: 'x'.repeat(5_000_000) }
  const both = '[input.half, input.half]'
  const codes = [
    { id: 'l', forEach: { in: both }, do: [] },
    { id: 'r', repeat: { max: 1, initial: `\${{ ${both} }}` }, do: [] },
    { id: 'u', uses: 'h', with: `\${{ ${both} }}` },
  ].map((step) => new World(workflow([step]), { input }).state.failure?.code)
  expect(codes).toEqual(['PAYLOAD_TOO_LARGE', 'PAYLOAD_TOO_LARGE', 'PAYLOAD_TOO_LARGE'])
})

test('a step whose retry cannot begin fails with the reason', () => {
  const timeout = '${{ steps.a.status == "pending" ? "1m" : "soon" }}'
  const world = new World(workflow([{ id: 'a', uses: 'h', timeout, retry: { max: 1, delay: '0s' } }]))
  world.fail('a')
  world.wake()
  expect(world.state.failure?.code).toBe('DURATION_INVALID')
})
