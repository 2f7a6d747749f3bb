import { mapSchemas, type Schema } from './schema.ts'

/** A dialect that schemas are published in; `draft-07` has the keywords of editors beside its own. */
export type Dialect = 'draft-2020-12' | 'draft-07'

/** The text of a file: the root, and the definitions beside it, which are written in draft 2020-12 with editors' keywords. */
export function fileOf(definitions: Readonly<Record<string, Schema>>, root: string, dialect: Dialect): string {
  const { [root]: top = {}, ...others } = definitions
  const whole = { ...top, $defs: others }
  return `${JSON.stringify({ $schema: dialects[dialect], ...written[dialect](whole) }, null, 2)}\n`
}

const dialects = {
  'draft-2020-12': 'https://json-schema.org/draft/2020-12/schema',
  'draft-07': 'http://json-schema.org/draft-07/schema#',
}

const written: Readonly<Record<Dialect, (schema: Schema) => Schema>> = {
  'draft-2020-12': (schema) => mapSchemas(schema, withoutEditors),
  'draft-07': (schema) => {
    const { $defs, ...rest } = mapSchemas(schema, asDraft07)
    return { ...rest, definitions: $defs }
  },
}

const editors = ['errorMessage', 'typeMessage', 'enumDescriptions', 'defaultSnippets']

function withoutEditors(schema: Schema): void {
  const meanings = schema['enumDescriptions']
  if (Array.isArray(meanings)) {
    const told = (schema['enum'] as readonly unknown[]).map(
      (value, index) => `${String(value)}: ${String(meanings[index])}`,
    )
    schema['description'] = [schema['description'], ...told].filter((part) => part !== undefined).join(' ')
  }
  for (const keyword of editors) delete schema[keyword]
}

function asDraft07(schema: Schema): void {
  const { $ref, prefixItems, items, type, typeMessage, allOf = [] } = schema
  if (typeof $ref === 'string') schema['$ref'] = $ref.replace('#/$defs/', '#/definitions/')
  if (typeMessage !== undefined) {
    // Beside the keys of a map it would be told for each that is wrong.
    schema['allOf'] = [{ type, errorMessage: typeMessage }, ...(allOf as readonly Schema[])]
    delete schema['type']
    delete schema['typeMessage']
  }
  if (prefixItems === undefined) return
  delete schema['prefixItems']
  schema['items'] = prefixItems
  if (items !== undefined) schema['additionalItems'] = items
}
