import fc from 'fast-check'
import type { Json } from '../json.ts'
import { TimeValue } from '../expression/time.ts'
import { isList, isMap, type Value, type ValueMap } from '../expression/value.ts'
import {
  anyType,
  booleanType,
  durationType,
  integerType,
  literalType,
  neverType,
  nullType,
  numberType,
  textType,
  timestampType,
  type Field,
  type LiteralType,
  type Type,
} from './type.ts'
import { union } from './union.ts'

/** What a type means: whether a value, inside of an expression, has it. */
export function hasType(value: Value, type: Type): boolean {
  switch (type.kind) {
    case 'any':
      return true
    case 'never':
      return false
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'number':
      return typeof value === 'number' && (!type.isInteger || Number.isInteger(value))
    case 'text':
      return typeof value === 'string'
    case 'literal':
      return value === type.value
    case 'timestamp':
    case 'duration':
      return value instanceof TimeValue && value.kind === type.kind
    case 'list':
      if (!isList(value) || value.length < type.first.length) return false
      return value.every((element, index) => hasType(element, type.first[index] ?? type.rest))
    case 'map':
      return isMap(value) && hasFields(value, type.fields, type.rest)
    case 'union':
      return type.members.some((member) => hasType(value, member))
  }
}

function hasFields(value: ValueMap, fields: ReadonlyMap<string, Field>, rest: Type): boolean {
  for (const [name, { isOptional }] of fields) if (!isOptional && fieldOf(value, name) === undefined) return false
  return Object.entries(value).every(
    ([name, part]) => part === undefined || hasType(part, fields.get(name)?.type ?? rest),
  )
}

function fieldOf(value: ValueMap, name: string): Value | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

/** What a path leads to in a value. */
export function valueAt(value: Value, path: readonly (string | number)[]): Value | undefined {
  let inner: Value | undefined = value
  for (const key of path) {
    if (inner === undefined) return undefined
    if (typeof key === 'number') inner = isList(inner) ? inner[key] : undefined
    else inner = isMap(inner) ? fieldOf(inner, key) : undefined
  }
  return inner
}

// Few names and few values, so that what is drawn apart often meets.
const names = ['a', 'b', 'kind']
const literals: readonly LiteralType['value'][] = ['x', 'y', '', 0, 1, 1.5, true, false]
export const anyName: fc.Arbitrary<string> = fc.constantFrom(...names, 'c')
export const anyLiteral: fc.Arbitrary<LiteralType['value'] | null> = fc.constantFrom(...literals, null)

/** A path of one to three parts. */
export const anyPath: fc.Arbitrary<(string | number)[]> = fc.array(
  fc.oneof({ weight: 4, arbitrary: anyName }, { weight: 1, arbitrary: fc.nat(2) }),
  { minLength: 1, maxLength: 3 },
)

const moment = new TimeValue('timestamp', 0n)
const span = new TimeValue('duration', 1n)

function valuesWith(...leaves: readonly Value[]): fc.Arbitrary<Value> {
  return fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 3, arbitrary: fc.constantFrom<Value>(...literals, null, 'z', 2, 2.5, ...leaves) },
      { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
      { weight: 2, arbitrary: fc.dictionary(anyName, tie('value'), { maxKeys: 3, noNullPrototype: true }) },
    ),
  })).value
}

/** A JSON value of the same names and literals as the types. */
export const anyJson: fc.Arbitrary<Json> = valuesWith() as fc.Arbitrary<Json>
/** Such a value as it may be inside of an expression. */
const anyValue: fc.Arbitrary<Value> = valuesWith(moment, span)

const scalar: fc.Arbitrary<Type> = fc.oneof(
  fc.constantFrom<Type>(textType, numberType, integerType, booleanType, nullType, timestampType, durationType),
  fc.constantFrom(...literals).map(literalType),
)

/** Types such as are made of schemas and by inference; with `any` in them if asked for. */
export function anyTypeOf({ withAny = false }: { readonly withAny?: boolean } = {}): fc.Arbitrary<Type> {
  const leaf = withAny ? fc.oneof({ weight: 6, arbitrary: scalar }, fc.constant<Type>(anyType)) : scalar
  return fc.letrec<{ type: Type; field: Field }>((tie) => ({
    field: fc.record({ type: tie('type'), isOptional: fc.boolean() }),
    type: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 4, arbitrary: leaf },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.array(tie('type'), { maxLength: 2 }), fc.oneof(fc.constant(neverType), tie('type')))
          .map(([first, rest]): Type => ({ kind: 'list', first, rest })),
      },
      {
        weight: 4,
        arbitrary: fc
          .tuple(
            fc.dictionary(fc.constantFrom(...names), tie('field'), { maxKeys: 3 }),
            fc.oneof({ weight: 3, arbitrary: fc.constant(neverType) }, tie('type')),
          )
          .map(([fields, rest]): Type => ({ kind: 'map', fields: new Map(Object.entries(fields)), rest })),
      },
      { weight: 3, arbitrary: fc.array(tie('type'), { minLength: 2, maxLength: 3 }).map(union) },
    ),
  })).type
}

/** Values of a type; `undefined` where it has none. */
export function valuesOf(type: Type): fc.Arbitrary<Value> | undefined {
  switch (type.kind) {
    case 'any':
      return anyJson
    case 'never':
      return undefined
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'number':
      return type.isInteger ? fc.constantFrom(0, 1, 2, -3) : fc.constantFrom(0, 1, 1.5, 2.5)
    case 'text':
      return fc.constantFrom('x', 'y', 'z', '')
    case 'literal':
      return fc.constant(type.value)
    case 'timestamp':
      return fc.constant(moment)
    case 'duration':
      return fc.constant(span)
    case 'list':
      return listsOf(type.first, type.rest)
    case 'map':
      return mapsOf(type.fields, type.rest)
    case 'union': {
      const [one, ...others] = type.members.flatMap((member) => valuesOf(member) ?? [])
      return one === undefined ? undefined : fc.oneof(one, ...others)
    }
  }
}

function listsOf(first: readonly Type[], rest: Type): fc.Arbitrary<Value> | undefined {
  const known = first.flatMap((type) => valuesOf(type) ?? [])
  if (known.length < first.length) return undefined
  const further = valuesOf(rest)
  return fc
    .tuple(fc.tuple(...known), further === undefined ? fc.constant([]) : fc.array(further, { maxLength: 2 }))
    .map(([start, end]): Value => [...start, ...end])
}

function mapsOf(fields: ReadonlyMap<string, Field>, rest: Type): fc.Arbitrary<Value> | undefined {
  const entries: [string, fc.Arbitrary<Value | undefined>][] = []
  for (const [name, { type, isOptional }] of fields) {
    const values = valuesOf(type)
    if (values === undefined && !isOptional) return undefined
    if (values !== undefined) entries.push([name, isOptional ? fc.option(values, { nil: undefined }) : values])
  }
  const further = valuesOf(rest)
  if (further !== undefined) {
    for (const name of ['c', 'd']) {
      if (!fields.has(name)) entries.push([name, fc.option(further, { nil: undefined, freq: 1 })])
    }
  }
  return fc
    .record(Object.fromEntries(entries), { noNullPrototype: true })
    .map((map): Value => Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined)))
}

/** A value of one of the types, or any. */
export function valueNear(...types: readonly Type[]): fc.Arbitrary<Value> {
  return fc.oneof(anyValue, ...types.flatMap((type) => valuesOf(type) ?? []))
}

/** Another object that is written the same. */
export function copyOf(type: Type): Type {
  switch (type.kind) {
    case 'list':
      return { ...type, first: type.first.map(copyOf), rest: copyOf(type.rest) }
    case 'map': {
      const fields = [...type.fields].map(([name, field]): [string, Field] => [
        name,
        { ...field, type: copyOf(field.type) },
      ])
      return { ...type, fields: new Map(fields), rest: copyOf(type.rest) }
    }
    case 'union':
      return { ...type, members: type.members.map(copyOf) }
    case 'any':
    case 'never':
      return type
    default:
      return { ...type }
  }
}
