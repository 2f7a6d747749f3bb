import type { Scalar } from 'yaml'

/**
 * For each UTF-16 unit of a scalar's value, and for its end, the offset in the
 * text that it comes from; `undefined` where the two cannot be matched.
 */
export function sourceOffsets(text: string, scalar: Scalar): readonly number[] | undefined {
  const { value, range } = scalar
  if (typeof value !== 'string' || !range) return undefined
  const [start, end] = range
  switch (scalar.type) {
    case 'PLAIN':
      return aligned(value, flowUnits(text, start, end, 'plain'), end)
    case 'QUOTE_SINGLE':
      return aligned(value, flowUnits(text, start + 1, end - 1, 'single'), end - 1)
    case 'QUOTE_DOUBLE':
      return aligned(value, flowUnits(text, start + 1, end - 1, 'double'), end - 1)
    case 'BLOCK_LITERAL':
    case 'BLOCK_FOLDED':
      return aligned(value, blockUnits(text, start, end), end)
    default:
      return undefined
  }
}

/** A piece of the value and the offset that it comes from. */
interface Unit {
  readonly text: string
  readonly offset: number
}

// A folded block joins lines by a space or drops their breaks; the rest agrees unit by unit.
function aligned(value: string, units: Iterable<Unit>, end: number): readonly number[] | undefined {
  const offsets: number[] = []
  for (const unit of units) {
    const rest = value.slice(offsets.length, offsets.length + unit.text.length)
    if (rest === unit.text || (unit.text === '\n' && rest === ' ')) {
      for (let index = 0; index < unit.text.length; index++) offsets.push(unit.offset)
    } else if (unit.text !== '\n') {
      return undefined
    }
    if (offsets.length === value.length) break
  }
  return offsets.length === value.length ? [...offsets, end] : undefined
}

/** How long the piece of a quoted scalar is that stands at an offset of the text and gives one unit of its value. */
export function unitLength(text: string, { type }: Scalar, offset: number): number {
  if (type === 'QUOTE_SINGLE' && text.startsWith("''", offset)) return 2
  escapes.lastIndex = offset
  return type === 'QUOTE_DOUBLE' ? (escapes.exec(text)?.[0].length ?? 1) : 1
}

const lineBreaks = /[ \t]*\r?\n(?:[ \t]*\r?\n)*[ \t]*/y
const escapes = /\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r?\n[ \t]*|[^])/y

function* flowUnits(text: string, start: number, end: number, style: 'plain' | 'single' | 'double'): Generator<Unit> {
  let offset = start
  while (offset < end) {
    lineBreaks.lastIndex = offset
    const [broken] = lineBreaks.exec(text) ?? []
    escapes.lastIndex = offset
    const [escape] = style === 'double' ? (escapes.exec(text) ?? []) : []
    if (broken !== undefined) {
      const breaks = broken.split('\n').length - 1
      yield { text: breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), offset }
    } else if (escape !== undefined) {
      yield { text: unescaped(escape), offset }
    } else {
      yield { text: text[offset] ?? '', offset }
    }
    const doubled = style === 'single' && text.startsWith("''", offset)
    offset += broken?.length ?? escape?.length ?? (doubled ? 2 : 1)
  }
}

function unescaped(escape: string): string {
  const letter = escape[1] ?? ''
  if (letter === '\n' || letter === '\r') return ''
  if ('xuU'.includes(letter) && escape.length > 2) {
    const code = Number.parseInt(escape.slice(2), 16)
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : ''
  }
  return shortEscapes.get(letter) ?? letter
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['e', '\u001b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
])

function* blockUnits(text: string, start: number, end: number): Generator<Unit> {
  const bodyStart = text.indexOf('\n', start) + 1
  if (bodyStart === 0 || bodyStart > end) return
  const indent = indentOf(text.slice(bodyStart, end))
  for (let offset = bodyStart; offset < end;) {
    const breakAt = text.indexOf('\n', offset)
    const lineEnd = breakAt === -1 || breakAt > end ? end : breakAt
    const contentEnd = text[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd
    for (let at = offset + indent; at < contentEnd; at++) yield { text: text[at] ?? '', offset: at }
    yield { text: '\n', offset: lineEnd }
    offset = lineEnd + 1
  }
}

// The first line that is not blank sets the indent. With an indentation
// indicator it may be indented further; the alignment then fails, and the place
// of the whole scalar is told.
function indentOf(body: string): number {
  const firstLine = body.split('\n').find((line) => line.trim() !== '') ?? ''
  return firstLine.length - firstLine.trimStart().length
}
