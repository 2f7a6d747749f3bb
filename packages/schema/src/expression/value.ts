import type { Json, JsonObject } from '../json.ts'
import { failed } from './evaluation.ts'
import type { Evaluation } from './evaluation.ts'
import { expressionLimits } from './limits.ts'
import { TimeValue } from './time.ts'

/** A value inside an expression: JSON, and what `timestamp()` and `duration()` give. */
export type Value = null | boolean | number | string | TimeValue | readonly Value[] | ValueMap

export interface ValueMap {
  readonly [key: string]: Value | undefined
}

export type TypeName = 'null' | 'bool' | 'number' | 'string' | 'timestamp' | 'duration' | 'list' | 'map'

export function typeName(value: Value): TypeName {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'string') return 'string'
  if (value instanceof TimeValue) return value.kind
  return isList(value) ? 'list' : 'map'
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function isMap(value: Value): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof TimeValue)
}

/** A map's own field: what an object inherits is never a value of the language. */
export function own(map: ValueMap, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

/** The keys of the fields that exist; one that is `undefined` does not. */
export function keysOf(evaluation: Evaluation, map: ValueMap): readonly string[] {
  const keys = Object.keys(map)
  evaluation.charge(keys.length)
  return keys.filter((key) => map[key] !== undefined)
}

/** Deep equality over any two values; values of different types are not equal. */
export function equals(evaluation: Evaluation, left: Value, right: Value, depth = 0): boolean {
  if (typeof left === 'string') {
    if (typeof right !== 'string' || left.length !== right.length) return false
    evaluation.chargeText(left.length)
    return left === right
  }
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (left instanceof TimeValue || right instanceof TimeValue) {
    if (!(left instanceof TimeValue && right instanceof TimeValue)) return false
    return left.kind === right.kind && left.nanos === right.nanos
  }
  if (depth > expressionLimits.valueDepthMax) throw tooDeep()
  if (isList(left)) return isList(right) && equalLists(evaluation, left, right, depth)
  return !isList(right) && equalMaps(evaluation, left, right, depth)
}

function equalLists(evaluation: Evaluation, left: readonly Value[], right: readonly Value[], depth: number): boolean {
  if (left.length !== right.length) return false
  return left.every((element, index) => {
    evaluation.charge(1)
    const other = right[index]
    return other !== undefined && equals(evaluation, element, other, depth + 1)
  })
}

function equalMaps(evaluation: Evaluation, left: ValueMap, right: ValueMap, depth: number): boolean {
  const keys = keysOf(evaluation, left)
  if (keys.length !== keysOf(evaluation, right).length) return false
  return keys.every((key) => {
    const one = own(left, key)
    const other = own(right, key)
    return one !== undefined && other !== undefined && equals(evaluation, one, other, depth + 1)
  })
}

/** Less than, equal or greater as a number, or `undefined` where the two have no order. */
export function order(evaluation: Evaluation, left: Value, right: Value): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left === 'string' && typeof right === 'string') {
    evaluation.chargeText(Math.min(left.length, right.length))
    return orderByCodePoint(left, right)
  }
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right)
  if (left instanceof TimeValue && right instanceof TimeValue && left.kind === right.kind) {
    return left.nanos < right.nanos ? -1 : left.nanos > right.nanos ? 1 : 0
  }
  return undefined
}

// JavaScript orders by UTF-16 unit, which puts U+10000 and above before U+E000.
function orderByCodePoint(left: string, right: string): number {
  if (left === right) return 0
  const length = Math.min(left.length, right.length)
  let index = 0
  while (index < length && left.charCodeAt(index) === right.charCodeAt(index)) index++
  if (index === length) return left.length - right.length
  const one = left.charCodeAt(index)
  const other = right.charCodeAt(index)
  return isSurrogate(one) === isSurrogate(other) ? one - other : isSurrogate(one) ? 1 : -1
}

/** Whether a UTF-16 unit is half of a character. */
export function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}

/** The value as it leaves an expression: timestamps and durations as text. */
export function toJson(evaluation: Evaluation, value: Value, depth = 0): Json {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof TimeValue) return value.toString()
  if (depth > expressionLimits.valueDepthMax) throw tooDeep()
  if (isList(value)) {
    evaluation.charge(value.length)
    return value.map((element) => toJson(evaluation, element, depth + 1))
  }
  return Object.fromEntries(
    keysOf(evaluation, value).map((key) => [key, toJson(evaluation, own(value, key) ?? null, depth + 1)]),
  )
}

/**
 * Whether the JSON of `value` is longer than `textMax`. A value may hold another
 * many times at no cost, and thus be far larger as text than what made it: looking
 * ends as soon as the answer is known.
 */
export function isLargerThan(value: Json, textMax: number): boolean {
  const pending: Whole[] = []
  let left = textMax - lengthOf(value, pending)
  for (let whole = pending.pop(); whole !== undefined && left >= 0; whole = pending.pop()) {
    left -= partsLength(whole, pending)
  }
  return left < 0
}

type Whole = readonly Json[] | JsonObject

/** The length of a value's JSON; a list or map counts as two and is left to be looked at. */
function lengthOf(value: Json, pending: Whole[]): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 1
  pending.push(value)
  return 2
}

function partsLength(whole: Whole, pending: Whole[]): number {
  let length = 0
  if (isJsonList(whole)) {
    for (const element of whole) length += lengthOf(element, pending) + 1
    return length
  }
  for (const key of Object.keys(whole)) {
    const part = whole[key]
    if (part !== undefined) length += key.length + 4 + lengthOf(part, pending)
  }
  return length
}

function isJsonList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function tooDeep(): Error {
  return failed('EXPRESSION_COST', `A value nests deeper than ${expressionLimits.valueDepthMax} levels.`)
}
