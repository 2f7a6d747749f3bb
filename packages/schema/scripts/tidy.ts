import { mapSchemas, type Schema } from './schema.ts'

/** The same schemas in fewer words, and with unions in the form that editors tell mistakes best about. */
export function tidy(schema: Schema): Schema {
  return mapSchemas(schema, (one) => {
    dropBoundsOfJson(one)
    dropTypeOfKeys(one)
    listOneText(one)
    flattenUnion(one)
    for (const value of valuesOf(one)) tellMap(value)
  })
}

// Whole numbers beyond are no JSON numbers that keep their value: the text is refused before.
function dropBoundsOfJson(schema: Schema): void {
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum']
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum']
}

function dropTypeOfKeys(schema: Schema): void {
  if (JSON.stringify(schema['propertyNames']) === '{"type":"string"}') delete schema['propertyNames']
}

// So that it can have a meaning, as the values of all enumerations.
function listOneText(schema: Schema): void {
  const { const: only } = schema
  if (typeof only !== 'string') return
  delete schema['const']
  schema['enum'] = [only]
}

/**
 * One schema instead of several, where each is for a type of its own and says only what concerns that type. Where
 * one has to be left as it is, what was expected is told by those of its alternatives that are no maps.
 */
function flattenUnion(schema: Schema): void {
  const { anyOf, errorMessage, ...rest } = schema
  if (!Array.isArray(anyOf)) return
  const alternatives = anyOf as readonly Schema[]
  if (alternatives.every(isOfOneType) && new Set(alternatives.map(({ type }) => type)).size === alternatives.length) {
    // Editors take the first type for the usual one.
    const types = alternatives.map(({ type }) => type).toSorted((a, b) => rank(a) - rank(b))
    const { errorMessage: _, ...merged } = Object.assign({}, ...alternatives) as Schema
    delete schema['anyOf']
    delete schema['errorMessage']
    const message = { ['properties' in merged ? 'typeMessage' : 'errorMessage']: errorMessage }
    Object.assign(schema, merged, rest, { type: types }, errorMessage !== undefined && message)
    return
  }
  delete schema['errorMessage']
  if (errorMessage === undefined) return
  schema['anyOf'] = alternatives.map((one) => (isClosedMap(one) ? one : { errorMessage, ...one }))
}

/** What stands under the keys of a map. */
function valuesOf({ properties = {}, additionalProperties }: Schema): readonly Schema[] {
  const values = [...Object.values(properties as Schema), additionalProperties]
  return values.filter((value): value is Schema => typeof value === 'object')
}

/** Says what is expected where something else than a map stands. Of items, editors want to know the type at once. */
export function tellMap(schema: Schema): void {
  if (!isClosedMap(schema)) return
  const keys = Object.keys(schema['properties'] as Schema)
  const { required = [keys.find((key) => key === 'type') ?? keys[0]] } = schema
  const example = (required as readonly string[]).map((key) => `${key}: …`).join(', ')
  schema['typeMessage'] = `Expected a map such as { ${example} }.`
}

function isClosedMap(schema: Schema): boolean {
  return schema['type'] === 'object' && 'properties' in schema
}

function rank(type: unknown): number {
  return type === 'object' ? 0 : type === 'array' ? 2 : 1
}

function isOfOneType(schema: Schema): boolean {
  return typeof schema['type'] === 'string' && !('enum' in schema) && !('const' in schema)
}
