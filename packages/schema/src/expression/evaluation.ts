import type { FailureCode } from '../failure.ts'
import { ExpressionError } from './expression.ts'
import type { Scope } from './expression.ts'
import { expressionLimits } from './limits.ts'
import type { Value } from './value.ts'

/**
 * One evaluation under way: where values come from, the variables that macros
 * bind, and what is left of the budget. An expression costs one unit for each
 * node of its syntax tree, a macro once more its body for each element, and
 * each function what it looks at: a unit for an element, one for 64 units of
 * text. Counting nodes while compiling keeps the count off the hot path.
 */
export class Evaluation {
  readonly scope: Scope
  readonly locals: Value[] = noLocals
  readonly #quote: string
  #left: number

  /** `quote` is the expression as messages quote it. */
  constructor(scope: Scope, quote: string, cost: number, localsCount: number) {
    this.scope = scope
    this.#quote = quote
    if (localsCount > 0) this.locals = []
    this.#left = expressionLimits.costMax - cost
  }

  charge(units: number): void {
    this.#left -= units
    if (this.#left < 0) {
      throw failed('EXPRESSION_COST', `${this.#quote}: costs more than ${expressionLimits.costMax} units to evaluate`)
    }
  }

  /** Charges for reading or making `length` units of text. */
  chargeText(length: number): void {
    this.charge(length >> 6)
  }

  /** Charges for making a string, before it is made: it might not fit into memory. */
  chargeNewText(length: number): void {
    if (length > expressionLimits.textMax) {
      throw failed(
        'EXPRESSION_COST',
        `${this.#quote}: makes a string longer than ${expressionLimits.textMax} characters`,
      )
    }
    this.chargeText(length)
  }
}

const noLocals: Value[] = []

/** An error for the caller to throw. No failure of an expression goes away by trying again. */
export function failed(code: FailureCode, message: string): ExpressionError {
  return new ExpressionError({ code, message, retryable: false })
}

/** An error for an operation that got a value of the wrong type; `quote` is the operation's text. */
export function mistyped(quote: string, message: string): Error {
  return failed('EXPRESSION_TYPE', `${quote}: ${message}`)
}

/** A text as messages show it: a value may be of any length. */
export function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

/** Whether `error` says that a value could not be had, which the other side of `&&` or `||` may make irrelevant. */
export function isAbsorbable(error: unknown): error is ExpressionError {
  return error instanceof ExpressionError && error.failure.code !== 'EXPRESSION_COST'
}
