import { pointerKeys, validateJson } from '@segno/schema/plan'
import type { Json, JsonObject } from '@segno/schema/plan'
import type { StandardResult, StandardSchema } from '../runtime/handler.ts'

/** The type of what a simple JSON Schema takes; `unknown` where it says more than is read here. */
export type FromJsonSchema<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly anyOf: readonly (infer U)[] } | { readonly oneOf: readonly (infer U)[] }
      ? FromJsonSchema<U>
      : S extends { readonly type: readonly (infer T)[] }
        ? FromType<T, S>
        : S extends { readonly type: infer T }
          ? FromType<T, S>
          : unknown

type FromType<T, S> = T extends 'string' | 'path'
  ? string
  : T extends 'number' | 'integer'
    ? number
    : T extends 'boolean'
      ? boolean
      : T extends 'null'
        ? null
        : T extends 'array'
          ? S extends { readonly items: infer I }
            ? FromJsonSchema<I>[]
            : unknown[]
          : S extends { readonly properties: infer P }
            ? FromProperties<P, S extends { readonly required: readonly (infer R)[] } ? R : never>
            : Readonly<Record<string, unknown>>

type FromProperties<P, Required> = {
  readonly [K in keyof P as K extends Required ? K : never]: FromJsonSchema<P[K]>
} & {
  readonly [K in keyof P as K extends Required ? never : K]?: FromJsonSchema<P[K]>
}

type Taken<S> = S extends { readonly default: unknown } | { readonly optional: true }
  ? FromJsonSchema<S> | undefined
  : FromJsonSchema<S>

type Kept<S> = S extends { readonly optional: true } ? FromJsonSchema<S> | undefined : FromJsonSchema<S>

/**
 * A JSON Schema as it stands, as a validator: for all that the language knows, such as
 * `type: path`, `default` and `optional` of inputs, without another package. Types are
 * those of simple schemas.
 *
 * @example
 * ```ts
 * defineWorkflow('tidy', { input: { folder: json({ type: 'path', default: 'tmp' }) } }, (w) => …)
 * ```
 */
export function json<const S extends JsonObject>(schema: S): StandardSchema<Kept<S>, Taken<S>> {
  return jsonOf<never>(schema)
}

/** The same with a type that the compiler takes from you. */
export function jsonOf<T>(schema: JsonObject): StandardSchema<T, T> {
  const { default: byDefault, optional } = schema
  const validate = (value: unknown): StandardResult<never> => {
    const given = value === undefined ? byDefault : value
    if (given === undefined && optional === true) return { value: undefined as never }
    const misfits = given === undefined ? [{ path: '', message: 'it is missing' }] : validateJson(schema, given as Json)
    if (misfits.length === 0) return { value: given as never }
    return { issues: misfits.map(({ path, message }) => ({ message, path: pointerKeys(path) })) }
  }
  const give = (): JsonObject => schema
  const jsonSchema = { input: give, output: give }
  return { '~standard': { version: 1, vendor: 'segno', validate, jsonSchema } } as StandardSchema<T, T>
}
