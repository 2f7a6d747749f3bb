import type { Evaluation } from './evaluation.ts'
import { refused, unreadable } from './function-row.ts'
import type { CallPlace, FunctionRow } from './function-row.ts'
import { textFunctions } from './text-functions.ts'
import { timeFunctions } from './time-functions.ts'
import { TimeValue } from './time.ts'
import { isList, isMap, isSurrogate, keysOf } from './value.ts'
import type { Value } from './value.ts'

const one = { form: 'function', operandsMin: 1, operandsMax: 1 } as const

const conversions: Readonly<Record<string, FunctionRow>> = {
  size: { ...one, form: 'either', apply: ([value = null], evaluation, place) => sizeOf(value, evaluation, place) },
  int: { ...one, apply: ([value = null], _, place) => intOf(value, place) },
  double: { ...one, apply: ([value = null], evaluation, place) => doubleOf(value, evaluation, place) },
  string: { ...one, apply: ([value = null], _, place) => textOf(value, place) },
  bool: { ...one, apply: ([value = null], _, place) => boolOf(value, place) },
}

/** Every function by name. Macros and `has()` are not among them: they see their arguments' text. */
export const functions: ReadonlyMap<string, FunctionRow> = new Map(
  Object.entries({ ...conversions, ...textFunctions, ...timeFunctions }),
)

/** Functions that people know from elsewhere, and why they are not here. */
export const refusedFunctions: ReadonlyMap<string, string> = new Map([
  ['matches', 'a regular expression can take exponential time; use contains, startsWith, endsWith or split'],
  ['uint', 'there is one type of number'],
  ['bytes', 'every value is JSON'],
  ['type', 'compare values, or test with has()'],
  ['dyn', 'lists and maps may mix types as they are'],
  ['now', 'an expression gives the same value every time; a step has startedAt'],
])

function sizeOf(value: Value, evaluation: Evaluation, place: CallPlace): number {
  if (typeof value === 'string') {
    evaluation.chargeText(value.length)
    return countCharacters(value)
  }
  if (isList(value)) return value.length
  if (isMap(value)) return keysOf(evaluation, value).length
  throw refused(value, 'a string, a list or a map', place)
}

function countCharacters(text: string): number {
  let halves = 0
  for (let index = 0; index < text.length; index++) if (isSurrogate(text.charCodeAt(index))) halves++
  return halves === 0 ? text.length : Array.from(text).length
}

function intOf(value: Value, place: CallPlace): number {
  if (typeof value === 'number') return Math.trunc(value) + 0
  if (value instanceof TimeValue && value.kind === 'timestamp')
    return Math.floor(Number(value.nanos / 1_000_000n) / 1000)
  if (typeof value !== 'string') throw refused(value, 'a number, a string or a timestamp', place)
  const number = /^[+-]?\d{1,16}$/.test(value) ? Number(value) : NaN
  if (!Number.isSafeInteger(number)) throw unreadable(value, 'a whole number', place)
  return number + 0
}

function doubleOf(value: Value, evaluation: Evaluation, place: CallPlace): number {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') throw refused(value, 'a number or a string', place)
  evaluation.chargeText(value.length)
  const number = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,4})?$/.test(value) ? Number(value) : NaN
  if (!Number.isFinite(number)) throw unreadable(value, 'a number', place)
  return number + 0
}

function textOf(value: Value, place: CallPlace): string {
  if (value === null || isList(value) || isMap(value))
    throw refused(value, 'a string, number, bool, timestamp or duration', place)
  return String(value)
}

function boolOf(value: Value, place: CallPlace): boolean {
  if (typeof value === 'boolean') return value
  if (value === 'true') return true
  if (value === 'false') return false
  if (typeof value === 'string') throw unreadable(value, '"true" or "false"', place)
  throw refused(value, 'a bool or a string', place)
}
