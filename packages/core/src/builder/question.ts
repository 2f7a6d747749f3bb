import type { InputProperty } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { inputProperties } from './json-schema-of.ts'
import type { Filled, Seen, Shape } from './schema-types.ts'

// For the compiler alone.
declare const takes: unique symbol
declare const gives: unique symbol

/** What a person may answer, and what a step gets of it. */
export interface TypedQuestion<out Answer, out Output> {
  readonly choices?: readonly string[]
  readonly form?: Readonly<Record<string, InputProperty>>
  readonly [takes]?: Answer
  readonly [gives]?: Output
}

/** What is kept of who answered. */
interface Answered {
  readonly by?: string
  /** RFC 3339, by the store's clock. */
  readonly at: string
  readonly comment?: string
}

/** What `ask` gives where people choose. */
export interface Choice<out C> extends Answered {
  readonly choice: C
}

/** What `ask` gives where people fill in a form. */
export interface FilledForm<out F> extends Answered {
  readonly form: F
}

/**
 * A question that steps ask and hosts answer: one of `choices`, or the fields of a
 * `form`. Throws `ARGUMENT_INVALID` where a field gives no JSON Schema.
 *
 * @example
 * ```ts
 * const verdict = defineQuestion({ choices: ['approve', 'reject'] })
 * // in a workflow: w.ask('review', verdict, { title: text`Pay ${w.input.amount}?` }).choice
 * // in the host: for (const task of await run.tasks(verdict)) await run.answer(task, { choice: 'approve' })
 * ```
 */
export function defineQuestion<const C extends string>(question: {
  readonly choices: readonly C[]
  readonly form?: never
}): TypedQuestion<{ readonly choice: C; readonly comment?: string }, Choice<C>>
export function defineQuestion<F extends Shape>(question: {
  readonly form: F
  readonly choices?: never
}): TypedQuestion<{ readonly form: Filled<F>; readonly comment?: string }, FilledForm<Seen<F>>>
export function defineQuestion(question: {
  readonly choices?: readonly string[]
  readonly form?: Shape
}): TypedQuestion<unknown, unknown> {
  const { choices, form } = question
  if (choices !== undefined) return Object.freeze({ choices: [...choices] })
  if (form !== undefined) return Object.freeze({ form: inputProperties(form, 'the form') })
  throw new SegnoError('ARGUMENT_INVALID', 'A question has either `choices` or a `form`')
}
