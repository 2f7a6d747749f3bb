import { pathPattern } from '../src/plan/path.ts'
import type { Schema } from './schema.ts'
import type { Text, Texts } from './texts/text.ts'
import { tidy } from './tidy.ts'
import { zodJson, type Named } from './zod-json.ts'

/** Where else a text is looked for, when a place in a definition has none of its own: the first one counts. */
export type Elsewhere = (definition: string, path: string) => readonly string[]

/** The words for the schemas of a file. */
export interface Words {
  readonly texts: Texts
  readonly elsewhere?: Elsewhere
}

/**
 * Zod schemas as JSON Schemas with a text for every key; `root` is the name of the whole. Throws where a key has no
 * text, and where a text has no key.
 */
export function described(named: Named, root: string, { texts, elsewhere = () => [] }: Words): Record<string, Schema> {
  const descriptions = new Descriptions(texts, elsewhere)
  const schemas = Object.fromEntries(Object.entries(zodJson(named, root)).map(([name, one]) => [name, tidy(one)]))
  for (const [name, schema] of Object.entries(schemas)) descriptions.describe(name, schema)
  const { unused } = descriptions
  if (unused.length > 0) throw new Error(`there are no such places: ${unused.join(', ')}`)
  return schemas
}

/** Gives texts to schemas, and knows which of them were never asked for. */
class Descriptions {
  readonly #texts: Texts
  readonly #elsewhere: Elsewhere
  readonly #used = new Set<string>()

  constructor(texts: Texts, elsewhere: Elsewhere) {
    this.#texts = texts
    this.#elsewhere = elsewhere
  }

  /** Places that have a text, and are in none of the schemas that were described. */
  get unused(): readonly string[] {
    return Object.keys(this.#texts).filter((place) => !this.#used.has(place))
  }

  /** Describes a definition and everything in it, in place. Throws where a key has no text. */
  describe(definition: string, schema: Schema): void {
    this.#inside(schema, definition, '')
    this.#apply(schema, this.#text(definition, ''))
  }

  #inside(schema: Schema, definition: string, path: string): void {
    for (const [key, one] of Object.entries((schema['properties'] ?? {}) as Record<string, Schema>)) {
      const text = this.#text(definition, `${path}.${key}`)
      if (text === undefined) throw new Error(`there is no text for ${definition}${path}.${key}`)
      this.#inside(one, definition, `${path}.${key}`)
      this.#apply(one, text)
    }
    const values = schema['additionalProperties']
    if (isSchema(values)) {
      this.#inside(values, definition, `${path}.*`)
      this.#apply(values, this.#text(definition, `${path}.*`))
    }
    const alternatives = [schema['items'], ...((schema['anyOf'] as readonly unknown[]) ?? [])]
    for (const one of alternatives.filter(isSchema)) this.#inside(one, definition, path)
  }

  #text(definition: string, path: string): Text | undefined {
    const place = [definition + path, ...this.#elsewhere(definition, path)].find((at) => at in this.#texts)
    if (place === undefined) return undefined
    this.#used.add(place)
    const text = this.#texts[place]
    return typeof text === 'string' ? { text } : text
  }

  #apply(schema: Schema, text: Text | undefined): void {
    if (text === undefined) return
    const { examples, values, also } = text
    schema['description'] = text.text
    if (examples) schema['examples'] = examples
    if (values) for (const one of enumerations(schema)) one['enumDescriptions'] = meanings(one, values)
    if (!also) return
    // Draft 07 heeds nothing beside `$ref`.
    if ('$ref' in schema) throw new Error(`"${text.text}" says more of a schema that is another's`)
    Object.assign(schema, JSON.parse(JSON.stringify(also).replaceAll('{path}', pathRule)))
  }
}

// Looks ahead from the start of the text.
const pathRule = JSON.stringify(pathPattern({ type: 'path' })?.slice(1)).slice(1, -1)

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function enumerations(schema: Schema): readonly Schema[] {
  const nested = [schema['items'], ...((schema['anyOf'] as readonly unknown[]) ?? [])].filter(isSchema)
  return [...('enum' in schema ? [schema] : []), ...nested.flatMap(enumerations)]
}

function meanings(schema: Schema, values: Readonly<Record<string, string>>): readonly (string | undefined)[] {
  const names = schema['enum'] as readonly string[]
  const same = names.length === Object.keys(values).length && names.every((name) => name in values)
  if (!same) throw new Error(`the values are ${names.join(', ')}, and ${Object.keys(values).join(', ')} have a meaning`)
  return names.map((name) => values[name])
}
