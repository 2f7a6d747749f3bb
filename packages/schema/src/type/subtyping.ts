import { typeLimits } from './limits.ts'
import { takesLiteral } from './takes-literal.ts'
import { literalType, type Field, type ListType, type MapType, type Type, type UnionType } from './type.ts'

/** One comparison of types, which looks at so many pairs and no more. */
export class Subtyping {
  #left: number
  #depth = 0

  constructor(effort: number) {
    this.#left = effort
  }

  /** Whether every value of `found` is one of `wanted`. */
  holds(found: Type, wanted: Type): boolean {
    if (found === wanted || found.kind === 'any' || wanted.kind === 'any' || found.kind === 'never') return true
    if (--this.#left < 0 || this.#depth >= typeLimits.depthMax) return false
    this.#depth++
    const holds = this.#ofPair(found, wanted)
    this.#depth--
    return holds
  }

  #ofPair(found: Type, wanted: Type): boolean {
    switch (found.kind) {
      case 'union':
        return found.members.every((member) => this.holds(member, wanted))
      case 'literal':
        return takesLiteral(wanted, found.value)
      case 'null':
        return takesLiteral(wanted, null)
      case 'boolean':
        return takesLiteral(wanted, true) && takesLiteral(wanted, false)
      case 'list':
      case 'map':
        return this.#ofStructure(found, wanted)
      case 'text':
      case 'number':
      case 'timestamp':
      case 'duration':
        return wanted.kind === 'union'
          ? wanted.members.some((member) => this.holds(found, member))
          : isWithin(found, wanted)
      case 'any':
      case 'never':
        return true
    }
  }

  #ofStructure(found: ListType | MapType, wanted: Type): boolean {
    if (wanted.kind === 'union') {
      if (wanted.members.some((member) => member.kind === found.kind && this.holds(found, member))) return true
      return found.kind === 'map' && this.#inParts(found, wanted)
    }
    if (found.kind === 'list') return wanted.kind === 'list' && this.#ofLists(found, wanted)
    return wanted.kind === 'map' && this.#ofMaps(found, wanted)
  }

  // A map that fits no member as a whole may fit one of them with each of the values of a field.
  #inParts(found: MapType, wanted: UnionType): boolean {
    const members = wanted.members.filter((member) => member.kind === 'map')
    if (members.length < 2) return false
    for (const [name, field] of found.fields) {
      const parts = partsOf(field)
      if (parts === undefined || !members.some((member) => this.#splits(field, member.fields.get(name)))) continue
      return parts.every((part) => {
        const fields = new Map(found.fields).set(name, { type: part, isOptional: false })
        return this.#ofStructure({ kind: 'map', fields, rest: found.rest }, wanted)
      })
    }
    return false
  }

  #splits(field: Field, wanted: Field | undefined): boolean {
    return wanted !== undefined && --this.#left > 0 && !this.holds(field.type, wanted.type)
  }

  #ofLists(found: ListType, wanted: ListType): boolean {
    if (found.first.length < wanted.first.length) return false
    if (!this.holds(found.rest, wanted.rest)) return false
    return found.first.every((type, index) => this.holds(type, wanted.first[index] ?? wanted.rest))
  }

  #ofMaps(found: MapType, wanted: MapType): boolean {
    for (const [name, field] of wanted.fields) {
      const there = found.fields.get(name)
      if (!field.isOptional && (there === undefined || there.isOptional)) return false
      if (!this.holds(there === undefined ? found.rest : there.type, field.type)) return false
    }
    for (const [name, field] of found.fields) {
      if (!wanted.fields.has(name) && !this.takesFurther(wanted, field.type)) return false
    }
    return this.holds(found.rest, wanted.rest)
  }

  /** Whether a map may have a field that it does not name. */
  takesFurther(wanted: MapType, type: Type): boolean {
    return type.kind === 'never' || (wanted.rest.kind !== 'never' && this.holds(type, wanted.rest))
  }
}

/** The values of a field that is certainly there, one by one. */
function partsOf({ type, isOptional }: Field): readonly Type[] | undefined {
  if (isOptional) return undefined
  if (type.kind === 'union') return type.members
  return type.kind === 'boolean' ? [literalType(true), literalType(false)] : undefined
}

function isWithin(found: Type, wanted: Type): boolean {
  switch (wanted.kind) {
    case 'text':
      return found.kind === 'text' || found.kind === 'timestamp' || found.kind === 'duration'
    case 'number':
      return found.kind === 'number' && (found.isInteger || !wanted.isInteger)
    case 'timestamp':
    case 'duration':
      return found.kind === wanted.kind
    case 'any':
      return true
    case 'never':
    case 'null':
    case 'boolean':
    case 'literal':
    case 'list':
    case 'map':
    case 'union':
      return false
  }
}
