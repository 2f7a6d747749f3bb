import { leadingVerbs } from '../src/definition.ts'
import type { Schema } from './schema.ts'

/** The verbs in the order in which they are looked for, and the keys that pick each. */
const picked: readonly (readonly [kind: string, keys: readonly string[]])[] = [
  ...leadingVerbs.map((verb) => [verb, [verb]] as const),
  ['if', ['if', 'do']],
  ['do', ['do']],
]

const verbs: readonly string[] = [...leadingVerbs, 'do']

/** Which definitions there are beside those of the kinds, and what is told where no kind fits. */
export interface Choice {
  /** Ends the names of the definitions: `Step` for `UsesStep`. */
  readonly suffix: 'Step' | 'Undo'
  readonly noMap: string
  readonly noVerb: string
}

/**
 * Definitions by which a step is looked at as its verb alone wants it: the first verb that it has picks the kind, so
 * that an editor tells what is wrong with that kind, and offers its keys. `kinds` are the definitions that there are.
 */
export function byVerb(
  kinds: Readonly<Record<string, Schema>>,
  { suffix, noMap, noVerb }: Choice,
): Record<string, Schema> {
  const there = picked.filter(([kind]) => definitionOf(kind, suffix) in kinds)
  const none = withoutVerb(
    kinds,
    there.map(([kind]) => kind),
    { suffix, noVerb },
  )
  const chain = there.reduceRight<Schema>(
    (otherwise, [kind, required]) => ({
      if: { required: [...required] },
      then: reference(definitionOf(kind, suffix)),
      else: otherwise,
    }),
    reference(`${suffix}WithoutVerb`),
  )
  return {
    [suffix]: {
      type: 'object',
      errorMessage: noMap,
      if: { type: 'object' },
      then: reference(`${suffix}ByVerb`),
    },
    [`${suffix}ByVerb`]: chain,
    [`${suffix}WithoutVerb`]: none,
    ...Object.fromEntries(there.map(([kind]) => [definitionOf(kind, suffix), withOneVerb(kinds, kind, suffix)])),
  }
}

/** The name of the definition of a kind. */
export function definitionOf(kind: string, suffix: Choice['suffix']): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)}${suffix}`
}

function reference(name: string): Schema {
  return { $ref: `#/$defs/${name}` }
}

// A second verb is told as such, and not as a key that nobody knows.
function withOneVerb(kinds: Readonly<Record<string, Schema>>, kind: string, suffix: Choice['suffix']): Schema {
  const schema = kinds[definitionOf(kind, suffix)] ?? {}
  const others = verbs.filter((verb) => !(verb in propertiesOf(schema)))
  const pattern = `^(${others.join('|')})$`
  return {
    ...schema,
    patternProperties: { ...(schema['patternProperties'] as Schema), [pattern]: {} },
    allOf: [
      {
        patternProperties: { [pattern]: false },
        errorMessage: `A step has one verb, and the verb of this one is "${kind}" already.`,
      },
    ],
  }
}

function withoutVerb(
  kinds: Readonly<Record<string, Schema>>,
  there: readonly string[],
  { suffix, noVerb }: Pick<Choice, 'suffix' | 'noVerb'>,
): Schema {
  const all = there.map((kind) => propertiesOf(kinds[definitionOf(kind, suffix)] ?? {}))
  const common = commonOf(all)
  const offered = [...new Set([...Object.keys(common), ...there.filter((kind) => kind !== 'if')])]
  const properties = offered.map((key) => [
    key,
    { ...propertiesOf(kinds[definitionOf(key, suffix)] ?? {}), ...common }[key],
  ])
  const others = [...new Set(all.flatMap((one) => Object.keys(one)))].filter((key) => !offered.includes(key))
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as Schema,
    patternProperties: { '^x-': {}, [`^(${others.join('|')})$`]: {} },
    additionalProperties: false,
    // Whatever is missing is told as a missing verb.
    allOf: [{ required: [there[0]], errorMessage: noVerb }],
  }
}

/** The keys that all kinds have. */
function commonOf([first = {}, ...more]: readonly Schema[]): Schema {
  return Object.fromEntries(Object.entries(first).filter(([key]) => more.every((one) => key in one)))
}

function propertiesOf(schema: Schema): Schema {
  return (schema['properties'] ?? {}) as Schema
}
