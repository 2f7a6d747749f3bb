import type { Json, JsonObject, JsonSchema } from '@segno/schema'
import type { EditorSchema } from './schema-published.ts'

/**
 * What a step may write where a value has to fit a JSON Schema (2020-12): that value, with a template in the place of
 * any part of it. In draft 07; `definitions` gets what the schema refers to, under names that begin with `name`.
 * Keywords that say nothing of a value whose parts are not known yet are left out, so that nothing right is refused.
 */
export function withTemplates(
  schema: JsonSchema,
  name: string,
  definitions: Record<string, EditorSchema>,
): EditorSchema {
  if (typeof schema === 'boolean') return schema ? {} : { not: {} }
  for (const [key, one] of Object.entries(definitionsOf(schema))) {
    const own = `${name}:${plain(key)}`
    if (!(own in definitions)) definitions[own] = written(one, { name, root: schema })
  }
  const whole = written(schema, { name, root: schema })
  // Only what is referred to from inside needs a name.
  if (JSON.stringify([whole, definitions]).includes(`"#/definitions/${name}"`)) {
    definitions[name] = whole
    return { $ref: `#/definitions/${name}` }
  }
  return whole
}

interface Place {
  readonly name: string
  readonly root: JsonObject
}

const template = String.raw`\$\{\{`

function written(schema: Json | undefined, place: Place): EditorSchema {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema === false ? { not: {} } : {}
  const given = schema as JsonObject
  const notes = notesOf(given)
  const reference = given['$ref']
  if (typeof reference === 'string') return { ...referred(reference, place), ...notes }
  const { enum: values = given['const'] === undefined ? undefined : [given['const']] } = given
  if (Array.isArray(values) && values.length > 0) {
    // Inside of a map or a list, a template may stand for a part of the value.
    if (values.some((value) => typeof value === 'object' && value !== null)) return notes
    return { ...notes, anyOf: [oneOf(values), { type: 'string', pattern: template }] }
  }
  const own = typed(given, place)
  const all = [...((own['allOf'] as readonly unknown[] | undefined) ?? []), ...listed('allOf', given, place)]
  // A template fits several alternatives, so that exactly one cannot be asked for.
  const any = [...listed('anyOf', given, place), ...listed('oneOf', given, place)]
  return { ...own, ...(all.length > 0 && { allOf: all }), ...(any.length > 0 && { anyOf: any }), ...notes }
}

function listed(keyword: string, given: JsonObject, place: Place): readonly EditorSchema[] {
  const schemas = given[keyword]
  return Array.isArray(schemas) ? schemas.map((one) => written(one, place)) : []
}

function oneOf(given: readonly Json[]): EditorSchema {
  // Draft 07 wants each of them once.
  const values = [...new Map(given.map((value) => [JSON.stringify(value), value])).values()]
  const told = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ')
  return { enum: values, errorMessage: `Expected ${told}, or an expression in \${{ }}.` }
}

/** What concerns values of one type: a template is a text, whatever it gives. */
function typed(given: JsonObject, place: Place): EditorSchema {
  const { type } = given
  if (type === undefined) return partsOf(given, place)
  const types = (Array.isArray(type) ? type : [type]).map((one) => (one === 'path' ? 'string' : String(one)))
  const takesText = types.includes('string')
  const pattern = takesText ? textPattern(given) : template
  const isMap = 'properties' in given || types.includes('object')
  const expected = `Expected ${types.map((one) => words.get(one) ?? one).join(' or ')}, or an expression in \${{ }}.`
  const all = [...new Set([...types, 'string'])]
  const ofType = { type: all.length === 1 ? all[0] : all, errorMessage: expected }
  const parts = partsOf(given, place)
  // Beside the keys of a map, what was expected would be told for each that is wrong.
  if (isMap) return { ...parts, allOf: [{ ...ofType, ...(pattern !== undefined && { pattern }) }] }
  return { ...ofType, ...parts, ...(pattern !== undefined && { pattern }) }
}

const words: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['number', 'a number'],
  ['integer', 'a whole number'],
  ['boolean', 'true or false'],
  ['object', 'a map'],
  ['array', 'a list'],
])

/** What a text has to look like that holds no template. Its length is looked at by the engine. */
function textPattern({ pattern }: JsonObject): string | undefined {
  return typeof pattern === 'string' ? `${template}|(?:${pattern})` : undefined
}

const kept = [
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minItems', 'maxItems', 'required', 'minProperties', 'maxProperties'],
]

function partsOf(given: JsonObject, place: Place): EditorSchema {
  const own = Object.fromEntries(kept.filter((keyword) => keyword in given).map((keyword) => [keyword, given[keyword]]))
  const { prefixItems, items, additionalProperties } = given
  return {
    ...own,
    ...map('properties', given, place),
    ...map('patternProperties', given, place),
    ...(additionalProperties !== undefined && { additionalProperties: value(additionalProperties, place) }),
    ...(Array.isArray(prefixItems)
      ? { items: prefixItems.map((one) => written(one, place)), additionalItems: value(items ?? true, place) }
      : items !== undefined && { items: value(items, place) }),
  }
}

function map(keyword: string, given: JsonObject, place: Place): EditorSchema {
  const schemas = given[keyword]
  if (typeof schemas !== 'object' || schemas === null) return {}
  return { [keyword]: Object.fromEntries(Object.entries(schemas).map(([key, one]) => [key, value(one, place)])) }
}

function value(schema: Json | undefined, place: Place): EditorSchema | boolean {
  return typeof schema === 'boolean' ? schema : written(schema, place)
}

function notesOf({ title, description, examples, default: otherwise }: JsonObject): EditorSchema {
  const text = [title, description].filter((part) => typeof part === 'string').join(': ')
  return {
    ...(text !== '' && { description: text }),
    ...(Array.isArray(examples) && { examples }),
    ...(otherwise !== undefined && { default: otherwise }),
  }
}

// What lies in another document is not looked at.
function referred(reference: string, { name, root }: Place): EditorSchema {
  if (reference === '#') return { $ref: `#/definitions/${name}` }
  const [, key] = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(reference) ?? []
  if (key === undefined || !(unescaped(key) in definitionsOf(root))) return {}
  return { $ref: `#/definitions/${name}:${plain(unescaped(key))}` }
}

function definitionsOf({ $defs, definitions }: JsonObject): JsonObject {
  return { ...(definitions as JsonObject | undefined), ...($defs as JsonObject | undefined) }
}

function unescaped(key: string): string {
  return decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')
}

/** A name that needs no escapes in a reference, and has no colon. */
export function plain(name: string): string {
  return name.replace(/[^\w.-]/gu, (sign) => `_${sign.codePointAt(0)?.toString(16)}_`)
}
