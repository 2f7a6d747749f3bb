import { Meeting } from './intersect.ts'
import { typeLimits } from './limits.ts'
import { anyType, neverType, type AnyType, type Field, type MapType, type NeverType, type Type } from './type.ts'
import { union } from './union.ts'

// While a schema is read, what its parts say of further fields has more shades
// than in the end: only together they have all the names.

/** Of further fields where an object schema names some and says nothing of others: none, unless others name them. */
export const unnamed: NeverType = { kind: 'never' }
/** Of further fields where an object schema names none and says nothing of others. */
export const silent: AnyType = { kind: 'any' }
/** Of further fields that a schema takes expressly. */
export const open: AnyType = { kind: 'any' }
/** Of a part that was not looked at: it may name fields, at any depth. */
export const unseen: AnyType = { kind: 'any' }

// Of two that take anything, the later one says more.
const shades: readonly Type[] = [silent, anyType, open, unseen]

/** What parts of one schema have in common. */
export class SchemaMeeting extends Meeting {
  readonly #opened = new Map<Type, Type>()

  protected override ofEdge(a: Type, b: Type): Type {
    if (a.kind !== 'any' && (a.kind !== 'never' || b.kind === 'any')) return this.ofEdge(b, a)
    if (a.kind === 'never') return a === unnamed ? b : a
    if (b.kind === 'any') return shades.indexOf(a) > shades.indexOf(b) ? a : b
    if (b === unnamed) return a === silent ? b : a
    return a === unseen ? this.opened(b) : b
  }

  protected override ofUnseen(): Type {
    return unseen
  }

  protected override unionOf(types: readonly Type[]): Type {
    // Maps that become one no longer say which of them named what.
    return union(types.length > typeLimits.membersMax ? types.map((type) => this.opened(type)) : types)
  }

  /** The type of values that have one of these types, all for the same place. */
  either(types: readonly Type[]): Type {
    if (types.every((type) => type.kind !== 'any')) return this.unionOf(types)
    // What names fields is not to be lost in what takes anything.
    return types.some((type) => type === unseen || isStructured(type)) ? unseen : anyType
  }

  /** The type of a part together with one that was not looked at: at any depth that one may name further fields. */
  opened(type: Type): Type {
    if (type.kind === 'any' || type === unnamed) return unseen
    const known = this.#opened.get(type)
    if (known !== undefined) return known
    const opened = mapParts(type, (part) => this.opened(part))
    this.#opened.set(type, opened)
    this.#opened.set(opened, opened)
    return opened
  }
}

/** Whether a type has lists or maps. */
export function isStructured(type: Type): boolean {
  if (type.kind === 'union') return type.members.some(isStructured)
  return type.kind === 'list' || type.kind === 'map'
}

/** The type as it is once all parts of a schema have been read. */
export function closed(type: Type): Type {
  if (type.kind === 'any') return anyType
  if (type.kind === 'never') return neverType
  const parts = mapParts(type, closed)
  return parts.kind === 'map' ? withoutNothing(parts) : parts
}

// What cannot be there has to be said only where a further field could be.
function withoutNothing(map: MapType): MapType {
  if (map.rest.kind !== 'never') return map
  const there = [...map.fields].filter(([, field]) => field.type.kind !== 'never')
  return there.length === map.fields.size ? map : { ...map, fields: new Map(there) }
}

function mapParts(type: Type, change: (part: Type) => Type): Type {
  switch (type.kind) {
    case 'union': {
      if (!type.members.some(isStructured)) return type
      const members = type.members.map(change)
      return members.every((member, index) => member === type.members[index]) ? type : union(members)
    }
    case 'list': {
      const first = type.first.map(change)
      const rest = change(type.rest)
      const isSame = rest === type.rest && first.every((part, index) => part === type.first[index])
      return isSame ? type : { kind: 'list', first, rest }
    }
    case 'map': {
      const rest = change(type.rest)
      const fields = new Map<string, Field>()
      let isSame = rest === type.rest
      for (const [name, field] of type.fields) {
        const changed = change(field.type)
        if (changed !== field.type) isSame = false
        fields.set(name, changed === field.type ? field : { type: changed, isOptional: field.isOptional })
      }
      return isSame ? type : { kind: 'map', fields, rest }
    }
    default:
      return type
  }
}
