import { isJsonList, isJsonObject, type Json, type JsonObject } from '../json.ts'
import { typeLimits } from './limits.ts'
import { typeOfValue } from './of-value.ts'
import { closed, isStructured, open, SchemaMeeting, silent, unnamed, unseen } from './schema-edges.ts'
import { schemaAt } from './schema-at.ts'
import {
  anyType,
  booleanType,
  integerType,
  neverType,
  nullType,
  numberType,
  textType,
  type Field,
  type Type,
} from './type.ts'

/** One reading of a schema, in which a `$ref` is followed so many times inside of what it leads to. */
export class SchemaReading {
  readonly #root: JsonObject
  readonly #turnsMax: number
  readonly #meeting = new SchemaMeeting()
  readonly #inside: JsonObject[] = []
  #nodes = 0

  constructor(root: JsonObject, turnsMax: number) {
    this.#root = root
    this.#turnsMax = turnsMax
  }

  /** Whether the schema had more parts than are looked at. */
  get isExhausted(): boolean {
    return this.#nodes > typeLimits.nodesMax
  }

  type(): Type {
    return closed(this.#ofTarget(this.#root))
  }

  #of(schema: Json | undefined): Type {
    if (schema === false) return neverType
    if (!isJsonObject(schema)) return anyType
    this.#nodes++
    if (this.isExhausted || this.#inside.length >= typeLimits.depthMax) return unseen
    this.#inside.push(schema)
    const type = this.#ofParts(schema)
    this.#inside.pop()
    return type
  }

  #ofParts(schema: JsonObject): Type {
    if (!isCombined(schema)) return this.#ofKinds(schema)
    let type = this.#ofOwn(schema)
    const { $ref, allOf, anyOf, oneOf } = schema
    if (typeof $ref === 'string') type = this.#both(type, this.#ofReference($ref))
    if (isJsonList(allOf)) for (const part of allOf) type = this.#both(type, this.#of(part))
    for (const alternatives of [anyOf, oneOf]) {
      if (!isJsonList(alternatives)) continue
      type = this.#both(type, this.#meeting.either(alternatives.map((part) => this.#of(part))))
    }
    return this.#withMentioned(schema, type)
  }

  #both(a: Type, b: Type): Type {
    return this.#meeting.of(a, b)
  }

  #ofReference(reference: string): Type {
    // A `$ref` below an `$id` starts from there.
    if (this.#inside.some((schema) => schema !== this.#root && schema['$id'] !== undefined)) return unseen
    const target = schemaAt(this.#root, reference)
    return target === undefined ? unseen : this.#ofTarget(target)
  }

  #ofTarget(target: Json): Type {
    const turns = this.#inside.filter((schema) => schema === target).length
    return turns > this.#turnsMax ? unseen : this.#of(target)
  }

  #ofOwn(schema: JsonObject): Type {
    const types = this.#ofKinds(schema)
    const { enum: options, const: constant } = schema
    let values: Type | undefined
    if (isJsonList(options)) values = this.#meeting.either(options.map(typeOfValue))
    if (constant !== undefined) {
      const value = typeOfValue(constant)
      values = values === undefined ? value : this.#both(values, value)
    }
    return values === undefined ? types : this.#both(values, types)
  }

  #ofKinds(schema: JsonObject): Type {
    const { type } = schema
    if (typeof type === 'string') return this.#ofKind(schema, type)
    if (isJsonList(type)) return this.#meeting.either(type.map((kind) => this.#ofKind(schema, kind)))
    const list = this.#ofList(schema)
    const map = this.#ofMap(schema)
    if (list === undefined && map === undefined) return schema['additionalProperties'] === true ? unseen : anyType
    // Without a type, keywords of lists and maps say nothing of other values.
    return this.#meeting.either([
      ...[nullType, booleanType, numberType, textType],
      ...[list ?? { kind: 'list', first: [], rest: anyType }, map ?? { kind: 'map', fields: new Map(), rest: silent }],
    ])
  }

  #ofKind(schema: JsonObject, kind: Json): Type {
    switch (kind) {
      case 'null':
        return nullType
      case 'boolean':
        return booleanType
      case 'integer':
        return integerType
      case 'number':
        return numberType
      case 'string':
      case 'path':
        return textType
      case 'array':
        return this.#ofList(schema) ?? { kind: 'list', first: [], rest: anyType }
      case 'object':
        return this.#ofMap(schema) ?? { kind: 'map', fields: new Map(), rest: furtherFields(schema) }
      default:
        return neverType
    }
  }

  /** Of lists; `undefined` where the schema says nothing of them. */
  #ofList(schema: JsonObject): Type | undefined {
    const { items, prefixItems, minItems, maxItems, contains } = schema
    if (items === undefined && prefixItems === undefined && minItems === undefined && maxItems === undefined) {
      return contains === undefined ? undefined : this.#contained(contains, listOf([], anyType))
    }
    const least = typeof minItems === 'number' ? minItems : 0
    const most = typeof maxItems === 'number' ? maxItems : Infinity
    if (least > most) return neverType
    const prefix = isJsonList(prefixItems) ? prefixItems.map((part) => this.#of(part)) : []
    const further = this.#of(items)
    const ends = prefix.findIndex((part) => part.kind === 'never')
    const known = ends < 0 ? prefix : prefix.slice(0, ends)
    const after = ends < 0 ? further : neverType
    const certain = Math.min(least, typeLimits.elementsMax)
    const first = Array.from({ length: certain }, (_, index) => known[index] ?? after)
    if (first.some((part) => part.kind === 'never')) return neverType
    const rest = known.slice(certain, most)
    if (most > Math.max(known.length, certain)) rest.push(after)
    return this.#contained(contains, listOf(first, this.#meeting.either(rest)))
  }

  // An element may be one that `contains` looks for, and have what is named there.
  #contained(contains: Json | undefined, list: Type): Type {
    return isFlat(contains) ? list : this.#meeting.opened(list)
  }

  /** Of maps; `undefined` where the schema says nothing of them. */
  #ofMap(schema: JsonObject): Type | undefined {
    const { properties, required, patternProperties, additionalProperties, unevaluatedProperties } = schema
    const saysNothing = [properties, required, patternProperties, unevaluatedProperties].every((it) => it === undefined)
    if (saysNothing && (additionalProperties === undefined || additionalProperties === true)) return undefined
    const patterns = Object.values(isJsonObject(patternProperties) ? patternProperties : {}).map((it) => this.#of(it))
    const needed = new Set(isJsonList(required) ? required : [])
    const rest = this.#rest(schema, patterns)
    const fields = new Map<string, Field>()
    for (const [name, property] of Object.entries(isJsonObject(properties) ? properties : {})) {
      // A property may match a pattern too, and have what is named there.
      const own = this.#of(property)
      const type = patterns.some(mayName) ? this.#meeting.opened(own) : own
      const isOptional = !needed.delete(name)
      if (type.kind === 'never' && !isOptional) return neverType
      fields.set(name, { type, isOptional })
    }
    for (const name of needed) {
      if (typeof name !== 'string') continue
      if (rest === neverType) return neverType
      fields.set(name, { type: rest.kind === 'never' || rest === silent ? anyType : rest, isOptional: false })
    }
    return { kind: 'map', fields, rest }
  }

  #rest(schema: JsonObject, patterns: readonly Type[]): Type {
    const { additionalProperties } = schema
    if (additionalProperties === undefined || additionalProperties === true) return furtherFields(schema)
    const additional = this.#of(additionalProperties)
    // A field may match several patterns, and have what is named in each.
    if (patterns.some(mayName)) return unseen
    const rest = this.#meeting.either([additional, ...patterns])
    return rest === anyType ? open : rest
  }

  // What a condition names is named, whether or not it holds, and whether or not it ever can.
  #withMentioned(schema: JsonObject, type: Type): Type {
    const conditions = conditionsIn(schema)
    if (conditions.length === 0) return type
    const fields = new Map<string, Field>()
    if (!conditions.every((condition) => this.#mention(condition, fields))) return this.#both(type, unseen)
    const map: Type = { kind: 'map', fields, rest: silent }
    const others = [nullType, booleanType, numberType, textType, listOf([], anyType)]
    return this.#both(type, this.#meeting.either([...others, map]))
  }

  /** Gathers the fields that a condition names; false where it may name more. */
  #mention(condition: Json | undefined, fields: Map<string, Field>): boolean {
    if (!isJsonObject(condition)) return true
    this.#nodes++
    if (this.isExhausted || this.#inside.length >= typeLimits.depthMax) return false
    const { properties, required, additionalProperties, items, prefixItems, contains } = condition
    const unnamedParts = [additionalProperties, items, contains, ...(isJsonList(prefixItems) ? prefixItems : [])]
    if (furtherFields(condition) === open || !unnamedParts.every(isFlat)) return false
    for (const name of isJsonList(required) ? required : []) fields.set(String(name), anyField)
    for (const [name, property] of Object.entries(isJsonObject(properties) ? properties : {})) {
      const isKnown = isFlat(property) && fields.get(name)?.type !== unseen
      fields.set(name, isKnown ? anyField : { type: unseen, isOptional: true })
    }
    const { $ref, allOf, anyOf, oneOf } = condition
    if ($ref !== undefined) return false
    const parts = [allOf, anyOf, oneOf].flatMap((list) => (isJsonList(list) ? list : []))
    this.#inside.push(condition)
    const isWhole = [...parts, ...conditionsIn(condition)].every((part) => this.#mention(part, fields))
    this.#inside.pop()
    return isWhole
  }
}

const anyField: Field = { type: anyType, isOptional: true }

function conditionsIn({ if: condition, then, else: otherwise, dependentSchemas }: JsonObject): readonly Json[] {
  const dependent = isJsonObject(dependentSchemas) ? Object.values(dependentSchemas) : []
  return [condition, then, otherwise, ...dependent].filter((part) => part !== undefined)
}

/** Whether a schema names no fields, at any depth. */
function isFlat(schema: Json | undefined): boolean {
  return !isJsonObject(schema) || !Object.keys(schema).some((keyword) => naming.has(keyword))
}

const naming: ReadonlySet<string> = new Set([
  ...['properties', 'required', 'additionalProperties', 'patternProperties', 'unevaluatedProperties'],
  ...['items', 'prefixItems', 'contains', '$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'then', 'else', 'dependentSchemas'],
])

// Most schemas say no more than what kind of value they take.
function isCombined(schema: JsonObject): boolean {
  for (const keyword in schema) if (combining.has(keyword)) return true
  return false
}

const combining: ReadonlySet<string> = new Set([
  ...['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'then', 'else', 'dependentSchemas', 'enum', 'const'],
])

function listOf(first: readonly Type[], rest: Type): Type {
  return { kind: 'list', first, rest }
}

function mayName(type: Type): boolean {
  return type === unseen || isStructured(type)
}

/** Of further fields where a schema does not give a schema of them. */
function furtherFields(schema: JsonObject): Type {
  const { properties, patternProperties, additionalProperties, unevaluatedProperties } = schema
  if (additionalProperties === true || patternProperties !== undefined) return open
  if (unevaluatedProperties !== undefined) return unevaluatedProperties === false ? unnamed : open
  return properties === undefined ? silent : unnamed
}
