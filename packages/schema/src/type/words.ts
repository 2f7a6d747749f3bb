import { valueText } from '../diagnostic/value-text.ts'
import { typeLimits } from './limits.ts'
import type { ListType, MapType, Type } from './type.ts'

/** A type as a person says it: `text or null`, `a list of numbers`, `a map with id and note (optional)`. */
export function wordsOf(type: Type): string {
  const words = one(type)
  return words.length <= typeLimits.wordsMax ? words : `${words.slice(0, typeLimits.wordsMax).trimEnd()}…`
}

function one(type: Type): string {
  switch (type.kind) {
    case 'any':
      return 'anything'
    case 'never':
      return 'nothing'
    case 'null':
    case 'text':
      return type.kind
    case 'boolean':
      return 'true or false'
    case 'number':
      return type.isInteger ? 'an integer' : 'a number'
    case 'literal':
      return valueText(type.value)
    case 'timestamp':
    case 'duration':
      return `a ${type.kind}`
    case 'list':
      return listWords(type)
    case 'map':
      return mapWords(type)
    case 'union':
      return either(type.members, one)
  }
}

/** What several of a type are called. */
function many(type: Type): string {
  switch (type.kind) {
    case 'number':
      return type.isInteger ? 'integers' : 'numbers'
    case 'timestamp':
    case 'duration':
    case 'list':
    case 'map':
      return `${type.kind}s`
    case 'union':
      return either(type.members, many)
    default:
      return one(type)
  }
}

/** A part of a type, without its own parts. */
function brief(type: Type): string {
  if (type.kind === 'union') return either(type.members, brief)
  return type.kind === 'list' || type.kind === 'map' ? `a ${type.kind}` : one(type)
}

function either(types: readonly Type[], say: (type: Type) => string): string {
  const words = types.slice(0, saidMax).flatMap((type) => (type.kind === 'boolean' ? ['true', 'false'] : [say(type)]))
  const left = types.length - saidMax
  return sequence(left > 0 ? [...words, `${left} more`] : [...new Set(words)], 'or')
}

// More than these are longer than a type's words may be.
const saidMax = 20

function sequence(words: readonly string[], last: string): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}

function listWords({ first, rest }: ListType): string {
  if (rest.kind === 'never') {
    if (first.length === 0) return 'an empty list'
    const said = first.slice(0, saidMax).map(brief)
    return `a list of ${sequence(first.length > saidMax ? [...said, `${first.length - saidMax} more`] : said, 'and')}`
  }
  if (first.length > 0) return `a list of at least ${first.length}`
  return rest.kind === 'any' ? 'a list' : `a list of ${many(rest)}`
}

function mapWords({ fields, rest }: MapType): string {
  const said: string[] = []
  for (const [name, field] of fields) {
    if (field.type.kind === 'never') continue
    if (said.length === saidMax) break
    said.push(field.isOptional ? `${name} (optional)` : name)
  }
  if (said.length === 0) {
    if (rest.kind === 'never') return 'an empty map'
    return rest.kind === 'any' ? 'a map' : `a map of ${many(rest)}`
  }
  if (fields.size > saidMax) said.push(`${fields.size - saidMax} more`)
  return `a map with ${sequence(said, 'and')}`
}
