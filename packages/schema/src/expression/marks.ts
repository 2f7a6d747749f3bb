import { skip } from './scan.ts'

/** A piece of a string: text as it stands, or the expression between `${{` and `}}`. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly text: string; readonly start: number; readonly end: number }
  | { readonly kind: 'open'; readonly what: 'mark' | 'string'; readonly start: number; readonly end: number }

/**
 * Cuts a string at its marks. `$${{` is the text `${{`. What has no end, a
 * mark or a string in it, is the last piece, of kind `open`. Offsets are those
 * of the expression's text, or of what is open.
 */
export function cutAtMarks(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let pending = ''
  let index = 0
  while (index < text.length) {
    const mark = text.indexOf('${{', index)
    if (mark === -1) break
    if (mark > index && text[mark - 1] === '$') {
      pending += `${text.slice(index, mark - 1)}\${{`
      index = mark + 3
      continue
    }
    pending += text.slice(index, mark)
    if (pending !== '') pieces.push({ kind: 'text', text: pending })
    pending = ''
    const start = mark + 3
    const end = endOfMark(text, start)
    if (typeof end !== 'number') return [...pieces, end]
    pieces.push({ kind: 'expression', text: text.slice(start, end), start, end })
    index = end + 2
  }
  pending += text.slice(index)
  return pending === '' && pieces.length > 0 ? pieces : [...pieces, { kind: 'text', text: pending }]
}

/** The offset of the `}}` that closes the mark; strings, comments and maps may hold others. */
function endOfMark(text: string, start: number): number | (Piece & { kind: 'open' }) {
  let depth = 0
  let index = start
  while (index < text.length) {
    if (depth === 0 && text.startsWith('}}', index)) return index
    if (text[index] === '{') depth++
    // One `}` too many is the parser's to report.
    if (text[index] === '}') depth = Math.max(0, depth - 1)
    const next = skip(text, index)
    if (next === undefined) return { kind: 'open', what: 'string', start: index, end: text.length }
    index = next
  }
  return { kind: 'open', what: 'mark', start: start - 3, end: text.length }
}
