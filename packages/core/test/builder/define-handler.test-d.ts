import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { defineHandler, type TypedHandler } from '../../src/builder/define-handler.ts'
import type { HandlerContext } from '../../src/runtime/handler.ts'
import { plainSchemas, zodReserve, type arktypeReserve, type valibotReserve } from './reservations.ts'

interface Given {
  sku: string
  count?: number | undefined
  until: string
}

interface Got {
  code: string
  until: string
}

describe('what steps write and read is known of a handler', () => {
  test('with a zod schema', () => {
    expectTypeOf(zodReserve).toExtend<TypedHandler<Given, Got>>()
    expectTypeOf<InputOf<typeof zodReserve>>().toEqualTypeOf<Given>()
    expectTypeOf<OutputOf<typeof zodReserve>>().toEqualTypeOf<Got>()
  })

  test('with a valibot schema', () => {
    expectTypeOf<InputOf<typeof valibotReserve>>().toEqualTypeOf<Given>()
    expectTypeOf<OutputOf<typeof valibotReserve>>().toEqualTypeOf<Got>()
  })

  test('with an arktype schema', () => {
    expectTypeOf<InputOf<typeof arktypeReserve>>().toEqualTypeOf<{ sku: string; count?: number; until: string }>()
    expectTypeOf<OutputOf<typeof arktypeReserve>>().toEqualTypeOf<Got>()
  })

  test('with no schema: what its function says', () => {
    const greet = defineHandler({ name: 'greet' }, async (context, input: { name: string }) => `Hello ${input.name}`)
    expectTypeOf<InputOf<typeof greet>>().toEqualTypeOf<{ name: string }>()
    expectTypeOf<OutputOf<typeof greet>>().toEqualTypeOf<string>()
  })
})

describe('the function of a handler', () => {
  test('gets what the schema of the input makes of it', () => {
    const { zod, valibot, arktype } = plainSchemas
    defineHandler({ name: 'a', input: zod }, (context, input) => {
      expectTypeOf(context).toEqualTypeOf<HandlerContext>()
      expectTypeOf(input).toEqualTypeOf<{ sku: string; count: number }>()
    })
    defineHandler({ name: 'a', input: valibot }, (context, input) => {
      expectTypeOf(input).toEqualTypeOf<{ sku: string; count: number }>()
    })
    defineHandler({ name: 'a', input: arktype }, (context, input) => {
      expectTypeOf(input).toEqualTypeOf<{ sku: string; count: number }>()
    })
  })

  test('does not compile where it returns what the schema of the output does not take', () => {
    // @ts-expect-error the output is a text
    defineHandler({ name: 'a', output: z.string() }, () => 1)
    // @ts-expect-error a field is missing
    defineHandler({ name: 'a', output: plainSchemas.valibot }, async () => ({ count: 1 }))
    // @ts-expect-error a field is missing
    defineHandler({ name: 'a', output: plainSchemas.arktype }, () => ({ count: 1 }))
  })

  test('does not compile where it reads what the schema of the input does not give', () => {
    // @ts-expect-error there is no `skus`
    defineHandler({ name: 'a', input: plainSchemas.arktype }, (context, input) => input.skus)
  })
})

type TypesOf<H> = H extends TypedHandler<infer Input, infer Output> ? { input: Input; output: Output } : never
type InputOf<H> = TypesOf<H>['input']
type OutputOf<H> = TypesOf<H>['output']
