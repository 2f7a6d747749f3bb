import { typeLimits } from './limits.ts'
import { newEffort, sameType, type Effort } from './same-type.ts'
import {
  anyType,
  booleanType,
  integerType,
  neverType,
  numberType,
  textType,
  type Field,
  type ListType,
  type LiteralType,
  type MapType,
  type Type,
} from './type.ts'

/**
 * The type of a value that has one of these types: each member once, in the order
 * given, without those that another one takes in. Lists and maps stay apart, so
 * that what tells them apart is not lost, up to a limit.
 */
export function union(types: readonly Type[]): Type {
  const [first, second] = types
  if (first === undefined) return neverType
  if (second === undefined || (first === second && types.length === 2)) return first
  if (types.length === 2) {
    if (first === neverType) return second
    if (second === neverType) return first
    if (first.kind === 'union' && first.members.includes(second)) return first
    if (second.kind === 'union' && second.members.includes(first)) return second
  }
  return unite(types, newEffort())
}

/** The kind of value that a literal is one of. */
export function baseOf({ value }: LiteralType): Type {
  if (typeof value === 'string') return textType
  if (typeof value === 'boolean') return booleanType
  return Number.isInteger(value) ? integerType : numberType
}

function unite(types: readonly Type[], effort: Effort): Type {
  const gathered = new Gathering(effort)
  for (const type of types) gathered.add(type)
  effort.left -= types.length
  if (gathered.unknown !== undefined) return gathered.unknown
  const members = bounded(gathered, effort)
  const [only] = members
  if (only === undefined) return types.find((type) => type !== neverType) ?? neverType
  if (members.length === 1) return only
  const same = types.find((type) => type.kind === 'union' && isSameList(type.members, members))
  return same ?? { kind: 'union', members }
}

function isSameList(a: readonly Type[], b: readonly Type[]): boolean {
  return a.length === b.length && a.every((type, index) => type === b[index])
}

/** Members as they come in, each once. */
class Gathering {
  unknown: Type | undefined
  readonly members: Type[] = []
  readonly literals = new Set<LiteralType['value']>()
  /** Of members that have no parts. */
  readonly kinds = new Set<string>()
  readonly structures: (ListType | MapType)[] = []
  readonly #effort: Effort

  constructor(effort: Effort) {
    this.#effort = effort
  }

  add(type: Type): void {
    switch (type.kind) {
      case 'any':
        // One that means more than `anyType` to whoever made it is kept.
        if (this.unknown === undefined || this.unknown === anyType) this.unknown = type
        return
      case 'never':
        return
      case 'union':
        for (const member of type.members) this.add(member)
        return
      case 'literal':
        if (this.literals.has(type.value)) return
        this.literals.add(type.value)
        break
      case 'list':
      case 'map':
        if (this.#has(type)) return
        this.structures.push(type)
        break
      default: {
        const kind = type.kind === 'number' && type.isInteger ? 'integer' : type.kind
        if (this.kinds.has(kind)) return
        this.kinds.add(kind)
      }
    }
    this.members.push(type)
  }

  // Beyond the limit all become one, and each pair is not worth its comparison.
  #has(type: ListType | MapType): boolean {
    if (this.structures.length > typeLimits.membersMax) return false
    return this.structures.some((other) => sameType(other, type, this.#effort))
  }
}

function bounded(gathered: Gathering, effort: Effort): readonly Type[] {
  const { kinds, literals, structures } = gathered
  let { members } = gathered
  if (literals.has(true) && literals.has(false)) {
    if (!kinds.has('boolean')) {
      members = members.map((type) => (type.kind === 'literal' && type.value === true ? booleanType : type))
    }
    kinds.add('boolean')
  }
  if (literals.size > typeLimits.literalsMax) {
    members = onceEach(members.map((type) => (type.kind === 'literal' ? baseOf(type) : type)))
    for (const type of members) kinds.add(type.kind === 'number' && type.isInteger ? 'integer' : type.kind)
  }
  if (kinds.size > 0) members = members.filter((type) => !isTakenIn(type, kinds))
  return structures.length > typeLimits.membersMax ? merged(members, structures, effort) : members
}

function onceEach(types: readonly Type[]): Type[] {
  return [...new Set(types)]
}

function isTakenIn(type: Type, kinds: ReadonlySet<string>): boolean {
  if (type.kind === 'number') return type.isInteger && kinds.has('number')
  if (type.kind !== 'literal') return false
  const { value } = type
  if (typeof value === 'string') return kinds.has('text')
  if (typeof value === 'boolean') return kinds.has('boolean')
  return kinds.has('number') || (Number.isInteger(value) && kinds.has('integer'))
}

function merged(members: readonly Type[], structures: readonly (ListType | MapType)[], effort: Effort): Type[] {
  const lists = structures.filter((type) => type.kind === 'list')
  const maps = structures.filter((type) => type.kind === 'map')
  const one: Type[] = members.filter((type) => type.kind !== 'list' && type.kind !== 'map')
  if (lists.length > 0) one.push(mergedList(lists, effort))
  if (maps.length > 0) one.push(mergedMap(maps, effort))
  return one
}

function mergedList(lists: readonly ListType[], effort: Effort): Type {
  const length = Math.min(...lists.map((list) => list.first.length))
  const first = Array.from({ length }, (_, index) =>
    part(
      lists.map((list) => list.first[index] ?? list.rest),
      effort,
    ),
  )
  const others = lists.flatMap((list) => [...list.first.slice(length), list.rest])
  return { kind: 'list', first, rest: part(others, effort) }
}

function mergedMap(maps: readonly MapType[], effort: Effort): Type {
  const rest = part(
    maps.map((map) => map.rest),
    effort,
  )
  const fields = new Map<string, Field>()
  for (const name of new Set(maps.flatMap((map) => [...map.fields.keys()]))) {
    const found = maps.map((map) => map.fields.get(name))
    const types = found.map((field, index) => field?.type ?? maps[index]?.rest ?? neverType)
    fields.set(name, {
      type: part(types, effort),
      isOptional: found.some((field) => field === undefined || field.isOptional),
    })
  }
  return { kind: 'map', fields, rest }
}

// What types share is looked at each time, so a small one can be large to walk.
function part(types: readonly Type[], effort: Effort): Type {
  return effort.left > 0 ? unite(types, effort) : anyType
}
