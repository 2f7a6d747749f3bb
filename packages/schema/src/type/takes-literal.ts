import type { Literal } from '../expression/syntax-node.ts'
import type { Type, UnionType } from './type.ts'

/** Whether a value that has no parts is one of a type. */
export function takesLiteral(type: Type, value: Literal): boolean {
  switch (type.kind) {
    case 'any':
      return true
    case 'literal':
      return type.value === value
    case 'text':
      return typeof value === 'string'
    case 'number':
      return typeof value === 'number' && (!type.isInteger || Number.isInteger(value))
    case 'boolean':
      return typeof value === 'boolean'
    case 'null':
      return value === null
    case 'union':
      return unionTakes(type, value)
    case 'never':
    case 'timestamp':
    case 'duration':
    case 'list':
    case 'map':
      return false
  }
}

// Two enums are compared literal by literal: looking one up must not cost a walk through the other.
function unionTakes(type: UnionType, value: Literal): boolean {
  if (type.members.length < indexedMin) return type.members.some((member) => takesLiteral(member, value))
  let index = indexes.get(type)
  if (index === undefined) {
    index = {
      literals: new Set(type.members.flatMap((member) => (member.kind === 'literal' ? [member.value] : []))),
      others: type.members.filter((member) => member.kind !== 'literal'),
    }
    indexes.set(type, index)
  }
  return index.literals.has(value) || index.others.some((member) => takesLiteral(member, value))
}

const indexedMin = 16

const indexes = new WeakMap<UnionType, { readonly literals: ReadonlySet<Literal>; readonly others: readonly Type[] }>()
