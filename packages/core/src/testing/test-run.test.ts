import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineHandler } from '../builder/define-handler.ts'
import { defineWorkflow } from '../builder/define-workflow.ts'
import { SegnoError } from '../error.ts'
import { after, failure, hangs } from './mock.ts'
import { testRun } from './test-run.ts'

const dayMs = 24 * 3_600_000

const order: Definition = {
  segno: 1,
  name: 'order',
  input: { item: { type: 'string' } },
  output: { parcel: { type: 'string', value: '${{ steps.ship.output }}' } },
  steps: [
    {
      id: 'pay',
      uses: 'payments.charge@2',
      with: { item: '${{ input.item }}' },
      timeout: '1m',
      retry: { max: 2, delay: '10s', jitter: false },
      output: { schema: { type: 'object', properties: { charge: { type: 'string' } }, required: ['charge'] } },
    },
    { id: 'rest', sleep: '7d' },
    { id: 'ship', uses: 'ship', with: { charge: '${{ steps.pay.output.charge }}' } },
  ],
}
const input = { item: 'tea' }
const mocks = { pay: { charge: 'c1' }, ship: 'a parcel' }

function coded(code: string, message: RegExp): (error: unknown) => void {
  return (error) => {
    expect(SegnoError.is(error) && error.code).toBe(code)
    expect((error as Error).message).toMatch(message)
  }
}

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

test('a run of mocks is over at once, however long it sleeps', async () => {
  const run = await testRun(order, { input, mocks })

  expect([run.status, run.output, run.tookMs]).toEqual(['completed', { parcel: 'a parcel' }, 7 * dayMs])
  expect(run.calls).toEqual([
    { path: 'pay', attempt: 1, input: { item: 'tea' } },
    { path: 'ship', attempt: 1, input: { charge: 'c1' } },
  ])
  expect(run.events.at(-1)?.type).toBe('run.completed')
})

describe('a mock', () => {
  test('that is a function is told the input and the turn', async () => {
    const pay = ({ item }: { item: string }, turn: number) =>
      turn < 3 ? failure('DOWN') : { charge: `${item} ${turn}` }
    const run = await testRun(order, { input, mocks: { ...mocks, pay } })

    expect(run.callsOf('ship')).toEqual([{ path: 'ship', attempt: 1, input: { charge: 'tea 3' } }])
    expect(run.tookMs).toBe(7 * dayMs + 30_000)
  })

  test('fails the step with its code', async () => {
    const run = await testRun(order, { input, mocks: { pay: failure('REFUSED', { retryable: false, message: 'no' }) } })

    expect(run.failure).toMatchObject({ code: 'REFUSED', message: 'no' })
    expect(run.callsOf('pay')).toHaveLength(1)
  })

  test('that takes time takes it by the virtual clock, and one that hangs meets the timeout', async () => {
    const pay = (_: unknown, turn: number) => (turn === 1 ? hangs() : after('30s', { charge: 'late' }))
    const run = await testRun(order, { input, mocks: { ...mocks, pay } })

    expect([run.status, run.tookMs]).toEqual(['completed', 60_000 + 10_000 + 30_000 + 7 * dayMs])
  })

  test('of a step that there is not is refused, with the name that was meant', async () => {
    const error = await thrownBy(testRun(order, { input, mocks: { ...mocks, shipp: 1 } }))
    coded('MOCK_UNKNOWN', /no step "shipp" to mock; did you mean "ship"\?/)(error)
  })

  test('of a step that does no work is refused, and says what is given instead', async () => {
    const error = await thrownBy(testRun(order, { input, mocks: { ...mocks, rest: 1 } }))
    coded('MOCK_UNKNOWN', /"rest" does no work that could be mocked: time passes by itself/)(error)
  })

  test('whose output does not fit ends the test, whatever the workflow would catch', async () => {
    const error = await thrownBy(testRun(order, { input, mocks: { ...mocks, pay: { sum: 1 } } }))
    coded('MOCK_INVALID', /The mock of "pay" gives what does not fit/)(error)
  })
})

test('a step that has neither a mock nor a handler ends the test, and no event tells of it', async () => {
  const error = await thrownBy(testRun(order, { input, mocks: { pay: { charge: 'c1' } } }))
  coded('MOCK_MISSING', /"ship".*neither a mock nor a handler.*mocks: \{ 'ship': … \}/)(error)
})

test('a handler does what is not mocked, for real', async () => {
  const ship = async (): Promise<string> => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return 'a real parcel'
  }
  const run = await testRun(order, { input, mocks: { pay: { charge: 'c1' } }, handlers: { ship } })

  expect(run.output).toEqual({ parcel: 'a real parcel' })
})

test('a definition with mistakes is told as the engine tells it', async () => {
  const wrong = { segno: 1, name: 'wrong', steps: [{ id: 'a', uses: 'ship', nope: 1 }] } as unknown as Definition
  coded('DEFINITION_INVALID', /^The definition has errors:\n[^\n]*nope[^\n]*$/)(await thrownBy(testRun(wrong)))
})

describe('a run that waits', () => {
  const asking: Definition = {
    segno: 1,
    name: 'asking',
    output: { by: { type: 'string', value: '${{ steps.allowed.output.choice }}' } },
    steps: [
      { id: 'news', waitFor: { signal: 'news' } },
      { id: 'allowed', ask: { title: 'May it?', choices: ['yes', 'no'] } },
      { id: 'rest', sleep: '3d' },
      { id: 'end', waitFor: { signal: 'end' }, timeout: '30d' },
    ],
  }

  test('says for what, and goes on when it comes', async () => {
    const run = await testRun(asking)
    expect([run.status, run.waitsFor]).toEqual(['waiting', [{ path: 'news', for: 'signal', signal: 'news' }]])
    expect(run.tookMs).toBe(0)

    await run.signal('news', 1)
    expect(run.waitsFor).toMatchObject([{ path: 'allowed', for: 'answer', task: { title: 'May it?' } }])

    await run.answer('allowed', { choice: 'no' })
    expect([run.status, run.failure?.code, run.tookMs]).toEqual(['failed', 'TIMEOUT', 33 * dayMs])
  })

  test('gets its signals and answers when the test says so', async () => {
    const run = await testRun(asking, {
      signals: [{ name: 'news' }, { name: 'end', after: '5d' }],
      answers: { allowed: { choice: 'yes', by: 'ada', after: '1d' } },
    })
    expect([run.output, run.tookMs]).toEqual([{ by: 'yes' }, 5 * dayMs])
  })

  test('stands still where the test wants time to stand still', async () => {
    const run = await testRun(asking, {
      signals: [{ name: 'news' }],
      answers: { allowed: () => ({ choice: 'yes' }) },
      until: 0,
    })
    expect(run.waitsFor).toMatchObject([{ path: 'rest', for: 'time' }])
    await run.advanceBy('2d')
    expect([run.tookMs, run.waitsFor[0]?.path]).toEqual([2 * dayMs, 'rest'])
    await run.advanceBy('2d')
    expect([run.tookMs, run.waitsFor[0]?.path]).toEqual([4 * dayMs, 'end'])
    await run.signal('end')
    expect([run.status, run.tookMs]).toEqual(['completed', 4 * dayMs])
  })

  test('can be cancelled, and takes no answer that nobody asks for', async () => {
    const run = await testRun(asking)
    coded(
      'ARGUMENT_INVALID',
      /"allowed" asks nothing now; nobody is asked anything/,
    )(await thrownBy(run.answer('allowed', { choice: 'yes' })))
    await run.cancel()
    expect(run.status).toBe('cancelled')
  })
})

test('processes and requests are mocked like handlers, also inside of what is called and started', async () => {
  const inner: Definition = {
    segno: 1,
    name: 'inner',
    output: { lines: { type: 'integer', value: '${{ steps.count.output }}' } },
    steps: [{ id: 'count', exec: ['wc', '-l'], output: { from: 'json' } }],
  }
  const outer: Definition = {
    segno: 1,
    name: 'outer',
    imports: { inner },
    output: {
      all: { type: 'array', value: '${{ [steps.a.output.lines, steps.b.output.lines, steps.c.output.body.n] }}' },
    },
    steps: [
      { id: 'a', call: 'inner' },
      { id: 'b', start: 'inner' },
      { id: 'c', http: { method: 'GET', url: 'http://reports.example/n' } },
    ],
  }
  const run = await testRun(outer, { mocks: { 'a/count': 1, 'b/count': 2, c: { body: { n: 3 } } } })

  expect(run.output).toEqual({ all: [1, 2, 3] })
  expect(run.calls.map(({ path }) => path)).toEqual(['a/count', 'b/count', 'c'])
  expect(run.callsOf('c')[0]?.input).toMatchObject({ method: 'GET', url: 'http://reports.example/n' })
  expect(run.eventsOf('b').at(-1)?.type).toBe('run.completed')
})

test('what takes a step back is mocked by its own name', async () => {
  const definition: Definition = {
    segno: 1,
    name: 'back',
    steps: [
      {
        id: 'each',
        forEach: { in: '${{ [1, 2] }}' } as never,
        do: [{ id: 'take', uses: 'take', undo: { uses: 'give' } }],
      },
      { id: 'broken', fail: { code: 'BROKEN', message: 'it broke' } },
    ],
  }
  const run = await testRun(definition, { mocks: { 'each/take': 1, 'take.undo': null } })

  expect(run.failure?.code).toBe('BROKEN')
  expect(run.callsOf('take.undo').map(({ path }) => path)).toEqual(['each[1]/take.undo', 'each[0]/take.undo'])
})

test('a typed workflow has typed inputs and outputs, and its handlers lend the mocks their contracts', async () => {
  const charge = defineHandler(
    { name: 'charge', input: z.object({ item: z.string() }), output: z.object({ charge: z.string() }) },
    () => {
      throw new Error('the real one is not called')
    },
  )
  const typed = defineWorkflow('typed', { input: { item: z.string() }, output: { charge: z.string() } }, (w) => {
    const paid = w.step('pay', charge, { item: w.input.item })
    return { charge: paid.charge }
  })
  const run = await testRun(typed, { input, mocks: { pay: { charge: 'c1' } } })

  expect(run.output?.charge).toBe('c1')
  coded('MOCK_INVALID', /"pay"/)(await thrownBy(testRun(typed, { input, mocks: { pay: { charge: 1 } } })))
})
