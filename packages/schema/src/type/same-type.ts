import { typeLimits } from './limits.ts'
import type { ListType, MapType, Type, UnionType } from './type.ts'

/**
 * Whether two types are written the same, members of unions and fields in any
 * order. Not the same are also two that are too large to be looked at to the end,
 * and `any` and `never` other than the constants.
 */
export function sameType(a: Type, b: Type, effort: Effort = newEffort()): boolean {
  return a === b || (a.kind === b.kind && compare(a, b, effort))
}

/** What one or several comparisons may still cost together. */
export interface Effort {
  left: number
  depth: number
}

/** As much as one operation on types may cost. */
export function newEffort(): Effort {
  return { left: typeLimits.effortMax, depth: 0 }
}

function compare(a: Type, b: Type, effort: Effort): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || --effort.left < 0 || effort.depth > typeLimits.depthMax) return false
  switch (a.kind) {
    case 'literal':
      return b.kind === 'literal' && a.value === b.value
    case 'number':
      return b.kind === 'number' && a.isInteger === b.isInteger
    case 'list':
      return b.kind === 'list' && deeper(effort, () => sameLists(a, b, effort))
    case 'map':
      return b.kind === 'map' && deeper(effort, () => sameMaps(a, b, effort))
    case 'union':
      return b.kind === 'union' && deeper(effort, () => sameUnions(a, b, effort))
    case 'any':
    case 'never':
      // What reads schemas has its own, which mean more.
      return false
    case 'null':
    case 'boolean':
    case 'text':
    case 'timestamp':
    case 'duration':
      return true
  }
}

function deeper(effort: Effort, look: () => boolean): boolean {
  effort.depth++
  const same = look()
  effort.depth--
  return same
}

function sameLists(a: ListType, b: ListType, effort: Effort): boolean {
  if (a.first.length !== b.first.length || !compare(a.rest, b.rest, effort)) return false
  return a.first.every((type, index) => {
    const other = b.first[index]
    return other !== undefined && compare(type, other, effort)
  })
}

function sameMaps(a: MapType, b: MapType, effort: Effort): boolean {
  if (a.fields.size !== b.fields.size || !compare(a.rest, b.rest, effort)) return false
  for (const [name, field] of a.fields) {
    const other = b.fields.get(name)
    if (other === undefined || field.isOptional !== other.isOptional) return false
    if (!compare(field.type, other.type, effort)) return false
  }
  return true
}

function sameUnions(a: UnionType, b: UnionType, effort: Effort): boolean {
  if (a.members.length !== b.members.length) return false
  return a.members.every((member, index) => {
    // Mostly in the same order.
    const there = b.members[index]
    if (there !== undefined && compare(member, there, effort)) return true
    return b.members.some((other) => compare(member, other, effort))
  })
}
