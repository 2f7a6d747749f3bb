import type { Literal } from '../expression/syntax-node.ts'
import type { Type } from './type.ts'

/** All values that a type has, where they are few; `undefined` where they cannot be listed. */
export function literalsOf(type: Type): readonly Literal[] | undefined {
  switch (type.kind) {
    case 'literal':
      return [type.value]
    case 'boolean':
      return [true, false]
    case 'null':
      return [null]
    case 'union': {
      const all = type.members.map(literalsOf)
      return all.some((values) => values === undefined) ? undefined : all.flatMap((values) => values ?? [])
    }
    default:
      return undefined
  }
}
