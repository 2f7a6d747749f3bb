import { neverType, type Type } from './type.ts'

/** The type of a value that has one of these types. */
export function union(types: readonly Type[]): Type {
  return types[0] ?? neverType
}
