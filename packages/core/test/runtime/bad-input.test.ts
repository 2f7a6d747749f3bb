import type { Definition, JsonObject } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { SegnoError } from '../../src/error.ts'
import type { ErrorCode } from '../../src/error.ts'
import type { EngineOptions, StartOptions, Workflow } from '../../src/runtime/engine-options.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import { oneStep, world } from './world.ts'

const typed: Definition = {
  segno: 1,
  name: 'typed',
  input: { name: { type: 'string' }, pages: { type: 'integer', default: 1 }, note: { type: 'string', optional: true } },
  output: { name: { type: 'string', value: '${{ input.name }}' } },
  steps: [{ id: 'done', set: {} }],
}

async function refusal(promise: Promise<unknown>, code: ErrorCode): Promise<SegnoError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!SegnoError.is(error, code)) throw new Error(`expected ${code}, got ${String(error)}`, { cause: error })
  return error
}

describe('an input that does not fit is refused before anything is written', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic['name'] = cyclic
  const cases: readonly [what: string, input: unknown, message: RegExp][] = [
    ['a missing one', {}, /the input "name" is missing/],
    ['one of the wrong type', { name: 3 }, /the input "name".*(string|text)/],
    ['an unknown one', { name: 'x', nmae: 'y' }, /there is no input "nmae" \(.*name/],
    ['a list', [1], /object/],
    ['null', null, /object/],
    ['a text', 'name=x', /object/],
    ['a function', { name: () => 1 }, /name is a function/],
    ['half a character', { name: '\ud800' }, /name is a text with half a surrogate pair/],
    ['itself', cyclic, /part of itself/],
    ['20 MB', { name: 'x'.repeat(20_000_000) }, /too large/],
    [
      'one that throws when it is read',
      {
        get name(): string {
          throw new Error('no')
        },
      },
      /cannot be read/,
    ],
  ]
  test.for(cases)('%s', async ([, input, message]) => {
    const { engine, storage } = world()
    await using one = engine()
    const error = await refusal(one.start(typed, input as JsonObject), 'INPUT_INVALID')
    expect(error.message).toMatch(message)
    expect((await storage.list({}, { limit: 1 })).runs).toEqual([])
  })

  test('all that is wrong is told at once', async () => {
    const { engine } = world()
    await using one = engine()
    const error = await refusal(one.start(typed, { pages: 'two', nmae: 'x' }), 'INPUT_INVALID')
    expect(error.details).toMatchObject([{ kind: 'unknown' }, { kind: 'missing' }, { kind: 'misfit' }])
  })

  test('keys called __proto__ stay data', async () => {
    const { engine, resultOf } = world()
    await using one = engine()
    const open: Definition = {
      ...typed,
      input: { name: { type: 'object' } },
      output: { name: { type: 'object', value: '${{ input.name }}' } },
    }
    const result = await resultOf(one, open, JSON.parse('{"name":{"__proto__":{"admin":true}}}') as JsonObject)
    expect(JSON.stringify(result)).toContain('{"__proto__":{"admin":true}}')
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
  })
})

describe('a start that cannot be is refused', () => {
  const cyclic: Record<string, unknown> = { segno: 1, name: 'x' }
  cyclic['x-self'] = cyclic
  const cases: readonly [what: string, workflow: unknown, options: StartOptions, code: ErrorCode, message: RegExp][] = [
    ['of a handler that nobody has', oneStep({ uses: 'wrok' }), {}, 'DEFINITION_INVALID', /"wrok"/],
    ['of a definition that holds itself', cyclic, {}, 'DEFINITION_INVALID', /NOT_JSON|TOO_DEEP/],
    ['of an object that is no definition', { hello: 1 }, {}, 'DEFINITION_INVALID', /MISSING_KEY[^]*UNKNOWN_KEY/],
    ['of a text', 'segno: 1', {}, 'DEFINITION_INVALID', /definition/],
    ['of nothing', undefined, {}, 'DEFINITION_INVALID', /definition/],
    ['of null', null, {}, 'DEFINITION_INVALID', /definition/],
    ['of a workflow without a definition', { definition: null, hash: 'x' }, {}, 'DEFINITION_INVALID', /definition/],
    [
      'of a workflow whose definition is none',
      { definition: { steps: 3 }, hash: 'x' },
      {},
      'DEFINITION_INVALID',
      /steps/,
    ],
    [
      'of a workflow under the name of another',
      { definition: oneStep(), hash: 'f'.repeat(64) },
      {},
      'DEFINITION_INVALID',
      /hash/,
    ],
    ['with an id that is empty', oneStep(), { id: '' }, 'ARGUMENT_INVALID', /run id ""/],
    ['with an id that is a path', oneStep(), { id: '../x' }, 'ARGUMENT_INVALID', /run id "\.\.\/x"/],
    ['with an id that is too long', oneStep(), { id: 'x'.repeat(65) }, 'ARGUMENT_INVALID', /run id/],
    ['with a key that is empty', oneStep(), { idempotencyKey: '' }, 'ARGUMENT_INVALID', /idempotencyKey/],
    ['with labels that are no texts', oneStep(), { labels: { team: 3 } as never }, 'ARGUMENT_INVALID', /label "team"/],
  ]
  test.for(cases)('%s', async ([, workflow, options, code, message]) => {
    const { engine, storage } = world()
    await using one = engine({ handlers: { work: () => 1 } })
    const error = await refusal(one.start(workflow as Workflow, {}, options), code)
    expect(error.message).toMatch(message)
    expect((await storage.list({}, { limit: 1 })).runs).toEqual([])
  })

  test('the same definition as an object and as a workflow is one plan', async () => {
    const { engine, storage } = world()
    await using one = engine({ handlers: { work: () => 1 } })
    const { planHash } = await import('@segno/schema/plan')
    const first = await one.start(oneStep())
    const second = await one.start({ definition: oneStep(), hash: planHash(oneStep()) })
    const rows = await Promise.all([storage.row(first.id), storage.row(second.id)])
    expect(rows[0]?.plan).toBe(rows[1]?.plan)
  })
})

describe('an engine that cannot be is refused', () => {
  const cases: readonly [what: string, options: unknown, message: RegExp][] = [
    ['with a handler that is none', { handlers: { work: 'x' } }, /"work" is neither a function/],
    ['with a handler that is null', { handlers: { work: null } }, /"work" is neither a function/],
    [
      'with a contract that is no Standard Schema',
      { handlers: { work: { input: { type: 'object' }, perform: () => 1 } } },
      /`input` of the handler "work"/,
    ],
    ['with no room for attempts', { limits: { attempts: 0 } }, /`limits.attempts`/],
    ['with a part of an attempt', { limits: { attempts: 1.5 } }, /`limits.attempts`/],
    ['with leases that last no time', { limits: { leaseMs: 0 } }, /`limits.leaseMs`/],
    ['with leases that never end', { limits: { leaseMs: Infinity } }, /`limits.leaseMs`/],
  ]
  test.for(cases)('%s', ([, options, message]) => {
    expect(() => createEngine(options as EngineOptions)).toThrow(message)
    expect(() => createEngine(options as EngineOptions)).toThrow(
      expect.toSatisfy((error: unknown) => SegnoError.is(error, 'ARGUMENT_INVALID')) as Error,
    )
  })
})

describe('an expression that goes wrong fails where it stands', () => {
  const list = Array.from({ length: 2000 }, (_, index) => index)
  const long = 'size(input.list.filter(a, input.list.all(b, a + b >= 0)))'
  const expressions: readonly [what: string, expression: string, code: string][] = [
    ['divides by zero', '1 / (size(input.list) - 2000)', 'ARITHMETIC'],
    ['reads what is missing', 'input.anything.nothing', 'MISSING_VALUE'],
    ['runs long', long, 'EXPRESSION_COST'],
  ]
  const places: readonly [place: string, definition: (expression: string) => object][] = [
    ['with', (e) => ({ steps: [{ id: 'a', uses: 'work', with: { x: `\${{ ${e} }}` } }] })],
    ['if', (e) => ({ steps: [{ id: 'a', uses: 'work', if: `(${e}) == 1` }] })],
    ['forEach.in', (e) => ({ steps: [{ id: 'a', forEach: { in: `[${e}]` }, do: [{ id: 'b', uses: 'work' }] }] })],
    [
      'until',
      (e) => ({ steps: [{ id: 'a', repeat: { max: 2, until: `(${e}) == 1` }, do: [{ id: 'b', uses: 'work' }] }] }),
    ],
    ['output', (e) => ({ output: { x: { value: `\${{ ${e} }}` } }, steps: [{ id: 'done', set: {} }] })],
  ]
  const cases = expressions.flatMap(([what, e, code]) =>
    places.map(([place, definition]) => [what, place, code, definition(e)] as const),
  )
  test.for(cases)('%s in `%s`: %s', async ([, , code, parts]) => {
    const { engine, failureOf, resultOf } = world()
    await using one = engine({ handlers: { work: () => 1 } })
    const input = { list: { type: 'array' }, anything: {} }
    const definition = { segno: 1, name: 'x', input, ...parts } as unknown as Definition
    const failure = await failureOf(one, definition, { list, anything: {} })
    expect(failure.code).toBe(code)
    // The text says which expression it was; the event before says at which step.
    expect(failure.message).toContain('input.')
    expect((await resultOf(one, oneStep())).status).toBe('completed')
  })
})
