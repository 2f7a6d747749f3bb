import type { Literal } from '../expression/syntax-node.ts'
import { typeLimits } from './limits.ts'
import { takesLiteral } from './takes-literal.ts'
import {
  anyType,
  literalType,
  neverType,
  type Field,
  type ListType,
  type MapType,
  type Type,
  type UnionType,
} from './type.ts'
import { baseOf, union } from './union.ts'

/**
 * The type of a value that has both types, `never` where there is none. What
 * would cost too much to find out is left as wide as the first of them.
 */
export function intersect(a: Type, b: Type): Type {
  if (a === b) return a
  if (a.kind === 'any' || b.kind === 'never') return b
  if (b.kind === 'any' || a.kind === 'never') return a
  return new Meeting().of(a, b)
}

/** One look at what two types have in common. */
export class Meeting {
  #left: number = typeLimits.effortMax
  #depth = 0

  /** Where one of the two is `any` or `never`. */
  protected ofEdge(a: Type, b: Type): Type {
    if (a.kind === 'never' || b.kind === 'any') return a
    return b
  }

  protected unionOf(types: readonly Type[]): Type {
    return union(types)
  }

  /** Where looking ends: a type that takes in all that has both. */
  protected ofUnseen(a: Type, _b: Type): Type {
    return a
  }

  of(a: Type, b: Type): Type {
    if (a === b) return a
    if (isEdge(a) || isEdge(b)) return this.ofEdge(a, b)
    if (--this.#left < 0 || this.#depth >= typeLimits.depthMax) return this.ofUnseen(a, b)
    this.#depth++
    const type = this.#ofPair(a, b)
    this.#depth--
    return type
  }

  #ofPair(a: Type, b: Type): Type {
    if (a.kind === 'union') return this.#ofUnion(a, b)
    if (b.kind === 'union') return this.#ofUnion(b, a)
    if (a.kind === 'map') return b.kind === 'map' ? this.#ofMaps(a, b) : neverType
    if (a.kind === 'list') return b.kind === 'list' ? this.#ofLists(a, b) : neverType
    if (a.kind === 'literal') return takesLiteral(b, a.value) ? a : neverType
    if (b.kind === 'literal') return takesLiteral(a, b.value) ? b : neverType
    if (a.kind !== b.kind) return neverType
    return a.kind === 'number' && !a.isInteger ? b : a
  }

  #ofUnion(a: UnionType, b: Type): Type {
    const kept: Type[] = []
    let isSame = true
    for (const member of a.members) {
      const common = this.#ofMember(member, b)
      if (common !== member) isSame = false
      if (common.kind !== 'never') kept.push(common)
    }
    return isSame ? a : this.unionOf(kept)
  }

  #ofMember(member: Type, b: Type): Type {
    if (member.kind === 'literal') return takesLiteral(b, member.value) ? member : neverType
    return b.kind === 'union' ? this.#ofUnion(b, member) : this.of(member, b)
  }

  #ofLists(a: ListType, b: ListType): Type {
    const first: Type[] = []
    let isSame = a.first.length >= b.first.length
    for (let index = 0; index < Math.max(a.first.length, b.first.length); index++) {
      const own = a.first[index] ?? a.rest
      const common = this.of(own, b.first[index] ?? b.rest)
      if (common.kind === 'never') return neverType
      if (common !== own) isSame = false
      first.push(common)
    }
    const rest = this.of(a.rest, b.rest)
    return isSame && rest === a.rest ? a : { kind: 'list', first, rest }
  }

  #ofMaps(a: MapType, b: MapType): Type {
    const rest = this.of(a.rest, b.rest)
    const fields = new Map<string, Field>()
    let isSame = rest === a.rest
    for (const [name, field] of a.fields) {
      const other = b.fields.get(name)
      const type = this.of(field.type, other === undefined ? b.rest : other.type)
      const isOptional = field.isOptional && (other === undefined || other.isOptional)
      if (type.kind === 'never' && !isOptional) return neverType
      const isField = type !== field.type || isOptional !== field.isOptional ? { type, isOptional } : field
      if (isField !== field) isSame = false
      if (!isNothing(isField, rest)) fields.set(name, isField)
    }
    for (const [name, field] of b.fields) {
      if (a.fields.has(name)) continue
      isSame = false
      const type = this.of(a.rest, field.type)
      if (type.kind === 'never' && !field.isOptional) return neverType
      const common = { type, isOptional: field.isOptional }
      if (!isNothing(common, rest)) fields.set(name, common)
    }
    return isSame ? a : { kind: 'map', fields, rest }
  }
}

function isEdge({ kind }: Type): boolean {
  return kind === 'any' || kind === 'never'
}

// What cannot be there has to be said only where a further field could be.
function isNothing(field: Field, rest: Type): boolean {
  return field.type.kind === 'never' && rest === neverType
}

/** What is left of a type without one value: out of a union, a literal, null, or true and false. */
export function without(type: Type, value: Literal): Type {
  switch (type.kind) {
    case 'null':
      return value === null ? neverType : type
    case 'literal':
      return type.value === value ? neverType : type
    case 'boolean':
      return typeof value === 'boolean' ? literalType(!value) : type
    case 'union': {
      const members = type.members.map((member) => without(member, value))
      return members.every((member, index) => member === type.members[index]) ? type : union(members)
    }
    case 'any':
    case 'never':
    case 'number':
    case 'text':
    case 'timestamp':
    case 'duration':
    case 'list':
    case 'map':
      return type
  }
}

/** The type with literals taken for what they are: text, numbers, true and false; in lists and maps too. */
export function widen(type: Type): Type {
  return widenAt(type, new Map(), 0)
}

// A type that stands in many places is widened once.
function widenAt(type: Type, known: Map<Type, Type>, depth: number): Type {
  if (type.kind === 'literal') return baseOf(type)
  if (type.kind !== 'union' && type.kind !== 'list' && type.kind !== 'map') return type
  const before = known.get(type)
  if (before !== undefined) return before
  const wide = depth >= typeLimits.depthMax ? anyType : widenParts(type, (part) => widenAt(part, known, depth + 1))
  known.set(type, wide)
  return wide
}

function widenParts(type: UnionType | ListType | MapType, widened: (part: Type) => Type): Type {
  switch (type.kind) {
    case 'union': {
      const members = type.members.map(widened)
      return members.every((member, index) => member === type.members[index]) ? type : union(members)
    }
    case 'list': {
      const first = type.first.map(widened)
      const rest = widened(type.rest)
      const isSame = rest === type.rest && first.every((part, index) => part === type.first[index])
      return isSame ? type : { kind: 'list', first, rest }
    }
    case 'map': {
      const rest = widened(type.rest)
      const fields = new Map<string, Field>()
      let isSame = rest === type.rest
      for (const [name, field] of type.fields) {
        const wide = widened(field.type)
        if (wide !== field.type) isSame = false
        fields.set(name, wide === field.type ? field : { type: wide, isOptional: field.isOptional })
      }
      return isSame ? type : { kind: 'map', fields, rest }
    }
  }
}
