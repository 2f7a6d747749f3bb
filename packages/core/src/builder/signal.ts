import type { JsonSchema } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { StandardSchema } from '../runtime/handler.ts'
import { jsonSchemaOf } from './json-schema-of.ts'
import type { InputOf } from './schema-types.ts'

// For the compiler alone.
declare const carries: unique symbol

/** A signal: its name, and the type of its data. */
export interface TypedSignal<out Data> {
  readonly name: string
  /** What its data have to be; others are ignored. */
  readonly schema?: JsonSchema
  readonly [carries]?: Data
}

/**
 * A signal that workflows wait for and hosts send. Data that do not fit `schema`
 * are recorded as ignored. Throws `ARGUMENT_INVALID` where the schema gives no JSON Schema.
 *
 * @example
 * ```ts
 * const approved = defineSignal('approved', z.object({ by: z.string() }))
 * // in a workflow: w.waitFor('approval', approved).by
 * // in the host: await run.signal(approved, { by: 'Ada' })
 * ```
 */
export function defineSignal<S extends StandardSchema>(name: string, schema: S): TypedSignal<InputOf<S>>
export function defineSignal<Data = null>(name: string): TypedSignal<Data>
export function defineSignal(name: string, schema?: StandardSchema): TypedSignal<unknown> {
  if (name === '') throw new SegnoError('ARGUMENT_INVALID', 'A signal has a name that is not empty')
  if (schema === undefined) return Object.freeze({ name })
  return Object.freeze({ name, schema: jsonSchemaOf(schema, `the signal ${JSON.stringify(name)}`) })
}
