import { provenBy } from './node.ts'
import type { BinaryOperator } from './node.ts'
import type { Condition, Expr, Given, Guard, Out, Ref, Value } from './reference.ts'
import { referenceOf, toNode } from './reference-of.ts'

/** A point in time, inside of an expression; it leaves one as text. */
export type Timestamp = string & { readonly '~time': 'timestamp' }

/** A length of time, inside of an expression; it leaves one as text. */
export type TimeSpan = string & { readonly '~time': 'duration' }

/** What is there: no value that may be missing. */
export type Present = NonNullable<unknown> | null

type Num = Given<number>
type Text = Given<string>

/** Whether two values are equal: deep, and numbers by value. The other value is one that the first can have. */
export function eq<T extends Present>(left: Expr<T>, right: Given<NoInfer<T>>): Expr<boolean> {
  return binary('==', left, right)
}

/** Whether two values differ. `ne(x, null)` proves that `x` is not null. */
export function ne<T extends Present>(left: Expr<T>, right: null): Guard<Exclude<T, null>>
export function ne<T extends Present>(left: Expr<T>, right: Given<NoInfer<T>>): Expr<boolean>
export function ne(left: unknown, right: unknown): Expr<boolean> {
  return binary('!=', left, right)
}

/** Whether the first of two numbers, texts, timestamps or durations comes before the second. */
export const lt: Comparison = (left: unknown, right: unknown) => binary('<', left, right)

/** Whether the first comes before the second, or is equal to it. */
export const le: Comparison = (left: unknown, right: unknown) => binary('<=', left, right)

/** Whether the first comes after the second. */
export const gt: Comparison = (left: unknown, right: unknown) => binary('>', left, right)

/** Whether the first comes after the second, or is equal to it. */
export const ge: Comparison = (left: unknown, right: unknown) => binary('>=', left, right)

/** Compares two values of one kind. */
export interface Comparison {
  (left: Expr<Timestamp>, right: Expr<Timestamp>): Expr<boolean>
  (left: Expr<TimeSpan>, right: Expr<TimeSpan>): Expr<boolean>
  (left: Text, right: Text): Expr<boolean>
  (left: Num, right: Num): Expr<boolean>
}

/** Whether all conditions hold. */
export function and(...conditions: readonly [Condition, Condition, ...Condition[]]): Expr<boolean> {
  return binary('&&', ...conditions)
}

/** Whether one condition at least holds. */
export function or(...conditions: readonly [Condition, Condition, ...Condition[]]): Expr<boolean> {
  return binary('||', ...conditions)
}

/** Whether a condition does not hold. */
export function not(condition: Condition): Expr<boolean> {
  return referenceOf({ kind: 'unary', operator: '!', of: toNode(condition) })
}

/** One of two values. A guard hands the value that it proves to the callback that gives the first of them. */
export function when<T, const A extends Value, const B extends Value>(
  condition: Guard<T>,
  then: (value: Ref<T>) => A,
  otherwise: B,
): Ref<Out<A> | Out<B>>
export function when<const A extends Value, const B extends Value>(
  condition: Condition,
  then: A,
  otherwise: B,
): Ref<Out<A> | Out<B>>
export function when(condition: unknown, then: unknown, otherwise: unknown): Ref<unknown> {
  const node = toNode(condition)
  const value = typeof then === 'function' ? (then as (value: unknown) => unknown)(referenceOf(provenBy(node))) : then
  return referenceOf({ kind: 'choice', condition: node, then: toNode(value), otherwise: toNode(otherwise) })
}

/** Adds two numbers or durations, or a duration to a timestamp; puts two texts or two lists together. */
export function add(left: Expr<Timestamp>, right: Expr<TimeSpan>): Expr<Timestamp>
export function add(left: Expr<TimeSpan>, right: Expr<TimeSpan>): Expr<TimeSpan>
export function add<E>(left: Expr<readonly E[]>, right: Given<readonly NoInfer<E>[]>): Expr<E[]>
export function add(left: Text, right: Text): Expr<string>
export function add(left: Num, right: Num, ...more: readonly Num[]): Expr<number>
export function add(...given: readonly unknown[]): Expr<never> {
  return binary('+', ...given)
}

/** Subtracts a number, or a duration; two timestamps give the duration between them. */
export function sub(left: Expr<Timestamp>, right: Expr<Timestamp>): Expr<TimeSpan>
export function sub(left: Expr<Timestamp>, right: Expr<TimeSpan>): Expr<Timestamp>
export function sub(left: Expr<TimeSpan>, right: Expr<TimeSpan>): Expr<TimeSpan>
export function sub(left: Num, right: Num): Expr<number>
export function sub(left: unknown, right: unknown): Expr<never> {
  return binary('-', left, right)
}

/** Multiplies. */
export function mul(left: Num, right: Num, ...more: readonly Num[]): Expr<number> {
  return binary('*', left, right, ...more)
}

/** Divides truly: 7 by 2 is 3.5. */
export function div(left: Num, right: Num): Expr<number> {
  return binary('/', left, right)
}

/** The rest of a division, with the sign of its left side. */
export function mod(left: Num, right: Num): Expr<number> {
  return binary('%', left, right)
}

/** The number with the other sign. */
export function neg(number: Num): Expr<number> {
  return referenceOf({ kind: 'unary', operator: '-', of: toNode(number) })
}

/** Whether a value is in a list, or a key in a map. */
export function isIn<T extends Present>(value: Given<T>, list: Given<readonly T[]>): Expr<boolean>
export function isIn(key: Text, map: Expr<Readonly<Record<string, unknown>>>): Expr<boolean>
export function isIn(value: unknown, container: unknown): Expr<boolean> {
  return binary('in', value, container)
}

function binary(operator: BinaryOperator, ...operands: readonly unknown[]): Expr<never> {
  return referenceOf<never>({ kind: 'binary', operator, operands: operands.map(toNode) })
}
