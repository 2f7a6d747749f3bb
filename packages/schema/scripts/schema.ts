/** A JSON Schema that is being written. */
export type Schema = { [keyword: string]: unknown }

/** Every schema inside of a schema, the innermost first, mended in place; the copy is given back. */
export function mapSchemas(schema: Schema, mend: (schema: Schema) => void): Schema {
  const copy = Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (singles.has(keyword)) return [keyword, inner(value, mend)]
      if (lists.has(keyword)) return [keyword, (value as readonly unknown[]).map((one) => inner(one, mend))]
      if (maps.has(keyword)) {
        const entries = Object.entries(value as Schema).map(([name, one]) => [name, inner(one, mend)])
        return [keyword, Object.fromEntries(entries)]
      }
      return [keyword, value]
    }),
  )
  mend(copy)
  return copy
}

const singles = new Set(['items', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else'])
const lists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems'])
const maps = new Set(['properties', 'patternProperties', '$defs'])

function inner(value: unknown, mend: (schema: Schema) => void): unknown {
  return typeof value === 'object' ? mapSchemas(value as Schema, mend) : value
}
