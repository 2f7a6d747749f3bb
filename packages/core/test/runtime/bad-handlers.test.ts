import type { Definition } from '@segno/schema/plan'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { HandlerDefinition, StandardSchema } from '../../src/runtime/handler.ts'
import { deaf, journalOf, oneStep, world } from './world.ts'

const guarded: Definition = {
  segno: 1,
  name: 'guarded',
  output: { after: { type: 'string', value: '${{ steps.after.output }}' } },
  steps: [
    { id: 'work', uses: 'work', onFailure: 'continue' },
    { id: 'after', uses: 'after' },
  ],
}

function cyclic(): Error {
  const error = new Error('first')
  error.cause = new Error('second', { cause: error })
  return error
}

describe('what a handler throws is the failure of its step', () => {
  const cases: readonly [what: string, thrown: unknown, failure: object][] = [
    ['an error', new Error('no ink'), { code: 'HANDLER_FAILED', message: 'no ink', retryable: true }],
    ['a text', 'no ink', { code: 'HANDLER_FAILED', message: 'the handler threw no ink' }],
    ['nothing', undefined, { code: 'HANDLER_FAILED', message: 'the handler threw undefined' }],
    ['a symbol', Symbol('ink'), { code: 'HANDLER_FAILED', message: 'the handler threw Symbol(ink)' }],
    [
      'an error with a code',
      Object.assign(new Error('x'), { code: 'NO_INK', retryable: false }),
      { code: 'NO_INK', retryable: false },
    ],
    [
      'an error with a code of another kind',
      Object.assign(new Error('x'), { code: 'ink-17' }),
      { code: 'HANDLER_FAILED' },
    ],
    [
      'an error with a cause',
      new Error('x', { cause: new Error('y') }),
      { cause: { code: 'HANDLER_FAILED', message: 'y' } },
    ],
    ['an error that causes itself', cyclic(), { cause: { message: 'second', cause: { message: 'first' } } }],
    ['an error with details', Object.assign(new Error('x'), { details: { page: 3 } }), { details: { page: 3 } }],
    [
      'an error with details that are no JSON',
      Object.assign(new Error('x'), { details: { f: () => 1 } }),
      { details: 'left out: f is a function' },
    ],
    [
      'an error with details that are too large',
      Object.assign(new Error('x'), { details: 'x'.repeat(20_000) }),
      { details: 'left out: too large' },
    ],
    ['an error that throws when it is read', unreadable(), { code: 'HANDLER_FAILED' }],
    ['half a character', new Error('a\ud800b'), { message: 'a\ufffdb' }],
    [
      'a long message',
      new Error('x'.repeat(100_000)),
      { message: expect.stringMatching(/^x{1000,10000}…$/) as unknown },
    ],
  ]
  test.for(cases)('%s', async ([, thrown, failure]) => {
    const { engine, failureOf } = world()
    await using throwing = engine({
      handlers: {
        work: () => {
          throw thrown
        },
      },
    })
    expect(await failureOf(throwing, oneStep())).toMatchObject(failure)
    await using rejecting = engine({ handlers: { work: () => Promise.reject(thrown as Error) } })
    expect(await failureOf(rejecting, oneStep())).toMatchObject(failure)
  })
})

function unreadable(): object {
  return new Proxy(new Error('x'), {
    get() {
      throw new Error('not yours')
    },
  })
}

describe('what a handler returns has to be JSON', () => {
  const selfContained: Record<string, unknown> = {}
  selfContained['self'] = selfContained
  const refused: readonly [what: string, returned: unknown, message: RegExp][] = [
    ['a function', () => 1, /it is a function/],
    ['a method', { a: { b: () => 1 } }, /a\.b is a function/],
    ['a Map', new Map([['a', 1]]), /it is a Map object/],
    ['a Set inside', { tags: new Set() }, /tags is a Set object/],
    ['a WeakMap', new WeakMap(), /it is a WeakMap object/],
    ['a promise inside', { a: Promise.resolve(1) }, /a is a promise that was not awaited/],
    ['a boxed number', { a: Object(1) as unknown }, /a is a Number object/],
    ['bytes', new Uint8Array(2), /it is binary data/],
    ['a regular expression', /x/, /it is a RegExp object/],
    ['NaN', { a: [1, Number.NaN] }, /a\.1 is NaN/],
    ['infinity', -Infinity, /it is -Infinity/],
    ['a bigint', { a: 1n }, /a is a bigint/],
    ['a symbol', Symbol('x'), /it is a symbol/],
    ['a cycle', selfContained, /part of itself/],
    ['undefined in a list', { a: [undefined] }, /a\.0 is undefined/],
    ['a hole in a list', { a: [, 1] }, /a\.0 is undefined/], // oxlint-disable-line no-sparse-arrays -- the hole is the case
    ['half a character', { a: 'x\ud800' }, /a is a text with half a surrogate pair/],
    ['half a character in a key', { 'x\udc00': 1 }, /it is an object with half a surrogate pair in a key/],
    ['a date that is none', new Date(Number.NaN), /it is an invalid date/],
    ['an object of another realm', runInNewContext('new Map()'), /it is a Map object/],
    ['an error', { a: new Error('x') }, /a is a Error object/],
  ]
  test.for(refused)('%s is refused', async ([, returned, message]) => {
    const { engine, failureOf } = world()
    await using returning = engine({ handlers: { work: () => returned } })
    const failure = await failureOf(returning, oneStep())
    expect(failure).toMatchObject({ code: 'OUTPUT_INVALID', retryable: false })
    expect(failure.message).toMatch(/what the handler of "work" returned/)
    expect(failure.message).toMatch(message)
  })

  test('an object that throws when it is read is refused', async () => {
    const { engine, failureOf } = world()
    const bad = {
      get page(): number {
        throw new Error('torn out')
      },
    }
    await using returning = engine({ handlers: { work: () => bad } })
    expect(await failureOf(returning, oneStep())).toMatchObject({ code: 'HANDLER_FAILED', message: 'torn out' })
    await using told = engine({
      handlers: {
        work: () => ({
          toJSON: () => {
            throw new Error('no')
          },
        }),
      },
    })
    expect(await failureOf(told, oneStep())).toMatchObject({ code: 'HANDLER_FAILED', message: 'no' })
  })

  test('more than 8 MiB are refused', async () => {
    const { engine, failureOf } = world()
    await using returning = engine({ handlers: { work: () => 'x'.repeat(20_000_000) } })
    expect(await failureOf(returning, oneStep())).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', retryable: false })
  })

  test('the copy is JSON', async () => {
    const { engine, resultOf } = world()
    const definition: Definition = {
      segno: 1,
      name: 'echo',
      output: { value: { value: '${{ steps.work.output }}' } },
      steps: [{ id: 'work', uses: 'work' }],
    }
    const at = new Date(Date.UTC(2026, 0, 2))
    const returned = { at, zero: -0, none: undefined, own: JSON.parse('{"__proto__":{"admin":true}}') as unknown }
    await using returning = engine({ handlers: { work: () => returned } })
    const result = await resultOf(returning, definition)
    const text = '{"at":"2026-01-02T00:00:00.000Z","zero":0,"own":{"__proto__":{"admin":true}}}'
    expect(JSON.stringify(result.status === 'completed' ? result.output['value'] : undefined)).toBe(text)
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
  })
})

describe('a handler keeps its contract', () => {
  const even: StandardSchema<number> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) =>
        typeof value === 'number' && value % 2 === 0
          ? { value }
          : { issues: [{ message: 'is not even', path: ['a', { key: 'b' }] }] },
    },
  }
  const broken: StandardSchema = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: () => {
        throw new Error('no opinion')
      },
    },
  }
  type Contract = Omit<HandlerDefinition<never, unknown>, 'input'> & { readonly input?: StandardSchema }
  const cases: readonly [what: string, handler: Contract, failure: object][] = [
    [
      'an output that its zod schema forbids',
      { output: z.object({ pages: z.number() }), perform: () => ({ pages: 'three' }) },
      {
        code: 'OUTPUT_INVALID',
        message: expect.stringMatching(/"work" returned does not fit: pages: .*number/) as unknown,
      },
    ],
    [
      'an output that a hand-written schema forbids',
      { output: even, perform: () => 3 },
      { code: 'OUTPUT_INVALID', message: 'what the handler of "work" returned does not fit: a.b: is not even' },
    ],
    [
      'an input that its schema forbids',
      { input: z.object({ name: z.string().min(1) }), perform: () => 1 },
      { code: 'INPUT_INVALID', message: expect.stringMatching(/the input of "work" does not fit: name: /) as unknown },
    ],
    ['a schema that throws', { output: broken, perform: () => 1 }, { code: 'HANDLER_FAILED', message: 'no opinion' }],
    [
      'an output that its schema makes something else than JSON of',
      { output: z.string().transform(() => new Map()), perform: () => 'x' },
      { code: 'OUTPUT_INVALID' },
    ],
  ]
  test.for(cases)('%s fails the step', async ([, work, failure]) => {
    const { engine, failureOf } = world()
    await using strict = engine({ handlers: { work } })
    expect(await failureOf(strict, oneStep({ with: { name: '' } }))).toMatchObject(failure)
  })

  test('what the step says of its output counts too', async () => {
    const { engine, failureOf } = world()
    await using strict = engine({ handlers: { work: () => ({ pages: 'three' }) } })
    const schema = { type: 'object', properties: { pages: { type: 'integer' } }, required: ['pages'] }
    const failure = await failureOf(strict, oneStep({ output: { schema } }))
    expect(failure).toMatchObject({ code: 'OUTPUT_INVALID', retryable: false })
    expect(failure.message).toMatch(/\/pages/)
  })
})

describe('a handler that does not end', () => {
  test('is told after its timeout, abandoned 5 s later, and tried again if the policy says so', async () => {
    const { engine, storage, clock, failureOf } = world()
    const heard: unknown[] = []
    await using hanging = engine({ handlers: { work: deaf(heard) } })
    const startedAt = clock.now()
    const failure = await failureOf(hanging, oneStep({ timeout: '10s', retry: { max: 1, delay: '1s', jitter: false } }))
    expect(failure).toMatchObject({ code: 'TIMEOUT' })
    expect(heard).toEqual(['TIMED_OUT', 'TIMED_OUT'])
    const [row] = (await storage.list({}, { limit: 1 })).runs
    const journal = (await journalOf(storage, row?.runId ?? '')).map(({ type, at }) => `${at - startedAt} ${type}`)
    expect(journal).toEqual([
      '0 run.created',
      '0 attempt.started',
      '10000 timer.fired',
      '15000 attempt.abandoned',
      '15000 attempt.failed',
      '16000 attempt.started',
      '26000 timer.fired',
      '31000 attempt.abandoned',
      '31000 step.failed',
      '31000 run.failed',
    ])
  })

  test('is abandoned when it ignores a cancel, and the run ends cancelled', async () => {
    const { engine, inTime, storage } = world()
    const heard: unknown[] = []
    await using hanging = engine({ handlers: { work: deaf(heard) } })
    const run = await hanging.start(oneStep())
    await run.cancel({ reason: 'enough' })
    expect(await inTime(run.result())).toEqual({ status: 'cancelled', reason: 'enough' })
    expect(heard).toEqual(['CANCELLED'])
    expect((await journalOf(storage, run.id)).map(({ type }) => type)).toContain('attempt.abandoned')
  })

  test('and ends after it was abandoned changes nothing any more', async () => {
    const { engine, clock, storage } = world()
    const ends: ((value: string) => void)[] = []
    await using hanging = engine({ handlers: { work: () => new Promise<string>((resolve) => ends.push(resolve)) } })
    const steps = [
      { id: 'work', uses: 'work', timeout: '1s', onFailure: 'continue' as const },
      { id: 'nap', sleep: '1h' },
    ]
    const run = await hanging.start({ segno: 1, name: 'late', steps })
    await clock.advanceBy(10_000)
    const { head } = await run.row()
    ends[0]?.('too late')
    await clock.advanceBy(10_000)
    expect(await run.row()).toMatchObject({ head, status: 'waiting' })
    expect((await journalOf(storage, run.id)).map(({ type }) => type)).toContain('attempt.abandoned')
  })
})

test('a step that goes wrong in any of these ways leaves the next step and other runs alone', async () => {
  const { engine, resultOf } = world()
  const bad: (() => unknown)[] = [
    () => Promise.reject(new Error('x')),
    () => () => 1,
    () => 'x'.repeat(20_000_000),
    () => new Promise(() => undefined),
  ]
  for (const work of bad) {
    await using one = engine({ handlers: { work, after: () => 'fine' } })
    const timed = { ...guarded, defaults: { timeout: '1s' } } as Definition
    const other = one.start(oneStep({ uses: 'after' }))
    expect(await resultOf(one, timed)).toEqual({ status: 'completed', output: { after: 'fine' } })
    expect((await (await other).result()).status).toBe('completed')
  }
})

test('a handler that changes its input changes neither the journal nor the input of the next attempt', async () => {
  const { engine, storage, resultOf } = world()
  const seen: string[] = []
  await using mutating = engine({
    handlers: {
      work: (_: unknown, input: { names: string[] }) => {
        seen.push(JSON.stringify(input))
        input.names.push('Eve')
        throw new Error('again')
      },
    },
  })
  const definition = oneStep({ with: { names: ['Ada'] }, retry: { max: 1, delay: '1s' } })
  await resultOf(mutating, definition)
  expect(seen).toEqual(['{"names":["Ada"]}', '{"names":["Ada"]}'])
  const [row] = (await storage.list({}, { limit: 1 })).runs
  expect(JSON.stringify(await journalOf(storage, row?.runId ?? ''))).not.toContain('Eve')
})
