import { anyType, neverType, type ListType, type MapType, type Type } from './type.ts'
import { union } from './union.ts'

/** What reading a field or an element of a value gives. */
export interface FieldRead {
  /** Of what is there; `never` where nothing can be. */
  readonly type: Type
  /** Whether something can be there, or the value has a field of that name; of `never`, from which nothing is read, as well. */
  readonly isKnown: boolean
  /** Whether one of the lists and maps may be without it. */
  readonly mayBeMissing: boolean
  /** Whether the value may be null. */
  readonly isNull: boolean
  /** What the value may be of which nothing can be read, without null; `never` where nothing. */
  readonly notMaps: Type
  /** The fields that the value may have. */
  readonly names: readonly string[]
}

/** Reads a field. */
export function readField(type: Type, name: string): FieldRead {
  const reading = new Reading(type)
  for (const member of membersOf(type)) {
    if (member.kind === 'map') reading.field(member, name)
    else reading.other(member)
  }
  return reading
}

/**
 * Reads an element of a list by its number, or a field of a map by its name.
 * Where the index may be several values, what any of them gives.
 */
export function readElement(type: Type, index: Type): FieldRead {
  const reading = new Reading(type)
  for (const member of membersOf(type)) {
    if (member.kind === 'list') readList(reading, member, index)
    else if (member.kind === 'map') readMap(reading, member, index)
    else reading.other(member)
  }
  return reading
}

function membersOf(type: Type): readonly Type[] {
  return type.kind === 'union' ? type.members : [type]
}

function readList(reading: Reading, list: ListType, index: Type): void {
  for (const which of membersOf(index)) {
    if (which.kind === 'number' || which.kind === 'any') reading.found(union([...list.first, list.rest]), true)
    else if (which.kind === 'literal' && typeof which.value === 'number') readAt(reading, list, which.value)
    else if (which.kind !== 'never') reading.other(list)
  }
}

function readAt(reading: Reading, list: ListType, index: number): void {
  const certain = list.first[index]
  if (certain !== undefined) reading.found(certain, false)
  else reading.found(Number.isInteger(index) && index >= 0 ? list.rest : neverType, true)
}

function readMap(reading: Reading, map: MapType, index: Type): void {
  for (const which of membersOf(index)) {
    if (which.kind === 'literal' && typeof which.value === 'string') reading.field(map, which.value)
    else if (which.kind === 'text' || which.kind === 'any') {
      reading.found(union([...[...map.fields.values()].map((field) => field.type), map.rest]), true)
    } else if (which.kind !== 'never') reading.other(map)
  }
}

class Reading implements FieldRead {
  mayBeMissing = false
  isNull = false
  notMaps: Type = neverType
  type: Type = neverType
  isKnown: boolean
  readonly #whole: Type

  constructor(whole: Type) {
    this.#whole = whole
    this.isKnown = whole.kind === 'never'
  }

  get names(): readonly string[] {
    const names = new Set<string>()
    for (const member of membersOf(this.#whole)) {
      if (member.kind !== 'map') continue
      for (const name of member.fields.keys()) names.add(name)
    }
    return [...names]
  }

  field(map: MapType, name: string): void {
    const field = map.fields.get(name)
    if (field === undefined) {
      this.found(map.rest, true)
      return
    }
    // Also one that is never there: whoever asks for it has its name right.
    this.isKnown = true
    this.found(field.type, field.isOptional)
  }

  found(type: Type, mayBeMissing: boolean): void {
    if (mayBeMissing) this.mayBeMissing = true
    if (type.kind === 'never') return
    this.isKnown = true
    this.type = this.type === neverType ? type : union([this.type, type])
  }

  other(type: Type): void {
    if (type.kind === 'null') this.isNull = true
    else if (type.kind === 'any') this.found(anyType, false)
    else if (type.kind !== 'never') this.notMaps = union([this.notMaps, type])
  }
}
