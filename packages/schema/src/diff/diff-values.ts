import { isJsonList, pointerPart, type Json } from '../json.ts'

/** One place where two values differ. What is missing on a side is not there. */
export interface ValueChange {
  /** JSON Pointer. */
  readonly pointer: string
  readonly before?: Json
  readonly after?: Json
}

/**
 * Where two values differ, place by place: as deep as both have the same kind of
 * container. Lists are compared by position. Either value may be missing.
 */
export function diffValues(before: Json | undefined, after: Json | undefined, pointer = ''): readonly ValueChange[] {
  const [one, other] = [entriesOf(before), entriesOf(after)]
  if (one === undefined || other === undefined || isJsonList(before ?? null) !== isJsonList(after ?? null)) {
    if (isSameLeaf(before, after)) return []
    return [{ pointer, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }]
  }
  const keys = new Set([...one.keys(), ...other.keys()])
  return [...keys].flatMap((key) => diffValues(one.get(key), other.get(key), pointer + pointerPart(key)))
}

function isSameLeaf(before: Json | undefined, after: Json | undefined): boolean {
  return before === after
}

// An empty map and an empty list differ, and so does a map from nothing.
function entriesOf(value: Json | undefined): ReadonlyMap<string, Json | undefined> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined
}
