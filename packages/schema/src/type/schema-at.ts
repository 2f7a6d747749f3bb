import { isJsonObject, pointerKeys, type Json, type JsonObject } from '../json.ts'

/** The schema inside of `root` that a `$ref` such as `#/$defs/node` leads to; `undefined` where it leads elsewhere. */
export function schemaAt(root: JsonObject, reference: string): Json | undefined {
  if (reference === '#') return root
  if (!reference.startsWith('#/')) return undefined
  const pointer = decoded(reference.slice(2))
  if (pointer === undefined) return undefined
  let value: Json | undefined = root
  for (const key of pointerKeys(`/${pointer}`)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    // What is below an `$id` belongs to another schema, from which its own references start.
    if (value !== root && Object.hasOwn(value, '$id')) return undefined
    value = (value as Readonly<Record<string, Json | undefined>>)[key]
  }
  return typeof value === 'boolean' || isJsonObject(value) ? value : undefined
}

function decoded(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
