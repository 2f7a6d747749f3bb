import type { Failure } from '../failure.ts'
import type { Json } from '../json.ts'

/** What an expression reads from outside itself, with its place in the text. */
export interface Reference {
  /** The first name: `input`, `steps`, `item`, `previous`, `run`, … */
  readonly root: string
  /** The names that follow with `.name` or `["name"]`, as far as they are constant. */
  readonly path: readonly string[]
  /** Whether the reference is the argument of `has()`. */
  readonly guarded: boolean
  /** Offsets in the expression's own text, end exclusive (UTF-16 units). */
  readonly start: number
  readonly end: number
  /** Offsets of `root` and of each name of `path`, in the same order. */
  readonly names: readonly { readonly start: number; readonly end: number }[]
}

/** What `steps.<id>` shows. A field that is `undefined` is missing: `has()` is false and reading it fails. */
export interface StepView {
  readonly status: string
  readonly attempts?: number | undefined
  readonly output?: Json | undefined
  readonly failure?: Failure | undefined
  /** Of a process. */
  readonly exitCode?: number | undefined
  readonly startedAt?: string | undefined
  readonly durationMs?: number | undefined
}

/** Where an expression gets its values. Asked lazily: only what is read. */
export interface Scope {
  /** A variable by name, `undefined` when there is none. Never asked for `steps`. */
  variable(name: string): Json | undefined
  /** `steps.<id>`, `undefined` when no such step is in scope. */
  step(id: string): StepView | undefined
}

/** A parsed expression, ready to be evaluated any number of times. */
export interface Expression {
  readonly source: string
  readonly references: readonly Reference[]
  /**
   * The value, as JSON: timestamps and durations leave as text. It may be, or
   * hold, the very objects that the scope gave: nobody writes to them. Throws
   * `ExpressionError` where the expression fails, and what the scope throws.
   */
  evaluate(scope: Scope): Json
}

/** An expression that failed while it was evaluated; `failure` is what the journal keeps. */
export class ExpressionError extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failure.message)
    this.name = 'ExpressionError'
    this.failure = failure
  }
}

/** A mistake in the text of an expression or template. Offsets are in that text (UTF-16 units). */
export interface SyntaxMistake {
  readonly message: string
  readonly start: number
  readonly end: number
}

/** A reference of a template. Offsets are in the string that holds it. */
export interface TemplateReference extends Reference {
  /** JSON Pointer (RFC 6901) of that string, from the template's value. */
  readonly pointer: string
}

/** A JSON value with `${{ }}` in its strings, ready to be evaluated. */
export interface Template {
  /** Whether it has no `${{ }}`: then `evaluate` gives the same value each time. */
  readonly constant: boolean
  readonly references: readonly TemplateReference[]
  /** The value with each expression in its place. Throws what `Expression.evaluate` throws. */
  evaluate(scope: Scope): Json
}
