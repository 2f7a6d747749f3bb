import type { Literal } from '../expression/syntax-node.ts'

/**
 * What is known of a value before there is one. Types are structural: of JSON
 * Schema they keep what says of which kind a value is and what it has, not its
 * lengths, ranges, patterns and formats, which are looked at when a value is
 * there.
 */
export type Type =
  | AnyType
  | NeverType
  | NullType
  | BooleanType
  | NumberType
  | TextType
  | LiteralType
  | TimeType
  | ListType
  | MapType
  | UnionType

/** Nothing is known of the value; what is read of it is not checked. */
export interface AnyType {
  readonly kind: 'any'
}

/** There is no such value. */
export interface NeverType {
  readonly kind: 'never'
}

export interface NullType {
  readonly kind: 'null'
}

/** True or false; one of the two is a literal. */
export interface BooleanType {
  readonly kind: 'boolean'
}

export interface NumberType {
  readonly kind: 'number'
  readonly isInteger: boolean
}

export interface TextType {
  readonly kind: 'text'
}

/** This one value. */
export interface LiteralType {
  readonly kind: 'literal'
  readonly value: Exclude<Literal, null>
}

/** What `timestamp()` and `duration()` give inside of an expression; it leaves as text. */
export interface TimeType {
  readonly kind: 'timestamp' | 'duration'
}

export interface ListType {
  readonly kind: 'list'
  /** The first elements, each of which is certainly there. */
  readonly first: readonly Type[]
  /** Of each further element, which may be there; `never` where there is none. */
  readonly rest: Type
}

export interface MapType {
  readonly kind: 'map'
  readonly fields: ReadonlyMap<string, Field>
  /** Of each further field, which may be there; `never` where there is none. */
  readonly rest: Type
}

export interface Field {
  readonly type: Type
  /** Whether it may be missing. */
  readonly isOptional: boolean
}

/** At least two, none of which is a union, `any` or `never`. Made by `union` only. */
export interface UnionType {
  readonly kind: 'union'
  readonly members: readonly Type[]
}

export const anyType: AnyType = { kind: 'any' }
export const neverType: NeverType = { kind: 'never' }
export const nullType: NullType = { kind: 'null' }
export const booleanType: BooleanType = { kind: 'boolean' }
export const numberType: NumberType = { kind: 'number', isInteger: false }
export const integerType: NumberType = { kind: 'number', isInteger: true }
export const textType: TextType = { kind: 'text' }
export const timestampType: TimeType = { kind: 'timestamp' }
export const durationType: TimeType = { kind: 'duration' }

export function literalType(value: LiteralType['value']): LiteralType {
  return { kind: 'literal', value }
}

/** A list of any length. */
export function listType(rest: Type, first: readonly Type[] = []): ListType {
  return { kind: 'list', first, rest }
}

/** A map with these fields, each certainly there unless it is written as `{ type, isOptional: true }`. */
export function mapType(fields: Readonly<Record<string, Type | Field>>, rest: Type = neverType): MapType {
  const known = new Map<string, Field>()
  for (const [name, given] of Object.entries(fields)) {
    known.set(name, 'kind' in given ? { type: given, isOptional: false } : given)
  }
  return { kind: 'map', fields: known, rest }
}
