// For the compiler alone: no object has these fields.
declare const gives: unique symbol
declare const step: unique symbol
declare const secret: unique symbol
declare const guarded: unique symbol
declare const ends: unique symbol

/** An expression that gives a `T` when the run comes to it. */
export interface Expr<out T> {
  readonly [gives]: T
}

/**
 * A value of a run that is not there yet: an input, the output of a step, an
 * item. Its fields are those of `T`, and become parts of an expression. One that
 * may be null or missing has none, before `has`, `orElse` or their like.
 */
export type Ref<T> = Expr<T> & Fields<T>

/** The fields of a reference to an object. A list or a map by any key has none: `at` reads those. */
export type Fields<T> = [T] extends [readonly unknown[]]
  ? unknown
  : [T] extends [object]
    ? string extends keyof T
      ? unknown
      : FieldsOf<T, keyof T>
    : unknown

// Of a union, the fields that all of its parts have: over `keyof T` itself it would be one union of maps.
type FieldsOf<T, Keys extends keyof T> = { readonly [K in Keys]-?: Ref<T[K]> }

/** What a step gives. It stands for the step too: in `needs`, and for `stepOf`. */
export type StepRef<T> = Ref<T> & StepMark

/** A step, whatever it gives. */
export interface StepMark {
  readonly [step]: true
}

/** An expression of which one answer proves that a value is there: the branch that it leads to gets that value. */
export interface Guard<out T> extends Expr<boolean> {
  readonly [guarded]: T
}

/** A secret of the workflow, or a text with one in it: for `env`, `headers` and the input of a handler. */
export interface Secret {
  readonly [secret]: true
}

/** What a list of steps gives that never gets to its end: it fails, or returns. */
export interface Ended {
  readonly [ends]: true
}

/** A `T`, or what gives one: a reference in the place of it, or of any part of it. */
export type Given<T, Else = never> = Expr<T> | PlainGiven<T, Else>

/** The same, but for a reference in the place of the whole: a map of inputs has each of them written out. */
export type PlainGiven<T, Else = never> = T extends string
  ? T | Else
  : T extends number | boolean | null | undefined
    ? T
    : T extends readonly unknown[]
      ? { readonly [K in keyof T]: Given<T[K], Else> }
      : T extends object
        ? { readonly [K in keyof T]: Given<Exclude<T[K], undefined>, Else> }
        : T

/** A boolean, or an expression that gives one. */
export type Condition = Expr<boolean> | boolean

/** Any value, with references in it that are not missing. */
export type Value =
  | Expr<NonNullable<unknown> | null>
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly [key: string]: Value }

/**
 * What the callback of one branch among several may return. `L` stands for a literal in
 * it: where a parameter of its type is wanted, the compiler keeps each literal as such.
 */
export type Returning<L> =
  | L
  // Written like this, no literal is taken for a part of it.
  | (string & NonNullable<unknown>)
  | (number & NonNullable<unknown>)
  | boolean
  | null
  | undefined
  | void
  | Ended
  | Expr<unknown>
  | readonly Returning<L>[]
  | { readonly [key: string]: Returning<L> }

/** The type of what a value with references in it becomes; of any value at all, `unknown`. */
export type Out<V> = [Value] extends [V] ? unknown : OutOf<V>

// Of any value it has no end: that may be a list of any values.
type OutOf<V> =
  V extends Expr<unknown>
    ? V[typeof gives]
    : V extends string | number | boolean | null | undefined
      ? V
      : V extends object
        ? { -readonly [K in keyof V]: Out<V[K]> }
        : V

/** The type of what a block gives whose callback returns an `R`. */
export type BlockOut<R> = R extends Ended ? never : R extends void ? undefined : Out<R>
