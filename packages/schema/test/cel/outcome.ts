import { isDeepStrictEqual } from 'node:util'
import { ExpressionError } from '../../src/expression/expression.ts'
import type { Scope } from '../../src/expression/expression.ts'
import { parseExpression } from '../../src/expression/parse.ts'
import type { Json } from '../../src/json.ts'
import type { CelCase } from './suite.ts'

/** What becomes of the text of a case here. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'failure'; readonly code: string; readonly message: string }
  | { readonly kind: 'mistake'; readonly message: string }

/** Reads and evaluates the text of a case, or `text` in its place, with the variables of the case. */
export function outcomeOf(celCase: CelCase, text: string = celCase.text): Outcome {
  const parsed = parseExpression(text)
  if ('mistake' in parsed) return { kind: 'mistake', message: parsed.mistake.message }
  try {
    return { kind: 'value', value: parsed.expression.evaluate(scopeOf(celCase)) }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    return { kind: 'failure', code: error.failure.code, message: error.failure.message }
  }
}

function scopeOf({ bindings }: CelCase): Scope {
  return {
    variable: (name) => {
      const bound = Object.hasOwn(bindings, name) ? bindings[name] : undefined
      return bound !== undefined && 'json' in bound ? bound.json : undefined
    },
    step: () => undefined,
  }
}

/**
 * Whether that is what the case asks for: the same value, or a failure of the
 * same kind. Variables have to be JSON; what a case says of types by themselves
 * is not asked of an evaluation.
 */
export function agrees({ bindings, expected }: CelCase, outcome: Outcome): boolean {
  if (Object.values(bindings).some((bound) => 'unheld' in bound || bound.time)) return false
  if (expected.kind === 'type') return false
  if (expected.kind === 'error') return isThatError(expected.message, outcome)
  return 'json' in expected.value && outcome.kind === 'value' && isDeepStrictEqual(outcome.value, expected.value.json)
}

function isThatError(message: string, outcome: Outcome): boolean {
  if (outcome.kind === 'value') return false
  return errors.some(
    ({ says, codes, mistake }) =>
      says.test(message) &&
      (outcome.kind === 'failure' ? codes.includes(outcome.code) : mistake?.test(outcome.message) === true),
  )
}

/** The errors of the suite by their messages, and what they are here: a failure, or found before anything runs. */
const errors: readonly { readonly says: RegExp; readonly codes: readonly string[]; readonly mistake?: RegExp }[] = [
  { says: /undeclared reference|unknown variable|no such key/, codes: ['MISSING_VALUE'] },
  { says: /^index out of range|^invalid substring range|^invalid_argument$/, codes: ['MISSING_VALUE'] },
  { says: /unbound function/, codes: [], mistake: /^there is no function/ },
  { says: /repeated key/, codes: ['EXPRESSION_TYPE'], mistake: /is written twice$/ },
  { says: /^(divi|modulus)\w* by zero|overflow/, codes: ['ARITHMETIC'] },
  // A text that means no value in range does not read as a value.
  { says: /^range( error)?$/, codes: ['ARITHMETIC', 'EXPRESSION_TYPE'] },
  { says: /^Type conversion error$|field selection$|^invalid_argument$/, codes: ['EXPRESSION_TYPE'] },
  { says: /no.such.overload|no.matching.overload/, codes: ['EXPRESSION_TYPE'], mistake: /^\w+\(\) takes .* not \d+$/ },
  // The suite says these of `1 / 0` as well.
  { says: /^no matching overload$|^foo$/, codes: ['ARITHMETIC'] },
]
