import type { TypedExpression } from '../check/flow/values.ts'
import { parseSyntax } from '../expression/syntax.ts'
import { Documents } from '../load/documents.ts'
import type { LoadOptions } from '../load.ts'
import type { Environment } from '../type/environment.ts'
import { inferType } from '../type/infer.ts'
import { literalsOf } from '../type/literals-of.ts'
import { readElement, readField } from '../type/read.ts'
import { integerType, type LiteralType, type Type } from '../type/type.ts'
import { wordsOf } from '../type/words.ts'
import { mendedIn } from './expressions-in.ts'

/** What is known of the values that an expression reads, at its place in a text. */
export interface TypedPlace {
  /** JSON Pointer of the string that the expression stands in. */
  readonly pointer: string
  /** Where it begins in that string. */
  readonly offset: number
  /** Without `${{ }}`. */
  readonly text: string
  /**
   * What is known of the value of another expression at the same place; `undefined` where that cannot be parsed or
   * nothing is known. Variables are those of macros, each with the list that it goes over, the outermost first.
   */
  typeOf(expression: string, variables?: readonly MacroVariable[]): KnownType | undefined
}

/** The variable of a macro, and what the macro goes over. */
export interface MacroVariable {
  readonly name: string
  readonly list: string
}

/** What is known of a value before there is one. */
export interface KnownType {
  /** As a person says it: `a list of text`. */
  readonly words: string
  /** What methods ask for: `unknown` where it may be several things. */
  readonly kind: 'text' | 'list' | 'map' | 'time' | 'other' | 'unknown'
  /** What can be read of it. */
  readonly fields: readonly KnownTypeField[]
  /** All values that it may be, where they are few. */
  readonly values?: readonly LiteralType['value'][]
}

/** A field of a value, and what is known of it. */
export interface KnownTypeField {
  readonly name: string
  readonly words: string
  /** Whether it may be missing. */
  readonly isOptional: boolean
}

/** Every expression of a text that can be parsed as far as it is YAML, with what is known where it stands. */
export function typesIn(text: string, { handlers = [], file, ...options }: LoadOptions = {}): TypedPlace[] {
  const mended = mendedIn(text)
  const definition = mended?.definition
  if (!mended || !definition) return []
  const places: TypedPlace[] = []
  const onExpression = (found: TypedExpression): void => void places.push(typedPlace(found))
  new Documents({ ...options, handlers, onExpression }).load({ mended, source: { file }, diagnostics: [] })
  return places
}

function typedPlace({ pointer, offset, text, environment }: TypedExpression): TypedPlace {
  return {
    pointer,
    offset,
    text,
    typeOf(expression, variables = []) {
      const inner = variables.reduce((around, { name, list }) => {
        const range = inferred(list, around)
        return range === undefined ? around : around.with(name, elementsOf(range))
      }, environment)
      const type = inferred(expression, inner)
      return type === undefined ? undefined : knownType(type)
    },
  }
}

function inferred(expression: string, environment: Environment): Type | undefined {
  const parsed = parseSyntax(expression)
  if (!('tree' in parsed)) return undefined
  return inferType(parsed.tree, { environment, text: expression, report: () => undefined })
}

// Of a map, a macro goes over the keys.
function elementsOf(range: Type): Type {
  return range.kind === 'map' ? { kind: 'text' } : readElement(range, integerType).type
}

function knownType(type: Type): KnownType {
  const { names } = readField(type, '')
  const values = literalsOf(type)?.filter((value) => value !== null) ?? []
  const fields = names.flatMap((name) => {
    const read = readField(type, name)
    if (read.type.kind === 'never') return []
    return [{ name, words: wordsOf(read.type), isOptional: read.mayBeMissing }]
  })
  return { words: wordsOf(type), kind: kindOfType(type), fields, ...(values.length > 0 && { values }) }
}

function kindOfType(type: Type): KnownType['kind'] {
  switch (type.kind) {
    case 'text':
      return 'text'
    case 'literal':
      return typeof type.value === 'string' ? 'text' : 'other'
    case 'list':
    case 'map':
      return type.kind
    case 'timestamp':
    case 'duration':
      return 'time'
    case 'union': {
      const kinds = new Set(type.members.filter(({ kind }) => kind !== 'null').map(kindOfType))
      const [only = 'unknown'] = kinds
      return kinds.size === 1 ? only : 'unknown'
    }
    case 'any':
      return 'unknown'
    case 'never':
    case 'null':
    case 'boolean':
    case 'number':
      return 'other'
    default:
      return type satisfies never
  }
}
