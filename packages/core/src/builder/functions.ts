import type { StepFacts } from './facts.ts'
import type { TimeSpan, Timestamp } from './operators.ts'
import { stepNode } from './place.ts'
import type { Condition, Expr, Given, Out, Ref, StepMark, Value } from './reference.ts'
import { referenceOf, stepIdOf, toNode } from './reference-of.ts'
import { SegnoError } from '../error.ts'

type Text = Given<string>
type Num = Given<number>
type List<E> = Expr<readonly E[]>

/**
 * What is known of a step beside its output: its status, failure, attempts, exit code.
 * Its id will do where what its verb gave is out of reach.
 */
export function stepOf(step: StepMark | string): Ref<StepFacts> {
  const id = typeof step === 'string' ? step : stepIdOf(step)
  if (id === undefined)
    throw new SegnoError('ARGUMENT_INVALID', '`stepOf` takes what a verb of `w` gave, and no part of it')
  return referenceOf(stepNode(id))
}

/** An element of a list, counted from 0; or the value under a key of a map, which may be missing. */
export function at<E>(list: List<E>, index: Num): Ref<E>
export function at<E>(map: Expr<Readonly<Record<string, E>>>, key: Text): Ref<E | undefined>
export function at(of: unknown, index: unknown): Ref<unknown> {
  if (typeof index === 'string') return referenceOf({ kind: 'field', of: toNode(of), key: index })
  return referenceOf({ kind: 'index', of: toNode(of), index: toNode(index) })
}

/** Characters of a text, elements of a list, fields of a map. */
export function size(of: Expr<string | readonly unknown[] | object>): Expr<number> {
  return call('size', of)
}

/** A number cut off towards 0; a text of digits; the seconds of a timestamp. */
export function int(value: Num | Text | Expr<Timestamp>): Expr<number> {
  return call('int', value)
}

/** A number; a text in decimal notation. */
export function double(value: Num | Text): Expr<number> {
  return call('double', value)
}

/** The text of a text, number, boolean, timestamp or duration. */
export function string(value: Given<string | number | boolean>): Expr<string> {
  return call('string', value)
}

/** A boolean; the texts `true` and `false`. */
export function bool(value: Condition | Text): Expr<boolean> {
  return call('bool', value)
}

/** From RFC 3339 text, or whole seconds since 1970. */
export function timestamp(value: Text | Num): Expr<Timestamp> {
  return call('timestamp', value)
}

/** From text such as `1h30m`. */
export function duration(value: Text): Expr<TimeSpan> {
  return call('duration', value)
}

/** Whether a text is in another. */
export function contains(whole: Text, part: Text): Expr<boolean> {
  return method(whole, 'contains', part)
}

/** Whether a text begins with another. */
export function startsWith(whole: Text, part: Text): Expr<boolean> {
  return method(whole, 'startsWith', part)
}

/** Whether a text ends with another. */
export function endsWith(whole: Text, part: Text): Expr<boolean> {
  return method(whole, 'endsWith', part)
}

/** Where a text first is in another, or -1. */
export function indexOf(whole: Text, part: Text): Expr<number> {
  return method(whole, 'indexOf', part)
}

/** The part of a text from one position, up to another or its end. */
export function substring(whole: Text, from: Num, to?: Num): Expr<string> {
  return to === undefined ? method(whole, 'substring', from) : method(whole, 'substring', from, to)
}

/** The texts between each `separator`. */
export function split(whole: Text, separator: Text): Expr<string[]> {
  return method(whole, 'split', separator)
}

/** Texts put together, with `separator` between them. */
export function join(texts: Given<readonly string[]>, separator?: Text): Expr<string> {
  return separator === undefined ? method(texts, 'join') : method(texts, 'join', separator)
}

/** A text with another in the place of each `part`. */
export function replace(whole: Text, part: Text, by: Text): Expr<string> {
  return method(whole, 'replace', part, by)
}

/** A text without space around it. */
export function trim(whole: Text): Expr<string> {
  return method(whole, 'trim')
}

/** A text with small letters for A to Z. */
export function lowerAscii(whole: Text): Expr<string> {
  return method(whole, 'lowerAscii')
}

/** A text with capital letters for a to z. */
export function upperAscii(whole: Text): Expr<string> {
  return method(whole, 'upperAscii')
}

type TimeOnlyPart = 'FullYear' | 'Month' | 'Date' | 'DayOfMonth' | 'DayOfWeek' | 'DayOfYear'
type TimePart = 'Hours' | 'Minutes' | 'Seconds' | 'Milliseconds'

/** A part of a timestamp in UTC, as `getMonth` and its like give it; or all of a duration in a unit. */
export function timePart(time: Expr<Timestamp>, part: TimeOnlyPart | TimePart): Expr<number>
export function timePart(span: Expr<TimeSpan>, part: TimePart): Expr<number>
export function timePart(time: unknown, part: string): Expr<number> {
  return method(time, `get${part}`)
}

/** The value for each element. */
export function map<E, const R extends Value>(list: List<E>, give: (item: Ref<E>) => R): Ref<Out<R>[]> {
  return macro(list, 'map', give)
}

/** The elements for which a condition holds. */
export function filter<E>(list: List<E>, holds: (item: Ref<E>) => Condition): Ref<E[]> {
  return macro(list, 'filter', holds)
}

/** Whether a condition holds for each element; true for none. */
export function all<E>(list: List<E>, holds: (item: Ref<E>) => Condition): Expr<boolean> {
  return macro(list, 'all', holds)
}

/** Whether a condition holds for one element at least. */
export function exists<E>(list: List<E>, holds: (item: Ref<E>) => Condition): Expr<boolean> {
  return macro(list, 'exists', holds)
}

/** Whether a condition holds for exactly one element. */
export function existsOne<E>(list: List<E>, holds: (item: Ref<E>) => Condition): Expr<boolean> {
  return macro(list, 'exists_one', holds)
}

/** The keys of a map, sorted. */
export function keys(of: Expr<object>): Ref<string[]> {
  return macro<string, string[]>(of, 'map', (key) => key)
}

function call(name: string, ...given: readonly unknown[]): Expr<never> {
  return referenceOf<never>({ kind: 'call', name, given: given.map(toNode) })
}

function method(of: unknown, name: string, ...given: readonly unknown[]): Expr<never> {
  return referenceOf<never>({ kind: 'method', of: toNode(of), name, given: given.map(toNode) })
}

function macro<E, R>(of: unknown, name: string, give: (item: Ref<E>) => unknown): Ref<R> {
  const variable = Symbol('item')
  const body = toNode(give(referenceOf<E>({ kind: 'variable', id: variable })))
  return referenceOf({ kind: 'macro', of: toNode(of), name, variable, body })
}
