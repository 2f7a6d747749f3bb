import { typeLimits } from './limits.ts'
import type { Subtyping } from './subtyping.ts'
import type { ListType, MapType, Type, UnionType } from './type.ts'
import { union } from './union.ts'

/** Where and why a value of one type may not stand where another is expected. */
export interface TypeMisfit {
  /** Names of fields and indexes of elements, from the value itself; of a field that is the matter, to its map. */
  readonly path: readonly (string | number)[]
  readonly reason: 'type' | 'missing' | 'maybe missing' | 'unknown field' | 'too few'
  /** At the path; of a missing field its own type. */
  readonly expected: Type
  /** At the path; of an unknown field its own type. */
  readonly found: Type
  /** That is missing or unknown; of a map that may have any, an unknown one has no name. */
  readonly field?: string
}

type Path = readonly (string | number)[]

/** The first reason why `found` does not fit `wanted`, given that it does not. */
export function misfitOf(subtyping: Subtyping, found: Type, wanted: Type, path: Path = []): TypeMisfit {
  const whole: TypeMisfit = { path, reason: 'type', expected: wanted, found }
  if (path.length >= typeLimits.depthMax) return whole
  if (found.kind === 'union') {
    const [misfit] = found.members.filter((member) => !subtyping.holds(member, wanted))
    // That one of several is of another kind is seen on the whole only.
    return misfit !== undefined && isStructure(misfit) && hasKind(wanted, misfit)
      ? misfitOf(subtyping, misfit, wanted, path)
      : whole
  }
  if (wanted.kind === 'union') return ofAlternatives(subtyping, found, wanted, path) ?? whole
  if (found.kind === 'map' && wanted.kind === 'map') return ofMaps(subtyping, found, wanted, path) ?? whole
  if (found.kind === 'list' && wanted.kind === 'list') return ofLists(subtyping, found, wanted, path) ?? whole
  return whole
}

function isStructure(type: Type): type is ListType | MapType {
  return type.kind === 'list' || type.kind === 'map'
}

function hasKind(type: Type, { kind }: Type): boolean {
  return type.kind === 'union' ? type.members.some((member) => member.kind === kind) : type.kind === kind
}

function ofMaps(subtyping: Subtyping, found: MapType, wanted: MapType, path: Path): TypeMisfit | undefined {
  for (const [name, field] of wanted.fields) {
    const there = found.fields.get(name)
    const type = there === undefined ? found.rest : there.type
    if (!field.isOptional && (there === undefined || there.isOptional)) {
      const reason = type.kind === 'never' ? 'missing' : 'maybe missing'
      return { path, reason, expected: field.type, found, field: name }
    }
    if (!subtyping.holds(type, field.type)) return misfitOf(subtyping, type, field.type, [...path, name])
  }
  for (const [name, { type }] of found.fields) {
    if (wanted.fields.has(name) || subtyping.takesFurther(wanted, type)) continue
    if (wanted.rest.kind !== 'never') return misfitOf(subtyping, type, wanted.rest, [...path, name])
    return { path, reason: 'unknown field', expected: wanted, found: type, field: name }
  }
  if (subtyping.takesFurther(wanted, found.rest) || wanted.rest.kind !== 'never') return undefined
  return { path, reason: 'unknown field', expected: wanted, found: found.rest }
}

function ofLists(subtyping: Subtyping, found: ListType, wanted: ListType, path: Path): TypeMisfit | undefined {
  for (const [index, type] of found.first.entries()) {
    const expected = wanted.first[index] ?? wanted.rest
    if (expected.kind === 'never') return undefined
    if (!subtyping.holds(type, expected)) return misfitOf(subtyping, type, expected, [...path, index])
  }
  if (found.first.length < wanted.first.length) return { path, reason: 'too few', expected: wanted, found }
  return undefined
}

function ofAlternatives(subtyping: Subtyping, found: Type, wanted: UnionType, path: Path): TypeMisfit | undefined {
  const members = wanted.members.filter((member) => member.kind === found.kind)
  const [only] = members
  if (only === undefined || !isStructure(found)) return undefined
  if (members.length === 1) return misfitOf(subtyping, found, only, path)
  if (found.kind !== 'map') return undefined
  const maps = members.filter((member) => member.kind === 'map')
  const name = tagOf(maps)
  const tag = name === undefined ? undefined : found.fields.get(name)
  if (name === undefined || tag === undefined || tag.isOptional) return undefined
  const tags = union(maps.map((map) => map.fields.get(name)?.type ?? map.rest))
  if (!subtyping.holds(tag.type, tags)) return misfitOf(subtyping, tag.type, tags, [...path, name])
  const meant = maps.filter((map) => subtyping.holds(tag.type, map.fields.get(name)?.type ?? map.rest))
  const [one] = meant
  return one !== undefined && meant.length === 1 ? misfitOf(subtyping, found, one, path) : undefined
}

/** The field that tells maps apart: certainly there in each of them, and of certain values. */
function tagOf(maps: readonly MapType[]): string | undefined {
  const [first] = maps
  return [...(first?.fields.keys() ?? [])].find((name) =>
    maps.every((map) => {
      const field = map.fields.get(name)
      return field !== undefined && !field.isOptional && isTag(field.type)
    }),
  )
}

function isTag(type: Type): boolean {
  return type.kind === 'union' ? type.members.every(isTag) : type.kind === 'literal'
}
