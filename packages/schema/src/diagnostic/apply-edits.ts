import type { TextEdit } from './diagnostic.ts'

/** A text with its edits applied. None of them may lie inside another one; their order does not matter. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let mended = ''
  let at = 0
  for (const { range, newText } of edits.toSorted((a, b) => a.range.start.offset - b.range.start.offset)) {
    mended += text.slice(at, range.start.offset) + newText
    at = range.end.offset
  }
  return mended + text.slice(at)
}
