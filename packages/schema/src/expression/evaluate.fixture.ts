import type { Failure } from '../failure.ts'
import type { Json } from '../json.ts'
import { ExpressionError } from './expression.ts'
import type { Expression, Scope, StepView, SyntaxMistake } from './expression.ts'
import { parseExpression } from './parse.ts'

/** A scope over plain objects, for tests. */
export function scopeOf(
  variables: Readonly<Record<string, Json>> = {},
  steps: Readonly<Record<string, StepView>> = {},
): Scope {
  return {
    variable: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
    step: (id) => (Object.hasOwn(steps, id) ? steps[id] : undefined),
  }
}

export function expressionOf(text: string): Expression {
  const parsed = parseExpression(text)
  if ('mistake' in parsed) throw new Error(`${text}: ${parsed.mistake.message}`)
  return parsed.expression
}

export function mistakeOf(text: string): SyntaxMistake {
  const parsed = parseExpression(text)
  if ('mistake' in parsed) return parsed.mistake
  throw new Error(`${text} has no mistake`)
}

export function valueOf(text: string, scope: Scope = scopeOf()): Json {
  return expressionOf(text).evaluate(scope)
}

export function failureOf(text: string, scope: Scope = scopeOf()): Failure {
  return failureWhen(() => valueOf(text, scope))
}

/** The failure that `act` ends in. */
export function failureWhen(act: () => unknown): Failure {
  try {
    act()
  } catch (error) {
    if (error instanceof ExpressionError) return error.failure
    throw error
  }
  throw new Error('nothing failed')
}
