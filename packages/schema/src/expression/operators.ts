import type { Code } from './compilation.ts'
import { failed, isAbsorbable, mistyped } from './evaluation.ts'
import type { Evaluation } from './evaluation.ts'
import { TimeValue, timeValue } from './time.ts'
import { equals, isList, isMap, order, own, typeName } from './value.ts'
import type { Value } from './value.ts'

type BinaryOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%'
type Binary = (quote: string, left: Code, right: Code) => Code

/** The code of each operator with two operands; `quote` is the operation's text, for messages. */
export const binary: Readonly<Record<BinaryOperator, Binary>> = {
  '==': (_, left, right) => (evaluation) => equals(evaluation, left(evaluation), right(evaluation)),
  '!=': (_, left, right) => (evaluation) => !equals(evaluation, left(evaluation), right(evaluation)),
  '<': (quote, left, right) => (evaluation) => ordered(evaluation, quote, left(evaluation), right(evaluation)) < 0,
  '<=': (quote, left, right) => (evaluation) => ordered(evaluation, quote, left(evaluation), right(evaluation)) <= 0,
  '>': (quote, left, right) => (evaluation) => ordered(evaluation, quote, left(evaluation), right(evaluation)) > 0,
  '>=': (quote, left, right) => (evaluation) => ordered(evaluation, quote, left(evaluation), right(evaluation)) >= 0,
  in: (quote, left, right) => (evaluation) => contains(evaluation, quote, left(evaluation), right(evaluation)),
  '+': (quote, left, right) => (evaluation) => add(evaluation, quote, left(evaluation), right(evaluation)),
  '-': (quote, left, right) => (evaluation) => subtract(quote, left(evaluation), right(evaluation)),
  '*': numeric('*', (left, right) => left * right),
  '/': numeric('/', (left, right) => left / right),
  '%': numeric('%', (left, right) => left % right),
}

export function not(quote: string, operand: Code): Code {
  return (evaluation) => {
    const value = operand(evaluation)
    if (typeof value !== 'boolean') throw mistyped(quote, `\`!\` takes a bool, not a ${typeName(value)}`)
    return !value
  }
}

export function negate(quote: string, operand: Code): Code {
  return (evaluation) => {
    const value = operand(evaluation)
    if (typeof value !== 'number') throw mistyped(quote, `\`-\` takes a number, not a ${typeName(value)}`)
    return finite(quote, -value)
  }
}

/**
 * `&&` and `||` as CEL has them: one side that decides makes the other's
 * failure irrelevant, whichever comes first. A budget that is used up is not a
 * failure of one side.
 */
export function logic(quote: string, operator: '&&' | '||', left: Code, right: Code): Code {
  const deciding = operator === '||'
  const bool = (value: Value): boolean => {
    if (typeof value === 'boolean') return value
    throw mistyped(quote, `\`${operator}\` takes bools, not a ${typeName(value)}`)
  }
  return (evaluation) => {
    let first: boolean
    try {
      first = bool(left(evaluation))
    } catch (error) {
      if (!isAbsorbable(error) || bool(right(evaluation)) !== deciding) throw error
      return deciding
    }
    return first === deciding ? deciding : bool(right(evaluation))
  }
}

/** JSON has neither infinities nor a negative zero. */
function finite(quote: string, value: number): number {
  if (!Number.isFinite(value)) throw failed('ARITHMETIC', `${quote}: the result is not a finite number`)
  return value + 0
}

function numeric(operator: string, calculate: (left: number, right: number) => number): Binary {
  return (quote, left, right) => (evaluation) => {
    const one = left(evaluation)
    const other = right(evaluation)
    if (typeof one !== 'number' || typeof other !== 'number') throw mismatched(quote, operator, one, other)
    return finite(quote, calculate(one, other))
  }
}

function ordered(evaluation: Evaluation, quote: string, left: Value, right: Value): number {
  const result = order(evaluation, left, right)
  if (result === undefined) throw mistyped(quote, `a ${typeName(left)} and a ${typeName(right)} have no order`)
  return result
}

function contains(evaluation: Evaluation, quote: string, needle: Value, haystack: Value): boolean {
  if (isMap(haystack)) return typeof needle === 'string' && own(haystack, needle) !== undefined
  if (!isList(haystack)) throw mistyped(quote, `after \`in\` stands a list or a map, not a ${typeName(haystack)}`)
  return haystack.some((element) => {
    evaluation.charge(1)
    return equals(evaluation, needle, element)
  })
}

function add(evaluation: Evaluation, quote: string, left: Value, right: Value): Value {
  if (typeof left === 'number' && typeof right === 'number') return finite(quote, left + right)
  if (typeof left === 'string' && typeof right === 'string') {
    evaluation.chargeNewText(left.length + right.length)
    return left + right
  }
  if (isList(left) && isList(right)) {
    evaluation.charge(left.length + right.length)
    return [...left, ...right]
  }
  if (left instanceof TimeValue && right instanceof TimeValue && !(isTimestamp(left) && isTimestamp(right))) {
    return inRange(quote, isTimestamp(left) || isTimestamp(right) ? 'timestamp' : 'duration', left.nanos + right.nanos)
  }
  throw mismatched(quote, '+', left, right)
}

function subtract(quote: string, left: Value, right: Value): Value {
  if (typeof left === 'number' && typeof right === 'number') return finite(quote, left - right)
  if (left instanceof TimeValue && right instanceof TimeValue && (isTimestamp(left) || !isTimestamp(right))) {
    return inRange(quote, left.kind === right.kind ? 'duration' : 'timestamp', left.nanos - right.nanos)
  }
  throw mismatched(quote, '-', left, right)
}

function isTimestamp(value: TimeValue): boolean {
  return value.kind === 'timestamp'
}

function inRange(quote: string, kind: TimeValue['kind'], nanos: bigint): TimeValue {
  const result = timeValue(kind, nanos)
  if (result === undefined) throw failed('ARITHMETIC', `${quote}: the result is outside the range of a ${kind}`)
  return result
}

function mismatched(quote: string, operator: string, left: Value, right: Value): Error {
  return mistyped(quote, `\`${operator}\` does not take a ${typeName(left)} and a ${typeName(right)}`)
}
