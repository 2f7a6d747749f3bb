import type { StandardSchema } from '../runtime/handler.ts'

/** What a schema takes, before its own defaults and conversions. */
export type InputOf<S extends StandardSchema> = NonNullable<S['~standard']['types']>['input']

/** What a schema gives. */
export type OutputOf<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output']

/** Schemas by name, as the inputs of a workflow are written. */
export type Shape = Readonly<Record<string, StandardSchema>>

/** One schema of an object, or the schemas of its fields. */
export type Fielded = StandardSchema | Shape

/** What who fills in the fields has to give: those with a default may be left out. */
export type Filled<S> = S extends StandardSchema
  ? InputOf<S>
  : S extends Shape
    ? { readonly [K in keyof S as undefined extends InputOf<S[K]> ? never : K]: InputOf<S[K]> } & {
        readonly [K in keyof S as undefined extends InputOf<S[K]> ? K : never]?: InputOf<S[K]>
      }
    : never

/** What the fields hold once they are filled in: a field with a default is there, an optional one may be missing. */
export type Seen<S> = S extends StandardSchema
  ? SeenFields<InputOf<S>, OutputOf<S>>
  : S extends Shape
    ? { readonly [K in keyof S]: SeenField<InputOf<S[K]>, OutputOf<S[K]>> }
    : never

// Not over `keyof I` alone, which would keep the marks of optional fields.
type SeenFields<I, O> = { readonly [K in keyof I & string]: SeenField<I[K], K extends keyof O ? O[K] : unknown> }

// No conversion of a validator is applied to it: it is what came in. Defaults alone are.
type SeenField<I, O> = undefined extends O ? I : Exclude<I, undefined>

/** What has to be there under each name. */
export type Whole<S> = S extends StandardSchema
  ? InputOf<S>
  : S extends Shape
    ? { readonly [K in keyof S]: InputOf<S[K]> }
    : never
