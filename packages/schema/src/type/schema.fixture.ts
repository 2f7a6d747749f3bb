import fc from 'fast-check'
import type { JsonSchema } from '../definition.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { validateJson } from '../plan/json-schema.ts'
import { schemaAt } from './schema-at.ts'
import { anyJson, anyLiteral, anyName } from './type.fixture.ts'

const typeNames = ['string', 'number', 'integer', 'boolean', 'null', 'object', 'array'] as const
const names = fc.uniqueArray(anyName, { maxLength: 2 })
const reference = fc.constantFrom<JsonSchema>({ $ref: '#/$defs/one' }, { $ref: '#/$defs/two' }, { type: 'string' })
const scalarSchema: fc.Arbitrary<JsonSchema> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...typeNames.slice(0, 5)).map((type) => ({ type })) },
  { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom(...typeNames), { minLength: 1 }).map((type) => ({ type })) },
  { weight: 2, arbitrary: fc.array(anyLiteral, { minLength: 1, maxLength: 3 }).map((options) => ({ enum: options })) },
  { weight: 1, arbitrary: anyJson.map((value) => ({ const: value })) },
)

/** Schemas that say nothing but what a type can say: a value has their type if, and only if, it validates. */
export const exactSchema: fc.Arbitrary<JsonSchema> = fc
  .letrec<{ schema: JsonSchema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 5, arbitrary: scalarSchema },
      { weight: 1, arbitrary: fc.constantFrom<JsonSchema>(true, false, {}, { $ref: '#/$defs/one' }) },
      { weight: 4, arbitrary: exactMap(tie('schema')) },
      { weight: 2, arbitrary: exactList(tie('schema')) },
      { weight: 2, arbitrary: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })) },
      { weight: 1, arbitrary: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((allOf) => ({ allOf })) },
    ),
  }))
  .schema.chain((schema) => scalarSchema.map((one) => (isJsonObject(schema) ? { ...schema, $defs: { one } } : schema)))

function exactMap(part: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonSchema> {
  return fc.record(
    {
      type: fc.constant('object'),
      properties: fc.dictionary(anyName, part, { maxKeys: 3, noNullPrototype: true }),
      additionalProperties: fc.oneof(fc.boolean(), part),
      required: names,
    },
    { requiredKeys: ['type', 'additionalProperties'], noNullPrototype: true },
  )
}

function exactList(part: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonSchema> {
  return fc.tuple(fc.array(part, { maxLength: 2 }), part, fc.nat(1)).map(([prefix, items, more]) => ({
    type: 'array',
    ...(prefix.length > 0 ? { prefixItems: prefix } : {}),
    items,
    minItems: prefix.length + more,
  }))
}

/** Schemas with keywords of all kinds, recursive ones among them. */
export const anySchema: fc.Arbitrary<JsonObject> = fc
  .letrec<{ schema: JsonSchema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 5, arbitrary: scalarSchema },
      {
        weight: 2,
        arbitrary: fc.constantFrom<JsonSchema>(
          ...[true, {}, { type: 'string', minLength: 1 }, { type: 'number', minimum: 1 }, { multipleOf: 2 }],
          ...[{ $ref: '#/$defs/one' }, { $ref: '#/$defs/two' }],
        ),
      },
      { weight: 8, arbitrary: fc.tuple(looseMap(tie('schema')), applicators(tie('schema'))).map(together) },
      { weight: 3, arbitrary: fc.tuple(looseList(tie('schema')), applicators(tie('schema'))).map(together) },
      { weight: 2, arbitrary: applicators(tie('schema')) },
    ),
  }))
  .schema.chain((schema) => fc.tuple(fc.constant(schema), looseMap(scalarSchema), looseMap(reference)))
  .map(([schema, one, two]) => ({ ...(isJsonObject(schema) ? schema : { allOf: [schema] }), $defs: { one, two } }))

function together([one, other]: readonly [JsonObject, JsonObject]): JsonObject {
  return { ...one, ...other }
}

function looseMap(part: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonObject> {
  const rarely = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
    fc.option(values, { nil: undefined, freq: 1 })
  return fc
    .record({
      type: fc.option(fc.constant('object'), { nil: undefined, freq: 4 }),
      properties: fc.option(fc.dictionary(anyName, part, { maxKeys: 3, noNullPrototype: true }), { nil: undefined }),
      required: rarely(names),
      additionalProperties: rarely(fc.oneof(fc.boolean(), part)),
      patternProperties: rarely(part.map((schema) => ({ '^[ac]': schema }))),
      unevaluatedProperties: rarely(rarely(fc.constant(false))),
    })
    .map(given)
}

function looseList(part: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonObject> {
  const option = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
    fc.option(values, { nil: undefined, freq: 1 })
  return fc
    .record({
      type: fc.option(fc.constant('array'), { nil: undefined, freq: 4 }),
      items: option(part),
      prefixItems: option(fc.array(part, { minLength: 1, maxLength: 2 })),
      minItems: option(fc.nat(2)),
      maxItems: option(fc.nat(3)),
      contains: option(option(part)),
    })
    .map(given)
}

function applicators(part: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonObject> {
  const parts = fc.array(part, { minLength: 1, maxLength: 2 })
  return fc.oneof(
    fc.constant({}),
    parts.map((allOf) => ({ allOf })),
    parts.map((anyOf) => ({ anyOf })),
    parts.map((oneOf) => ({ oneOf })),
    fc.tuple(parts, parts).map(([allOf, anyOf]) => ({ allOf, anyOf })),
    reference.map((schema) => schema as JsonObject),
    fc
      .record({ if: part, then: part, else: part }, { requiredKeys: ['if'], noNullPrototype: true })
      .map((schema) => schema as JsonObject),
    part.map((schema) => ({ dependentSchemas: { a: schema } })),
    part.map((schema) => ({ not: schema })),
  )
}

function given(keywords: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== undefined)) as JsonObject
}

/** A value that a schema may well take. */
export function valueFor(draw: fc.GeneratorValue, schema: Json | undefined, root: JsonObject, turns = 6): Json {
  if (!isJsonObject(schema) || turns === 0 || draw(fc.nat, { max: 15 }) === 0) return draw(() => anyJson)
  const { const: constant, enum: options, $ref, allOf, anyOf, oneOf, dependentSchemas } = schema
  if (constant !== undefined) return constant
  if (Array.isArray(options)) return pick(draw, options) ?? null
  const parts: (Json | undefined)[] = [...list(allOf), schema['if'], schema['then'], schema['else'], schema['contains']]
  if (anyOf !== undefined) parts.push(pick(draw, list(anyOf)))
  if (oneOf !== undefined) parts.push(pick(draw, list(oneOf)))
  if (typeof $ref === 'string') parts.push(schemaAt(root, $ref))
  if (isJsonObject(dependentSchemas)) parts.push(...Object.values(dependentSchemas))
  let value = ownValueFor(draw, schema, root, turns)
  for (const part of parts) {
    if (part !== undefined) value = merged(draw, value, valueFor(draw, part, root, turns - 1))
  }
  return value
}

function ownValueFor(draw: fc.GeneratorValue, schema: JsonObject, root: JsonObject, turns: number): Json {
  const type = pick(draw, typeof schema['type'] === 'string' ? [schema['type']] : list(schema['type'])) ?? guess(schema)
  const further = schema['additionalProperties']
  const fields: Record<string, Json> = {}
  switch (type) {
    case 'object':
      for (const [name, part] of Object.entries(isJsonObject(schema['properties']) ? schema['properties'] : {})) {
        if (draw(fc.nat, { max: 3 }) > 0) fields[name] = valueFor(draw, part, root, turns - 1)
      }
      for (const name of list(schema['required'])) fields[String(name)] ??= valueFor(draw, further, root, turns - 1)
      if (draw(fc.nat, { max: 3 }) === 0) fields['c'] ??= valueFor(draw, further, root, turns - 1)
      return fields
    case 'array': {
      const prefix = list(schema['prefixItems'])
      return Array.from({ length: draw(fc.nat, { max: 3 }) }, (_, index) =>
        valueFor(draw, prefix[index] ?? schema['items'], root, turns - 1),
      )
    }
    case 'string':
      return pick(draw, ['x', 'y', 'z', '']) ?? 'x'
    case 'number':
    case 'integer':
      return pick(draw, [0, 1, 2, 1.5]) ?? 0
    case 'boolean':
      return draw(fc.boolean)
    default:
      return null
  }
}

function guess(schema: JsonObject): string {
  return schema['items'] === undefined && schema['prefixItems'] === undefined ? 'object' : 'array'
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

function pick(draw: fc.GeneratorValue, options: readonly Json[]): Json | undefined {
  return options[draw(fc.nat, { max: Math.max(0, options.length - 1) })]
}

function merged(draw: fc.GeneratorValue, one: Json, other: Json): Json {
  if (!isJsonObject(one) || !isJsonObject(other)) return draw(fc.boolean) ? one : other
  const both: Record<string, Json> = {}
  for (const [name, value] of Object.entries({ ...one, ...other })) {
    const before = one[name]
    if (value !== undefined) both[name] = before === undefined ? value : merged(draw, before, value)
  }
  return both
}

/**
 * Whether a value that validates has only fields that are named wherever a schema
 * names some and says nothing of others: each alternative for itself, all other
 * parts of a schema together.
 */
export function isNamed(schemas: readonly JsonSchema[], value: Json, root: JsonObject): boolean {
  let alternatives: readonly (readonly JsonObject[])[] = [[]]
  for (const schema of schemas) alternatives = product(alternatives, partsOf(schema, value, root, 8))
  return alternatives.some((parts) => {
    if (Array.isArray(value)) return value.every((element, index) => isNamed(ofElement(parts, index), element, root))
    if (!isJsonObject(value)) return true
    const named = new Set(
      parts.flatMap((part) => [...Object.keys(part['properties'] ?? {}), ...list(part['required'])]),
    )
    const isClosed = parts.some((part) => part['properties'] !== undefined || part['unevaluatedProperties'] === false)
    if (isClosed && !parts.some(saysOfOthers) && !Object.keys(value).every((name) => named.has(name))) return false
    return Object.entries(value).every(([name, inner]) =>
      inner === undefined ? true : isNamed(ofField(parts, name), inner, root),
    )
  })
}

function saysOfOthers(part: JsonObject): boolean {
  const { additionalProperties, patternProperties } = part
  return (additionalProperties ?? patternProperties) !== undefined
}

function ofElement(parts: readonly JsonObject[], index: number): JsonSchema[] {
  return parts.flatMap((part) => [list(part['prefixItems'])[index] ?? part['items'], part['contains']]).filter(isSchema)
}

function ofField(parts: readonly JsonObject[], name: string): JsonSchema[] {
  return parts.flatMap(({ properties, patternProperties, additionalProperties }) => {
    const own = [isJsonObject(properties) ? properties[name] : undefined]
    if (/^[ac]/.test(name) && isJsonObject(patternProperties)) own.push(...Object.values(patternProperties))
    const known = own.filter(isSchema)
    return known.length > 0 ? known : [additionalProperties].filter(isSchema)
  })
}

function isSchema(value: Json | undefined): value is JsonSchema {
  return typeof value === 'boolean' || isJsonObject(value)
}

/** The parts of a schema that are about the same value, for each choice of alternatives that take it. */
function partsOf(schema: JsonSchema, value: Json, root: JsonObject, turns: number): readonly (readonly JsonObject[])[] {
  if (typeof schema === 'boolean') return [[]]
  if (turns === 0) return [[{ additionalProperties: true }]]
  const inside = (part: JsonSchema): readonly (readonly JsonObject[])[] => partsOf(part, value, root, turns - 1)
  const { $ref, allOf, anyOf, oneOf, dependentSchemas } = schema
  const all: (Json | undefined)[] = [...list(allOf), schema['if'], schema['then'], schema['else']]
  if (typeof $ref === 'string') all.push(schemaAt(root, $ref))
  if (isJsonObject(dependentSchemas)) all.push(...Object.values(dependentSchemas))
  let alternatives: readonly (readonly JsonObject[])[] = [[schema]]
  for (const part of all.filter(isSchema)) alternatives = product(alternatives, inside(part))
  for (const options of [anyOf, oneOf]) {
    if (options === undefined) continue
    const taking = list(options)
      .filter(isSchema)
      .filter((option) => takes(option, value, root))
    alternatives = product(alternatives, taking.flatMap(inside))
  }
  return alternatives
}

function takes(option: JsonSchema, value: Json, root: JsonObject): boolean {
  const schema = isJsonObject(option) ? { ...option, $defs: root['$defs'] } : option
  return validateJson(schema, value).length === 0
}

function product(
  one: readonly (readonly JsonObject[])[],
  other: readonly (readonly JsonObject[])[],
): readonly (readonly JsonObject[])[] {
  return one.flatMap((parts) => other.map((more) => [...parts, ...more]))
}
