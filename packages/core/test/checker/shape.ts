import type { Json, JsonObject, JsonSchema } from '@segno/schema/plan'
import type { Dice } from './dice.ts'

/**
 * What a value is like, as the generator knows it: less than a JSON Schema says,
 * and written down without any help of the checker whose proof it serves.
 */
export type Shape = PlainShape | EnumShape | ListShape | MapShape | DictionaryShape | NullableShape | TaggedShape

export interface PlainShape {
  readonly kind: 'text' | 'integer' | 'number' | 'boolean' | 'any'
}

export interface EnumShape {
  readonly kind: 'enum'
  readonly values: readonly string[]
}

export interface ListShape {
  readonly kind: 'list'
  readonly of: Shape
}

export interface MapShape {
  readonly kind: 'map'
  readonly fields: Readonly<Record<string, FieldShape>>
}

export interface FieldShape {
  readonly shape: Shape
  readonly isOptional: boolean
}

/** Any names, all values of one shape. */
export interface DictionaryShape {
  readonly kind: 'dictionary'
  readonly of: Shape
}

export interface NullableShape {
  readonly kind: 'nullable'
  readonly of: Exclude<Shape, NullableShape>
}

/** A union whose variants a field tells apart: `kind`, or whatever it is named. */
export interface TaggedShape {
  readonly kind: 'tagged'
  readonly tag: string
  readonly variants: Readonly<Record<string, MapShape>>
}

export const text: PlainShape = { kind: 'text' }
export const integer: PlainShape = { kind: 'integer' }
export const number: PlainShape = { kind: 'number' }
export const boolean: PlainShape = { kind: 'boolean' }
export const anything: PlainShape = { kind: 'any' }

/** A map of fields that are all there. */
export function record(shapes: Readonly<Record<string, Shape>>): MapShape {
  const fields = Object.entries(shapes).map(([name, shape]) => [name, { shape, isOptional: false }] as const)
  return { kind: 'map', fields: Object.fromEntries(fields) }
}

const names = ['name', 'note', 'amount', 'rate', 'items', 'owner', 'urgent', 'place'] as const
const words = ['approve', 'revise', 'block', 'red', 'green', 'draft', 'final'] as const

/** A random shape, nested at most `depth` deep. */
export function randomShape(dice: Dice, depth: number): Shape {
  const plain = [text, integer, boolean, number, text] as const
  const choice = dice.below(depth > 0 ? 12 : 7)
  switch (choice) {
    case 5:
      return randomEnum(dice)
    case 6:
      if (depth === 0) return { kind: 'nullable', of: text }
      return {
        kind: 'nullable',
        of: dice.chance(50) ? randomMap(dice, depth - 1) : inner(randomShape(dice, depth - 1)),
      }
    case 7:
      return { kind: 'list', of: randomShape(dice, depth - 1) }
    case 8:
    case 9:
      return randomMap(dice, depth - 1)
    case 10:
      return { kind: 'dictionary', of: randomShape(dice, depth - 1) }
    case 11:
      return randomTagged(dice, depth - 1)
    default:
      return plain[choice] ?? text
  }
}

function inner(shape: Shape): NullableShape['of'] {
  return shape.kind === 'nullable' ? shape.of : shape
}

/** A map whose fields may be optional. */
export function randomMap(dice: Dice, depth: number): MapShape {
  const fields: Record<string, FieldShape> = {}
  const count = 1 + dice.below(3)
  for (let index = 0; index < count; index++) {
    fields[dice.pick(names)] = { shape: randomShape(dice, depth), isOptional: dice.chance(35) }
  }
  return { kind: 'map', fields }
}

/** Two or three words. */
export function randomEnum(dice: Dice): EnumShape {
  const first = dice.below(words.length - 2)
  return { kind: 'enum', values: words.slice(first, first + 2 + dice.below(2)) }
}

/** Two or three variants, each with fields of its own names. */
export function randomTagged(dice: Dice, depth: number): TaggedShape {
  const variants: Record<string, MapShape> = {}
  for (const word of randomEnum(dice).values) {
    const fields = Object.entries(randomMap(dice, depth).fields)
    variants[word] = {
      kind: 'map',
      fields: Object.fromEntries(fields.map(([name, field]) => [`${word}_${name}`, field])),
    }
  }
  return { kind: 'tagged', tag: 'kind', variants }
}

/** The shape as JSON Schema, in one of the ways to write it. */
export function schemaOf(shape: Shape, dice: Dice): JsonObject {
  switch (shape.kind) {
    case 'text':
      return { type: 'string' }
    case 'integer':
    case 'number':
    case 'boolean':
      return { type: shape.kind }
    case 'any':
      return {}
    case 'enum':
      return dice.chance(50) ? { type: 'string', enum: shape.values } : { enum: shape.values }
    case 'list':
      return { type: 'array', items: schemaOf(shape.of, dice) }
    case 'dictionary':
      return { type: 'object', additionalProperties: schemaOf(shape.of, dice) }
    case 'map':
      return schemaOfMap(shape, dice)
    case 'nullable':
      return schemaOfNullable(shape, dice)
    case 'tagged':
      return schemaOfTagged(shape, dice)
    default:
      return shape satisfies never
  }
}

function schemaOfMap({ fields }: MapShape, dice: Dice, extra: JsonObject = {}): JsonObject {
  const entries = Object.entries(fields)
  const required = [...Object.keys(extra), ...entries.filter(([, field]) => !field.isOptional).map(([name]) => name)]
  return {
    type: 'object',
    properties: {
      ...extra,
      ...Object.fromEntries(entries.map(([name, field]) => [name, schemaOf(field.shape, dice)])),
    },
    ...(required.length === 0 ? {} : { required }),
    ...(dice.chance(50) ? { additionalProperties: false } : {}),
  }
}

function schemaOfNullable({ of }: NullableShape, dice: Dice): JsonObject {
  const schema = schemaOf(of, dice)
  if (typeof schema['type'] === 'string' && schema['enum'] === undefined && dice.chance(50)) {
    return { ...schema, type: [schema['type'], 'null'] }
  }
  return { anyOf: [schema, { type: 'null' }] }
}

function schemaOfTagged({ tag, variants }: TaggedShape, dice: Dice): JsonObject {
  const all = Object.entries(variants).map(([word, variant]) => schemaOfMap(variant, dice, { [tag]: { const: word } }))
  return dice.chance(50) ? { oneOf: all } : { anyOf: all }
}

/** Whether each value of one shape is one of the other. Where it says no, there may be no proof of it. */
export function fits(found: Shape, wanted: Shape): boolean {
  if (wanted.kind === 'any' || found === wanted) return true
  if (wanted.kind === 'nullable') return fits(found.kind === 'nullable' ? found.of : found, wanted.of)
  switch (found.kind) {
    case 'enum':
      if (wanted.kind === 'text') return true
      return wanted.kind === 'enum' && found.values.every((value) => wanted.values.includes(value))
    case 'integer':
      return wanted.kind === 'integer' || wanted.kind === 'number'
    case 'list':
      return wanted.kind === 'list' && fits(found.of, wanted.of)
    case 'dictionary':
      return wanted.kind === 'dictionary' && fits(found.of, wanted.of)
    case 'map':
      return mapFits(found, wanted)
    case 'tagged':
      return wanted.kind === 'tagged' && JSON.stringify(found) === JSON.stringify(wanted)
    default:
      return found.kind === wanted.kind
  }
}

function mapFits(found: MapShape, wanted: Shape): boolean {
  const fields = Object.entries(found.fields)
  if (wanted.kind === 'dictionary') return fields.every(([, field]) => fits(field.shape, wanted.of))
  if (wanted.kind !== 'map' || fields.some(([name]) => wanted.fields[name] === undefined)) return false
  return Object.entries(wanted.fields).every(([name, { shape, isOptional }]) => {
    const field = found.fields[name]
    if (field === undefined) return isOptional
    return (isOptional || !field.isOptional) && fits(field.shape, shape)
  })
}

/** A random value that fits the schema, of those schemas that are written here. */
export function valueOf(schema: JsonSchema | undefined, dice: Dice): Json {
  const value = perhaps(schema, dice, 0)
  if (value === undefined) throw new NoSuchValue(`nothing fits ${JSON.stringify(schema)}`)
  return value
}

/** A schema that no value fits, such as one that requires a field and allows none. */
export class NoSuchValue extends Error {}

function perhaps(schema: JsonSchema | undefined, dice: Dice, depth: number): Json | undefined {
  if (schema === false) return undefined
  if (schema === undefined || schema === true) return freeValue(dice)
  const { type, enum: values, const: only, items } = schema
  const options = schema['oneOf'] ?? schema['anyOf']
  if (Array.isArray(options)) return oneOf(options as readonly JsonObject[], dice, depth)
  if (only !== undefined) return isOfType(only, type) ? only : undefined
  if (Array.isArray(values)) {
    const fitting = (values as readonly Json[]).filter((value) => isOfType(value, type))
    return fitting.length === 0 ? undefined : dice.pick(fitting)
  }
  const kind = Array.isArray(type) ? dice.pick(type as readonly Json[]) : type
  switch (kind) {
    case 'string':
      return dice.pick(['', 'a', 'tea', 'Hello, world', 'x-y', 'b c'])
    case 'integer':
      return dice.pick([0, 1, 2, 3, -1, 7, 100])
    case 'number':
      return dice.pick([0, 1, 0.5, -2.25, 3, 10])
    case 'boolean':
      return dice.chance(50)
    case 'null':
      return null
    case 'array':
      return listOf(items as JsonSchema | undefined, dice, depth)
    case 'object':
      return objectOf(schema, dice, depth)
    default:
      return freeValue(dice)
  }
}

function isOfType(value: Json, type: Json | undefined): boolean {
  if (type === undefined) return true
  const kind = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value
  return [type].flat().some((name) => name === kind || (name === 'integer' && Number.isInteger(value)))
}

function oneOf(options: readonly JsonObject[], dice: Dice, depth: number): Json | undefined {
  const picked = dice.pick(options)
  for (const option of [picked, ...options]) {
    const value = perhaps(option, dice, depth)
    if (value !== undefined) return value
  }
  return undefined
}

function listOf(items: JsonSchema | undefined, dice: Dice, depth: number): Json {
  const values = Array.from({ length: dice.below(depth > 2 ? 2 : 4) }, () => perhaps(items, dice, depth + 1))
  return values.filter((value) => value !== undefined)
}

function objectOf(schema: JsonObject, dice: Dice, depth: number): Json | undefined {
  const { properties, additionalProperties } = schema as { readonly [name: string]: JsonSchema | undefined }
  const required = (schema['required'] ?? []) as readonly string[]
  const declared = properties as Readonly<Record<string, JsonSchema>> | undefined
  const present =
    declared === undefined
      ? dice.some([...names], 30)
      : Object.keys(declared).filter((name) => required.includes(name) || dice.chance(50))
  const fields: [string, Json][] = []
  for (const name of new Set([...present, ...required])) {
    const own = declared !== undefined && Object.hasOwn(declared, name) ? declared[name] : additionalProperties
    const value = perhaps(own, dice, depth + 1)
    if (value !== undefined) fields.push([name, value])
    else if (required.includes(name)) return undefined
  }
  return Object.fromEntries(fields)
}

function freeValue(dice: Dice): Json {
  return dice.pick<Json>([null, true, 0, 1.5, 'free', [], [1, 'a', null], {}, { name: 'free' }, { kind: 'red' }])
}
