import published from '@segno/schema/workflow.draft-07.schema.json' with { type: 'json' }
import type { Json } from '@segno/schema'

/** A JSON Schema of draft 07 with the keywords of editors, as far as it is read here. */
export interface EditorSchema {
  readonly $ref?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, EditorSchema | false>>
  readonly patternProperties?: Readonly<Record<string, EditorSchema | false>>
  readonly additionalProperties?: EditorSchema | boolean
  readonly items?: EditorSchema | readonly EditorSchema[]
  readonly additionalItems?: EditorSchema | boolean
  readonly required?: readonly string[]
  readonly allOf?: readonly EditorSchema[]
  readonly anyOf?: readonly EditorSchema[]
  readonly oneOf?: readonly EditorSchema[]
  readonly not?: EditorSchema
  readonly if?: EditorSchema
  readonly then?: EditorSchema
  readonly else?: EditorSchema
  readonly const?: Json
  readonly enum?: readonly Json[]
  readonly enumDescriptions?: readonly string[]
  readonly examples?: readonly Json[]
  readonly defaultSnippets?: readonly EditorSnippet[]
}

/** A value with places to fill in, as editors of JSON Schemas write them. */
export interface EditorSnippet {
  readonly label: string
  readonly description?: string
  readonly body: Json
}

const root = published as unknown as EditorSchema & {
  readonly definitions: Readonly<Record<string, EditorSchema | undefined>>
}

/** A key that a map may have. */
export interface KnownKey {
  readonly name: string
  readonly description?: string
  readonly isRequired: boolean
  readonly schema: EditorSchema
}

/** A value that is one of a few. */
export interface KnownValue {
  readonly value: Json
  readonly description?: string
}

/** The schemas that describe what stands at a path of a document, each without references and conditions. */
export function schemasAt(document: Json, path: readonly string[]): EditorSchema[] {
  let value: Json | undefined = document
  let schemas = expanded(root, document)
  for (const name of path) {
    const around: Json | undefined = value
    value = fieldOf(around, name)
    schemas = schemas.flatMap((schema) => inside(schema, around, name)).flatMap((schema) => expanded(schema, value))
  }
  return schemas
}

/** The keys that maps of these schemas may have. */
export function keysOf(schemas: readonly EditorSchema[]): KnownKey[] {
  const found = new Map<string, KnownKey>()
  for (const { properties = {}, required = [] } of schemas) {
    for (const [name, schema] of Object.entries(properties)) {
      if (schema === false || found.has(name)) continue
      const description = descriptionOf(expanded(schema, undefined))
      const isRequired = required.includes(name)
      found.set(name, { name, isRequired, schema, ...(description !== undefined && { description }) })
    }
  }
  return [...found.values()]
}

/** The values that these schemas list, with `true` and `false` where nothing else may stand. */
export function valuesOf(schemas: readonly EditorSchema[]): KnownValue[] {
  return schemas.flatMap(({ enum: choices, const: only, type, enumDescriptions = [] }): KnownValue[] => {
    if (choices) {
      return choices.map((value, index) => {
        const description = enumDescriptions[index]
        return { value, ...(description !== undefined && { description }) }
      })
    }
    if (only !== undefined) return [{ value: only }]
    return type === 'boolean' ? [{ value: true }, { value: false }] : []
  })
}

/** What schemas say in words: the first one speaks, since it stands nearest. */
export function descriptionOf(schemas: readonly EditorSchema[]): string | undefined {
  return schemas.find(({ description }) => description !== undefined)?.description
}

// A schema beside a reference stands before what it refers to, so that its description is the nearest.
function expanded(schema: EditorSchema, value: Json | undefined, depth = 0): EditorSchema[] {
  if (depth > expansionsMax) return []
  const more = (inner: EditorSchema | undefined): EditorSchema[] =>
    inner === undefined ? [] : expanded(inner, value, depth + 1)
  const chosen = schema.if && (fits(schema.if, value) ? schema.then : schema.else)
  const any = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  return [
    schema,
    ...more(schema.$ref === undefined ? undefined : referred(schema.$ref)),
    ...(schema.allOf ?? []).flatMap(more),
    ...any.filter((inner) => value === undefined || value === null || hasType(inner, value)).flatMap(more),
    ...more(chosen),
  ]
}

// As many as there are verbs: each is a condition inside of the one before.
const expansionsMax = 64

function referred(reference: string): EditorSchema | undefined {
  return reference === '#' ? root : root.definitions[reference.replace('#/definitions/', '')]
}

function inside(schema: EditorSchema, around: Json | undefined, name: string): EditorSchema[] {
  if (Array.isArray(around)) return itemOf(schema, Number(name))
  const { properties, patternProperties = {}, additionalProperties } = schema
  const own = properties && Object.hasOwn(properties, name) ? properties[name] : undefined
  if (own !== undefined) return own === false ? [] : [own]
  const pattern = Object.entries(patternProperties).find(([source]) => new RegExp(source).test(name))
  if (pattern) return pattern[1] === false ? [] : [pattern[1]]
  return typeof additionalProperties === 'object' ? [additionalProperties] : []
}

function itemOf({ items, additionalItems }: EditorSchema, index: number): EditorSchema[] {
  if (!isList(items)) return items ? [items] : []
  const own = items[index]
  if (own) return [own]
  return typeof additionalItems === 'object' ? [additionalItems] : []
}

function isList<Item>(value: Item | readonly Item[] | undefined): value is readonly Item[] {
  return Array.isArray(value)
}

function fieldOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Readonly<Record<string, Json | undefined>>)[name]
}

// What the conditions of the published schema ask, and no more.
function fits(schema: EditorSchema, value: Json | undefined): boolean {
  if (value === undefined || !hasType(schema, value)) return false
  const { required = [], properties = {}, not, enum: choices, const: only, allOf = [], anyOf } = schema
  if (choices && !choices.includes(value)) return false
  if (only !== undefined && only !== value) return false
  if (required.some((name) => fieldOf(value, name) === undefined)) return false
  if (not && fits(not, value)) return false
  const ofFields = Object.entries(properties).every(([name, inner]) => {
    const field = fieldOf(value, name)
    return field === undefined || (inner !== false && fits(inner, field))
  })
  return ofFields && allOf.every((inner) => fits(inner, value)) && (anyOf?.some((inner) => fits(inner, value)) ?? true)
}

function hasType({ type }: EditorSchema, value: Json): boolean {
  if (type === undefined) return true
  const types = typeof type === 'string' ? [type] : type
  return types.some((one) => {
    if (one === 'integer') return Number.isInteger(value)
    if (one === 'array') return Array.isArray(value)
    if (one === 'null') return value === null
    if (one === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
    return typeof value === one
  })
}
