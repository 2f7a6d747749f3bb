import type { Definition } from '../definition.ts'
import { isJsonObject, pointerPart, type Json, type JsonObject } from '../json.ts'

/** A path in the input of a run that has to lead to something: `mustExist: true`. */
export interface RequiredPath {
  /** The name of the input. */
  readonly name: string
  /** JSON Pointer (RFC 6901) into the input. */
  readonly pointer: string
  readonly path: string
}

/** Whether a definition has inputs whose paths have to lead to something, so that a host has to look. */
export function requiresFiles({ input = {} }: Definition): boolean {
  return Object.values(input).some(asksForFiles)
}

/** The paths among the inputs of a run that have to lead to something. Takes inputs that fit the definition. */
export function requiredPaths({ input = {} }: Definition, values: JsonObject): RequiredPath[] {
  return Object.entries(input).flatMap(([name, schema]) =>
    pathsIn(schema, values[name], pointerPart(name)).map((found) => ({ name, ...found })),
  )
}

/**
 * The schemas for parts of a value where `mustExist` is kept: of its fields, and
 * of the items of a list. What other keywords hold may or may not concern a value.
 */
export const keptKeywords: ReadonlySet<string> = new Set(['properties', 'items'])

function asksForFiles(schema: Json | undefined): boolean {
  if (!isJsonObject(schema)) return false
  const { mustExist, properties, items } = schema
  return (
    mustExist === true ||
    asksForFiles(items) ||
    (isJsonObject(properties) && Object.values(properties).some(asksForFiles))
  )
}

function pathsIn(schema: Json | undefined, value: Json | undefined, pointer: string): Omit<RequiredPath, 'name'>[] {
  if (!isJsonObject(schema)) return []
  const { mustExist, properties, items, prefixItems } = schema
  if (typeof value === 'string') return mustExist === true ? [{ pointer, path: value }] : []
  if (Array.isArray(value)) {
    const first = Array.isArray(prefixItems) ? prefixItems.length : 0
    return value.flatMap((item: Json, index) =>
      index < first ? [] : pathsIn(items, item, pointer + pointerPart(index)),
    )
  }
  if (!isJsonObject(value) || !isJsonObject(properties)) return []
  return Object.entries(value).flatMap(([key, field]) =>
    Object.hasOwn(properties, key) ? pathsIn(properties[key], field, pointer + pointerPart(key)) : [],
  )
}
