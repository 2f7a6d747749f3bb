import { failed, mistyped } from './evaluation.ts'
import type { Evaluation } from './evaluation.ts'
import { typeName } from './value.ts'
import type { Value } from './value.ts'

/** Where a call stands, for messages. */
export interface CallPlace {
  readonly quote: string
  readonly name: string
}

/** A function of the language. The receiver of a method is its first operand. */
export interface FunctionRow {
  readonly form: 'function' | 'method' | 'either'
  readonly operandsMin: number
  readonly operandsMax: number
  /** Whether a timestamp or duration comes out. */
  readonly givesTime?: boolean
  apply(operands: readonly Value[], evaluation: Evaluation, place: CallPlace): Value
}

/** An error for a function that got what it does not take. */
export function refused(value: Value, expected: string, { quote, name }: CallPlace): Error {
  return mistyped(quote, `${name}() takes ${expected}, not a ${typeName(value)}`)
}

/** An error for a text that does not read as what a conversion makes of it. */
export function unreadable(text: string, expected: string, { quote }: CallPlace): Error {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text
  return failed('EXPRESSION_TYPE', `${quote}: ${JSON.stringify(shown)} is not ${expected}`)
}
