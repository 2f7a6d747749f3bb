import { isJsonObject, type Json } from '../json.ts'
import { typeLimits } from './limits.ts'
import { anyType, listType, literalType, neverType, nullType, type Field, type Type } from './type.ts'
import { union } from './union.ts'

/** The type that a value alone has: literals, lists of this length, maps with these fields. */
export function typeOfValue(value: Json): Type {
  return typeAt(value, 0)
}

function typeAt(value: Json, depth: number): Type {
  if (value === null) return nullType
  if (typeof value !== 'object') return literalType(value)
  if (depth >= typeLimits.depthMax) return anyType
  if (!isJsonObject(value)) {
    const elements = value.map((element) => typeAt(element, depth + 1))
    if (elements.length <= typeLimits.elementsMax) return listType(neverType, elements)
    return listType(union(elements.slice(typeLimits.elementsMax)), elements.slice(0, typeLimits.elementsMax))
  }
  const fields = new Map<string, Field>()
  for (const [name, part] of Object.entries(value)) {
    if (part !== undefined) fields.set(name, { type: typeAt(part, depth + 1), isOptional: false })
  }
  return { kind: 'map', fields, rest: neverType }
}
