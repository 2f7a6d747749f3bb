import { Validator, type OutputUnit } from '@cfworker/json-schema'
import type { JsonSchema } from '../definition.ts'
import { isJsonObject, parentPointer, pointerKeys, type Json, type JsonObject } from '../json.ts'
import { valueText } from '../diagnostic/value-text.ts'
import { pathMistake, pathPattern, takesPaths, underOf } from './path.ts'
import { keywordKinds } from './schema-keywords.ts'

/** One way in which a value does not fit its schema. */
export interface Misfit {
  /** JSON Pointer (RFC 6901) into the value; empty for the value itself. */
  readonly path: string
  readonly message: string
}

/**
 * All the ways in which `value` does not fit `schema` (JSON Schema 2020-12 and
 * `type: path`, a relative path that stays inside `under`); none means that it
 * fits. Generates no code, so it runs under an eval-free content policy. A schema
 * that is itself broken fits nothing: the one misfit says why. Compiled once per
 * schema object. Whether a path leads to something is not looked at.
 */
export function validateJson(schema: JsonSchema, value: Json): Misfit[] {
  if (schema === true) return []
  try {
    const result = validatorOf(schema).validate(value)
    return result.valid ? [] : misfitsOf(result.errors, schema, value)
  } catch (error) {
    // An unresolved $ref, a pattern that is no regular expression, a value too
    // deep for the stack: whatever cannot be validated is not valid.
    const reason = error instanceof Error ? error.message : String(error)
    return [{ path: '', message: `cannot be validated: ${reason.split('\n', 1)[0]}` }]
  }
}

const validators = new WeakMap<object, Validator>()

function validatorOf(schema: false | JsonObject): Validator {
  if (schema === false) return new Validator(false, '2020-12', false)
  const known = validators.get(schema)
  if (known) return known
  const validator = new Validator(ownCopy(schema) as JsonObject, '2020-12', false)
  validators.set(schema, validator)
  return validator
}

// The library writes marks into the schemas that it is given and takes every
// keyword that it does not know for a schema; so it gets a copy of what it knows.
function ownCopy(schema: Json | undefined): Json {
  if (!isJsonObject(schema)) return schema ?? true
  const copy: Record<string, Json> = {}
  for (const [keyword, value] of Object.entries(schema)) {
    const kind = keywordKinds.get(keyword)
    if (value === undefined || kind === undefined || kind === 'note') continue
    if (keyword === 'type') copy[keyword] = typeText(value)
    else if (kind === 'map' && isJsonObject(value)) copy[keyword] = copyMap(value)
    else if (kind === 'list' && Array.isArray(value)) copy[keyword] = value.map(ownCopy)
    else if (kind === 'schema') copy[keyword] = ownCopy(value)
    else copy[keyword] = structuredCopy(value)
  }
  const path = pathPattern(schema)
  if (path !== undefined) copy['pattern'] = bothPatterns(path, schema['pattern'])
  return copy
}

// The library tests a pattern anywhere in the text; the path's own stands at the start.
function bothPatterns(path: string, own: Json | undefined): string {
  return typeof own === 'string' ? `${path}(?=[^]*(?:${own}))` : path
}

function copyMap(map: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(map).map(([name, schema]) => [name, ownCopy(schema)]))
}

function typeText(type: Json): Json {
  if (Array.isArray(type)) return type.map(typeText)
  return type === 'path' ? 'string' : type
}

function structuredCopy(value: Json): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}

// These only say that something inside does not fit; what is inside says it better.
const wrappers = new Set([
  ...['properties', 'patternProperties', 'items', 'prefixItems', 'additionalProperties', 'unevaluatedProperties'],
  ...['unevaluatedItems', '$ref', '$dynamicRef', 'allOf', 'if', 'dependentSchemas'],
])

// Of these, only the whole can be told: the inside lists what each alternative wants.
const wholes = new Set(['anyOf', 'oneOf', 'not', 'contains', 'propertyNames'])

function misfitsOf(units: readonly OutputUnit[], schema: JsonSchema, value: Json): Misfit[] {
  const hidden = units.filter((unit) => wholes.has(unit.keyword)).map((unit) => `${unit.keywordLocation}/`)
  const misfits = new Map<string, Misfit>()
  for (const unit of units) {
    if (wrappers.has(unit.keyword) || hidden.some((prefix) => unit.keywordLocation.startsWith(prefix))) continue
    const path = unit.instanceLocation.slice(1)
    const got = at(value, unit.instanceLocation)
    const message = pathMessage(unit, schema, got) ?? messageOf(unit, at(schema, unit.keywordLocation), got)
    misfits.set(`${path} ${message}`, { path, message })
  }
  return [...misfits.values()]
}

/** What a text that is no path was expected to be, where it is that which the unit tells. */
function pathMessage(
  { keyword, keywordLocation }: OutputUnit,
  schema: JsonSchema,
  got: Json | undefined,
): string | undefined {
  const around = at(schema, parentPointer(keywordLocation))
  if (keyword !== 'pattern' || typeof got !== 'string' || !isJsonObject(around) || !takesPaths(around)) return undefined
  const expected = pathMistake(got, underOf(around))
  return expected === undefined ? undefined : `expected ${expected}, got ${valueText(got)}`
}

function messageOf(unit: OutputUnit, expected: Json | undefined, got: Json | undefined): string {
  const actual = got === undefined ? '' : `, got ${valueText(got)}`
  switch (unit.keyword) {
    case 'type':
      return expected === undefined ? sentence(unit.error) : `expected ${typeWords(expected)}${actual}`
    case 'enum':
      if (!Array.isArray(expected)) break
      return `expected one of ${expected.map((option: Json) => valueText(option)).join(', ')}${actual}`
    case 'const':
      if (expected === undefined) break
      return `expected ${valueText(expected)}${actual}`
    case 'required':
      return `${/"(.*)"/s.exec(unit.error)?.[0] ?? 'a property'} is missing`
    case 'pattern':
      return `expected text that matches ${String(expected ?? 'the pattern')}${actual}`
    case 'format':
      return `expected text in the format ${String(expected ?? 'given')}${actual}`
    case 'anyOf':
    case 'oneOf':
      return `fits ${unit.keyword === 'oneOf' ? 'not exactly one' : 'none'} of the alternatives${actual}`
    case 'false':
      return 'is not allowed here'
  }
  return sentence(unit.error)
}

function typeWords(type: Json): string {
  const types = Array.isArray(type) ? type : [type]
  return types.map((name: Json) => words.get(String(name)) ?? String(name)).join(' or ')
}

const words: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['path', 'a path'],
  ['integer', 'an integer'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['object', 'an object'],
  ['array', 'a list'],
  ['null', 'null'],
])

function sentence(text: string): string {
  return text.replace(/\.$/, '').replace(/^[A-Z]/, (letter) => letter.toLowerCase())
}

/** What a fragment pointer of the library leads to, through each `$ref` inside the schema; `undefined` beyond it. */
function at(root: Json, fragment: string): Json | undefined {
  let value: Json | undefined = root
  for (const key of pointerKeys(fragment)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<string, Json | undefined>>)[key]
    if (key === '$ref' && typeof value === 'string') value = value.startsWith('#/') ? at(root, value) : undefined
  }
  return value
}
