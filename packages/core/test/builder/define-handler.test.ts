import { describe, expect, test } from 'vitest'
import { defineHandler } from '../../src/builder/define-handler.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import { handlerContracts } from '../../src/runtime/handler-contract.ts'
import type { AnyHandler, StandardSchema } from '../../src/runtime/handler.ts'
import { arktypeReserve, plainSchemas, valibotReserve, zodReserve } from './reservations.ts'

const handlers = { zod: zodReserve, valibot: valibotReserve, arktype: arktypeReserve }
const libraries = Object.keys(handlers) as (keyof typeof handlers)[]

/** What becomes of a run of one step that calls the handler. */
async function resultOf(reserve: AnyHandler, input: object): Promise<unknown> {
  await using engine = createEngine({ handlers: { reserve } })
  const run = await engine.start(
    {
      segno: 1,
      name: 'one',
      input: { any: {} },
      output: { got: { value: '${{ steps.one.output }}' } },
      steps: [{ id: 'one', uses: 'reserve', with: '${{ input.any }}' }],
    },
    { any: { ...input } },
  )
  const result = await run.result()
  return result.status === 'completed' ? result.output : result
}

const until = '2026-02-01T10:00:00.000Z'

describe('a handler with a schema of', () => {
  test.for(libraries)('%s gets its input converted, and steps get its output converted', async (library) => {
    const result = await resultOf(handlers[library], { sku: 'A17', count: 2, until })
    expect(result).toEqual({ got: { code: 'A17x2', until } })
  })

  test.for(libraries)('%s has defaults filled in', async (library) => {
    expect(await resultOf(handlers[library], { sku: 'A17', until })).toEqual({ got: { code: 'A17x1', until } })
  })

  test.for(libraries)('%s refuses an input that does not fit, for good', async (library) => {
    const message = expect.stringMatching(/^the input of "one" does not fit: count: /) as unknown
    const failure = { code: 'INPUT_INVALID', retryable: false, message }
    expect(await resultOf(handlers[library], { sku: 'A17', count: 0, until })).toMatchObject({ failure })
  })

  test.for(libraries)('%s refuses an output that does not fit, for good', async (library) => {
    const handler = handlers[library]
    const perform = (): unknown => ({ code: 'A', until: new Date(until) })
    const message = expect.stringMatching(/^what the handler of "one" returned does not fit: code: /) as unknown
    const failure = { code: 'OUTPUT_INVALID', retryable: false, message }
    expect(await resultOf({ ...handler, perform }, { sku: 'A17', until })).toMatchObject({ failure })
  })
})

function contractOf(reserve: AnyHandler): unknown {
  return handlerContracts({ handlers: { reserve } })[0]
}

describe('the contract of a handler tells the JSON Schema of', () => {
  test.for([
    ['zod', { type: 'number', minimum: 1, default: 1 }],
    ['valibot', { type: 'number', minimum: 1, default: 1 }],
    // It tells that the field may be left out, and not what stands there then.
    ['arktype', { type: 'number', minimum: 1 }],
  ] as const)('%s', ([library, count]) => {
    const properties = { sku: { type: 'string', minLength: 1 }, count }
    const handler = defineHandler({ name: 'reserve', input: plainSchemas[library] as StandardSchema }, () => null)
    expect(contractOf(handler)).toMatchObject({ input: { type: 'object', properties, required: ['sku'] } })
  })

  test('valibot only where the schema was made to tell it', () => {
    expect(contractOf(valibotReserve)).toMatchObject({
      untold: { input: 'its validator (valibot) gives no JSON Schema' },
    })
  })

  test('what a conversion gives only as far as the library knows', () => {
    expect(contractOf(zodReserve)).toMatchObject({
      input: { required: ['sku', 'until'] },
      untold: { output: 'its validator (zod) gives no JSON Schema: Transforms cannot be represented in JSON Schema' },
    })
    expect(contractOf(arktypeReserve)).toMatchObject({
      input: { required: ['sku', 'until'], properties: { until: { type: 'string' } } },
      output: { required: ['code', 'until'], properties: { code: { type: 'string' }, until: {} } },
    })
  })
})

describe('a handler that is defined', () => {
  test('has its name, its contract and its function', () => {
    expect(zodReserve).toMatchObject({ name: 'reserve', version: '1.1.0', effect: 'once' })
    expect(contractOf(zodReserve)).toMatchObject({ version: '1.1.0', effect: 'once' })
    expect(Object.isFrozen(zodReserve)).toBe(true)
  })

  test.for([
    ['a name that is a verb', { name: 'exec' }, 'that is a verb of the language'],
    ['a name that no step can call', { name: 'a b' }, 'no `uses` can name it'],
    ['a version that is none', { name: 'a', version: 'one' }, 'is not semantic'],
    ['an effect that there is not', { name: 'a', effect: 'twice' }, 'is none of pure, idempotent, once'],
    ['a schema that is none', { name: 'a', input: { type: 'string' } }, 'is not a Standard Schema'],
  ] as const)('cannot have %s', ([, header, words]) => {
    expect(() => defineHandler(header as { readonly name: string }, () => null)).toThrow(words)
  })
})
