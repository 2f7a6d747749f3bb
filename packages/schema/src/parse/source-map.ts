import type { Scalar } from 'yaml'
import type { Position, Range, TextEdit } from '../diagnostic/diagnostic.ts'
import { parentPointer } from '../json.ts'
import type { DocumentEdit } from './document-edit.ts'
import { sourceOffsets, unitLength } from './scalar.ts'
import { offsetEditOf, type Collection } from './text-edit.ts'

/** Where each node of a document stands in its text, by JSON Pointer. */
export interface SourceMap {
  /** The place of a value; of the nearest one around it where the pointer leads to nothing. */
  value(pointer: string): Range
  /** The place of the key that a value has in its map. */
  key(pointer: string): Range | undefined
  /** The place of a part of a text, given by offsets in the text as the document gives it. */
  inside(pointer: string, start: number, end: number): Range
  /** The edit of the text that changes the document so; `undefined` where its text cannot be changed without touching more. */
  textEdit(edit: DocumentEdit): TextEdit | undefined
}

/** Offsets of a node in the text, end exclusive. */
export interface Place {
  readonly key?: readonly [start: number, end: number]
  readonly value: readonly [start: number, end: number]
  readonly scalar?: Scalar
  readonly collection?: Collection
}

/** The source map over the places that were found while a text was parsed. */
export function createSourceMap(text: string, places: ReadonlyMap<string, Place>): SourceMap {
  const positionAt = positions(text)
  // A long text may have thousands of places asked for.
  const offsetsOf = new Map<Scalar, readonly number[] | undefined>()
  const range = ([start, end]: readonly [number, number]): Range => ({ start: positionAt(start), end: positionAt(end) })
  const value = (pointer: string): Range => {
    const place = places.get(pointer)
    if (place) return range(place.value)
    return pointer === '' ? range([0, 0]) : value(parentPointer(pointer))
  }
  const inside = (pointer: string, start: number, end: number): readonly [number, number] | undefined => {
    const scalar = places.get(pointer)?.scalar
    if (scalar && !offsetsOf.has(scalar)) offsetsOf.set(scalar, sourceOffsets(text, scalar))
    const offsets = scalar && offsetsOf.get(scalar)
    const from = offsets?.[start]
    const to = offsets?.[Math.max(start, end - 1)]
    if (scalar === undefined || from === undefined || to === undefined) return undefined
    // A block at the end of a text has a line break that is not in the text.
    return [from, Math.min(text.length, Math.max(from, end > start ? to + unitLength(text, scalar, to) : to))]
  }
  return {
    value,
    key(pointer) {
      const key = places.get(pointer)?.key
      return key && range(key)
    },
    inside(pointer, start, end) {
      const offsets = inside(pointer, start, end)
      return offsets ? range(offsets) : value(pointer)
    },
    textEdit(edit) {
      const found = offsetEditOf({ text, places, inside }, edit)
      return found && { range: range([found.start, found.end]), newText: found.newText }
    },
  }
}

/** Gives line and column of offsets in a text. */
export function positions(text: string): (offset: number) => Position {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { offset, line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}
