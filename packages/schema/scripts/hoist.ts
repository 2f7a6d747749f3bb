import type { Schema } from './schema.ts'

/**
 * Keys that several of the definitions have in the same words, as definitions of their own, named as the key. Of
 * several such schemas under one key, the one that most definitions have gets the name.
 */
export function hoist(definitions: Readonly<Record<string, Schema>>, names: readonly string[]): Record<string, Schema> {
  const found = new Map<string, Map<string, Schema[]>>()
  for (const name of names) {
    const properties = (definitions[name]?.['properties'] ?? {}) as Record<string, Schema>
    for (const [key, schema] of Object.entries(properties)) {
      const text = JSON.stringify(schema)
      const ofKey = found.get(key) ?? new Map<string, Schema[]>()
      found.set(key, ofKey.set(text, [...(ofKey.get(text) ?? []), schema]))
    }
  }
  const hoisted: Record<string, Schema> = {}
  for (const [key, ofKey] of found) {
    const [schemas = []] = [...ofKey.values()].toSorted((a, b) => b.length - a.length)
    if (schemas.length < 2) continue
    hoisted[key] = { ...schemas[0] }
    for (const schema of schemas) {
      for (const keyword of Object.keys(schema)) delete schema[keyword]
      schema['$ref'] = `#/$defs/${key}`
    }
  }
  return hoisted
}
