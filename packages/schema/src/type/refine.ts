import { typeLimits } from './limits.ts'
import { neverType, type ListType, type MapType, type Type } from './type.ts'
import { union } from './union.ts'

/** Names of fields and indexes of elements, from a value to what is in it. */
export type TypePath = readonly (string | number)[]

/** The type of a value in which a path certainly leads to something, be it null; `never` where it cannot. */
export function present(type: Type, path: TypePath): Type {
  return refineAt(type, path, (inner) => inner)
}

/**
 * The type of a value in which a path leads to something of which more is known.
 * What `narrow` gives stands there then; where that is `never`, and where the path
 * cannot lead to anything, there is no such value.
 */
export function refineAt(type: Type, path: TypePath, narrow: (inner: Type) => Type): Type {
  return refine(type, path, 0, narrow)
}

function refine(type: Type, path: TypePath, at: number, narrow: (inner: Type) => Type): Type {
  const key = path[at]
  if (key === undefined) return narrow(type)
  switch (type.kind) {
    case 'any':
      return type
    case 'union':
      return ofMembers(type.members, type, (member) => refine(member, path, at, narrow))
    case 'map': {
      if (typeof key !== 'string') return neverType
      const field = type.fields.get(key)
      const before = field?.type ?? type.rest
      const inner = before.kind === 'never' ? before : refine(before, path, at + 1, narrow)
      if (inner.kind === 'never') return neverType
      return field?.isOptional === false && inner === before ? type : withField(type, key, inner, false)
    }
    case 'list': {
      if (typeof key !== 'number') return neverType
      const before = elementAt(type, key)
      const inner = before.kind === 'never' ? before : refine(before, path, at + 1, narrow)
      return inner.kind === 'never' ? neverType : withElement(type, key, inner)
    }
    default:
      return neverType
  }
}

/** The type of a value in which a path leads to nothing; `never` where it certainly leads to something. */
export function absent(type: Type, path: TypePath): Type {
  return absentFrom(type, path, 0)
}

function absentFrom(type: Type, path: TypePath, at: number): Type {
  const key = path[at]
  if (key === undefined) return neverType
  switch (type.kind) {
    case 'union':
      return ofMembers(type.members, type, (member) => absentFrom(member, path, at))
    case 'map':
      return typeof key === 'string' ? absentFromMap(type, key, (inner) => absentFrom(inner, path, at + 1)) : type
    case 'list':
      return typeof key === 'number' ? absentFromList(type, key, (inner) => absentFrom(inner, path, at + 1)) : type
    default:
      return type
  }
}

function absentFromMap(map: MapType, name: string, absentInside: (inner: Type) => Type): Type {
  const field = map.fields.get(name)
  const before = field?.type ?? map.rest
  if (before.kind === 'never') return field?.isOptional === false ? neverType : map
  const inner = absentInside(before)
  if (inner === before) return map
  if (inner.kind === 'never' && field?.isOptional === false) return neverType
  return withField(map, name, inner, field?.isOptional ?? true)
}

function absentFromList(list: ListType, index: number, absentInside: (inner: Type) => Type): Type {
  const before = elementAt(list, index)
  if (before.kind === 'never') return list
  const inner = absentInside(before)
  if (inner === before) return list
  if (index < list.first.length) return inner.kind === 'never' ? neverType : withElement(list, index, inner)
  // Without an element there is none after it. What is in one that may be there cannot be said.
  return inner.kind === 'never' && index === list.first.length ? { ...list, rest: neverType } : list
}

function ofMembers(members: readonly Type[], whole: Type, refined: (member: Type) => Type): Type {
  const kept: Type[] = []
  let isSame = true
  for (const member of members) {
    const after = refined(member)
    if (after !== member) isSame = false
    if (after.kind !== 'never') kept.push(after)
  }
  return isSame ? whole : union(kept)
}

function withField(map: MapType, name: string, type: Type, isOptional: boolean): Type {
  return { kind: 'map', fields: new Map(map.fields).set(name, { type, isOptional }), rest: map.rest }
}

function elementAt(list: ListType, index: number): Type {
  if (!Number.isInteger(index) || index < 0) return neverType
  return list.first[index] ?? list.rest
}

function withElement(list: ListType, index: number, type: Type): Type {
  if (list.first[index] === type || index >= typeLimits.elementsMax) return list
  const first = [...list.first]
  while (first.length < index) first.push(list.rest)
  first[index] = type
  return { kind: 'list', first, rest: list.rest }
}
