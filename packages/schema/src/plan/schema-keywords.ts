import { isJsonObject, pointerPart, type JsonObject } from '../json.ts'

/** What the value of a JSON Schema keyword is; notes say nothing about values. */
export type KeywordKind = 'plain' | 'schema' | 'list' | 'map' | 'note'

const keywordsByKind: Readonly<Record<KeywordKind, readonly string[]>> = {
  plain: [
    ...['$id', '$schema', '$ref', '$anchor', '$dynamicRef', '$dynamicAnchor', 'type', 'enum', 'const', 'format'],
    ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength'],
    ...['pattern', 'minItems', 'maxItems', 'uniqueItems', 'minContains', 'maxContains'],
    ...['required', 'minProperties', 'maxProperties', 'dependentRequired'],
  ],
  schema: [
    ...['items', 'contains', 'unevaluatedItems', 'additionalProperties', 'unevaluatedProperties', 'propertyNames'],
    ...['not', 'if', 'then', 'else'],
  ],
  list: ['prefixItems', 'allOf', 'anyOf', 'oneOf'],
  map: ['properties', 'patternProperties', 'dependentSchemas', '$defs'],
  note: [
    ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', '$comment'],
    ...['$vocabulary', 'contentMediaType', 'contentEncoding', 'contentSchema'],
    // What the language adds: `under` becomes a pattern, and what exists is looked at elsewhere.
    ...['under', 'mustExist', 'optional', 'value'],
  ],
}

/** The kind of each keyword. */
export const keywordKinds: ReadonlyMap<string, KeywordKind> = new Map(
  Object.entries(keywordsByKind).flatMap(([kind, words]) => words.map((word) => [word, kind as KeywordKind] as const)),
)

/** A schema inside of a schema. */
export interface Subschema {
  readonly keyword: string
  /** JSON Pointer from the schema around it. */
  readonly pointer: string
  readonly schema: JsonObject
}

/** The schemas directly inside of a schema, without those that are only true or false. */
export function subschemas(schema: JsonObject): Subschema[] {
  return Object.entries(schema).flatMap(([keyword, value]): Subschema[] => {
    const kind = keywordKinds.get(keyword)
    const pointer = pointerPart(keyword)
    if (kind === 'schema' && isJsonObject(value)) return [{ keyword, pointer, schema: value }]
    if (kind !== 'list' && kind !== 'map') return []
    return Object.entries(value ?? {}).flatMap(([key, inner]: [string, unknown]) =>
      isJsonObject(inner) ? [{ keyword, pointer: pointer + pointerPart(key), schema: inner }] : [],
    )
  })
}
