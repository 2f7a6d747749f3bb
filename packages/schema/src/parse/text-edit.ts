import { isMap, isScalar, type ParsedNode, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import { parentPointer, pointerKeys } from '../json.ts'
import type { DocumentEdit } from './document-edit.ts'
import type { Place } from './source-map.ts'
import { insideScalar, yamlText } from './yaml-text.ts'

/** A map or a list of a parsed document. */
export type Collection = YAMLMap.Parsed | YAMLSeq.Parsed

/** A text, and where the nodes of its document stand in it. */
export interface PlacedText {
  readonly text: string
  readonly places: ReadonlyMap<string, Place>
  /** Of a part of a scalar's value. */
  inside(pointer: string, start: number, end: number): readonly [start: number, end: number] | undefined
}

/** A piece of a text that is replaced, by offsets. */
export interface OffsetEdit {
  readonly start: number
  readonly end: number
  readonly newText: string
}

/** The edit of a text that changes its document; `undefined` where more of the text would have to change. */
export function offsetEditOf(placed: PlacedText, edit: DocumentEdit): OffsetEdit | undefined {
  switch (edit.op) {
    case 'replace':
      return replaced(placed, edit)
    case 'quote':
      return quoted(placed, edit)
    case 'rename':
      return renamed(placed, edit)
    case 'remove':
      return removed(placed, edit.pointer)
    case 'add':
      return edit.pointer.endsWith('/-') ? appended(placed, edit) : added(placed, edit)
    case 'splice':
      return spliced(placed, edit)
    default:
      return edit satisfies never
  }
}

type EditOf<Op extends DocumentEdit['op']> = DocumentEdit & { readonly op: Op }

function replaced({ text, places }: PlacedText, { pointer, value }: EditOf<'replace'>): OffsetEdit | undefined {
  const { scalar, collection, value: [start, end] = [0, 0] } = places.get(pointer) ?? {}
  if (!scalar && collection?.flow !== true) return undefined
  if (scalar && isBlockScalar(scalar)) return undefined
  const newText = yamlText(value, { type: scalar?.type ?? undefined, isJson: isJson(text) })
  // The value of `key:` is nothing, somewhere behind the colon.
  const colon = text.slice(0, start).trimEnd().length
  return start === end ? { start: colon, end: colon, newText: ` ${newText}` } : { start, end, newText }
}

function quoted({ text, places }: PlacedText, { pointer }: EditOf<'quote'>): OffsetEdit | undefined {
  const { scalar, value: [start, end] = [0, 0] } = places.get(pointer) ?? {}
  if (scalar?.type !== 'PLAIN' || start === end) return undefined
  return { start, end, newText: JSON.stringify(text.slice(start, end)) }
}

function renamed(placed: PlacedText, { pointer, key }: EditOf<'rename'>): OffsetEdit | undefined {
  const found = entryAt(placed, pointer)
  if (!found?.entry.key) return undefined
  const { range, type } = found.entry.key
  return { start: range[0], end: range[1], newText: yamlText(key, { type, isJson: isJson(placed.text) }) }
}

function spliced(placed: PlacedText, { pointer, start, end, text }: EditOf<'splice'>): OffsetEdit | undefined {
  const offsets = placed.inside(pointer, start, end)
  const isFlow = placed.places.get(parentPointer(pointer))?.collection?.flow === true
  const newText = insideScalar(text, placed.places.get(pointer)?.scalar?.type ?? undefined, isFlow)
  return offsets && newText !== undefined ? { start: offsets[0], end: offsets[1], newText } : undefined
}

function removed(placed: PlacedText, pointer: string): OffsetEdit | undefined {
  const { text, places } = placed
  const found = entryAt(placed, pointer)
  if (!found) return undefined
  const { collection, entry, entries, index } = found
  if (entries.length === 1) {
    // What is left empty says nothing, or something else: `needs:` alone is null.
    const around = parentPointer(pointer)
    return isMap(places.get(parentPointer(around))?.collection) && around !== '' ? removed(placed, around) : undefined
  }
  const [before, after] = [entries[index - 1], entries[index + 1]]
  if (collection.flow === true) return removedFromFlow(text, entry, before, after)
  const start = isMap(collection) ? entry.start : dashOf(text, entry.start)
  if (start === undefined) return undefined
  if (text.slice(lineStart(text, start), start).trim() === '') return lines(text, start, entry.end)
  // The first key of a list item shares its line with the dash, to which the next key moves up.
  if (!isMap(collection) || !after || text.slice(entry.end, after.start).includes('#')) return undefined
  return { start, end: after.start, newText: '' }
}

function removedFromFlow(
  text: string,
  entry: Entry,
  before: Entry | undefined,
  after: Entry | undefined,
): OffsetEdit | undefined {
  const { start, end } = entry
  const next = after ? text.slice(end, after.start) : ''
  if (after && !next.includes('#')) return { start, end: after.start, newText: '' }
  const isOwnLine = text.slice(lineStart(text, start), start).trim() === ''
  if (after && isOwnLine) return lines(text, start, end)
  if (after) return undefined
  const previous = before ? text.slice(before.end, start) : ''
  if (before && !previous.includes('#')) return { start: before.end, end, newText: '' }
  // A comma at the end is no mistake in YAML.
  return isOwnLine ? lines(text, start, end) : undefined
}

function added({ text, places }: PlacedText, { pointer, value, after }: EditOf<'add'>): OffsetEdit | undefined {
  const collection = places.get(parentPointer(pointer))?.collection
  const key = keyOf(pointer)
  if (!isMap(collection)) return undefined
  const entries = entriesOf(text, collection)
  if (entries.some((entry) => entry.key && String(entry.key.value) === key)) return undefined
  const style = { isJson: isJson(text) }
  const line = `${yamlText(key, style)}: ${yamlText(value, style)}`
  const last = entries.find((entry) => entry.key?.value === after) ?? entries.at(-1)
  if (!last) return inEmpty(text, collection, ` ${line} `)
  if (collection.flow === true) return { start: last.end, end: last.end, newText: `, ${line}` }
  return newLine(text, last, { indent: entries[0]?.start ?? 0, line })
}

function appended({ text, places }: PlacedText, { pointer, value }: EditOf<'add'>): OffsetEdit | undefined {
  const collection = places.get(parentPointer(pointer))?.collection
  if (!collection || isMap(collection)) return undefined
  const item = yamlText(value, { isJson: isJson(text) })
  const last = entriesOf(text, collection).at(-1)
  if (!last) return inEmpty(text, collection, item)
  if (collection.flow === true) return { start: last.end, end: last.end, newText: `, ${item}` }
  const dash = dashOf(text, last.start)
  return dash === undefined ? undefined : newLine(text, last, { indent: dash, line: `- ${item}` })
}

// A comment may stand between the brackets.
function inEmpty(text: string, { range: [start, end] }: Collection, newText: string): OffsetEdit | undefined {
  return text.slice(start + 1, end - 1).trim() === '' ? { start: start + 1, end: end - 1, newText } : undefined
}

/** A line after those of an entry, as far to the right as what stands at the offset `indent`. */
function newLine(
  text: string,
  last: Entry,
  { indent, line }: { readonly indent: number; readonly line: string },
): OffsetEdit | undefined {
  const before = text.slice(lineStart(text, indent), indent).replace('\ufeff', '')
  // The blank lines at the end of such a text are a part of it.
  if (before.includes('\t') || last.keepsBreaks) return undefined
  const end = lineEnd(text, last.end)
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n'
  return { start: end, end, newText: `${lineBreak}${' '.repeat(before.length)}${line}` }
}

/** The lines from one offset to another as a whole, with their line break. */
function lines(text: string, from: number, to: number): OffsetEdit {
  const start = lineStart(text, from)
  const end = lineEnd(text, to)
  const next = text.indexOf('\n', end)
  if (next !== -1) return { start, end: next + 1, newText: '' }
  // The last line has none of its own.
  return { start: start === 0 ? 0 : lineEnd(text, start - 1 - Number(text[start - 2] === '\r')), end, newText: '' }
}

interface Entry {
  readonly key?: Scalar.Parsed
  readonly start: number
  /** Of its value, without the line breaks after it. */
  readonly end: number
  readonly keepsBreaks: boolean
}

function entryAt(
  { text, places }: PlacedText,
  pointer: string,
): { collection: Collection; entry: Entry; entries: readonly Entry[]; index: number } | undefined {
  const collection = pointer === '' ? undefined : places.get(parentPointer(pointer))?.collection
  if (!collection) return undefined
  const entries = entriesOf(text, collection)
  const key = keyOf(pointer)
  const index = isMap(collection) ? entries.findIndex((entry) => String(entry.key?.value) === key) : Number(key)
  const entry = entries[index]
  return entry && { collection, entry, entries, index }
}

function entriesOf(text: string, collection: Collection): Entry[] {
  if (!isMap(collection)) return collection.items.map((item) => ({ start: item.range[0], ...endOf(text, item) }))
  return (collection as YAMLMap.Parsed).items.map(({ key, value }) => ({
    ...(isScalar(key) && { key: key as Scalar.Parsed }),
    start: key.range[0],
    ...endOf(text, value && value.range[1] > key.range[1] ? value : key),
  }))
}

// A block ends with the last thing in it; what its own range tells has blank lines and comments in it.
function endOf(text: string, node: ParsedNode): Pick<Entry, 'end' | 'keepsBreaks'> {
  const last = 'items' in node && node.flow !== true ? lastOf(node) : undefined
  if (last) return endOf(text, last)
  const [start, end] = node.range
  const keepsBreaks = isScalar(node) && isBlockScalar(node) && text.slice(start, lineEnd(text, start)).includes('+')
  return { end: start + text.slice(start, end).trimEnd().length, keepsBreaks }
}

function lastOf(collection: Collection): ParsedNode | null | undefined {
  const last = collection.items.at(-1)
  if (last === undefined || !('key' in last)) return last
  return last.value ?? last.key
}

function isBlockScalar({ type }: Scalar): boolean {
  return type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED'
}

/** The dash of the item of a list that begins at an offset. */
function dashOf(text: string, start: number): number | undefined {
  const [found] = /-[ \t]+$/.exec(text.slice(lineStart(text, start), start)) ?? []
  return found === undefined ? undefined : start - found.length
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** Where the line of an offset ends, before its line break. */
function lineEnd(text: string, offset: number): number {
  const next = text.indexOf('\n', offset)
  if (next === -1) return text.length
  return text[next - 1] === '\r' && next > offset ? next - 1 : next
}

function isJson(text: string): boolean {
  return /^\ufeff?\s*\{/.test(text)
}

function keyOf(pointer: string): string {
  return pointerKeys(pointer).at(-1) ?? ''
}
