import type { Json } from '../json.ts'
import { forbiddenKeys, isExact, isUnicode, nodesMax } from './tree.ts'

/**
 * The value of a text that uses only what nearly every workflow is written with,
 * and has no mistake: maps and lists, each at one column, texts on one line or
 * after `|`, and brackets. `undefined` where anything else is in it, right or
 * wrong: about that, the parser of all of YAML has the word. It is ten times as
 * fast, since it keeps no places.
 */
export function readSimpleYaml(text: string): Json | undefined {
  if (foreign.test(text) || !isUnicode(text)) return undefined
  const isEnded = text.endsWith('\n')
  const reader: Reader = { text: isEnded ? text : `${text}\n`, isEnded, at: 0, column: 0, nodes: 0 }
  nextLine(reader)
  const root = { depth: 1, column: -1 }
  if (reader.text[reader.at] === '{') return lineEnded(reader, root, flowValue(reader, root))
  // Where a map ends, there is nothing that is further to the left.
  return reader.column === 0 ? blockMap(reader, { depth: 1, column: 0 }) : undefined
}

// Tabs, other line breaks, what cannot be seen, the marks of documents, and directives.
const foreign = /[^\n\u0020-\u007e\u00a0-\u2027\u202a-\ufefe\uff00-\uffff]|^(?:---|\.\.\.|%)/m

interface Reader {
  readonly text: string
  /** Whether the text itself ends its last line. */
  readonly isEnded: boolean
  /** What is looked at next. */
  at: number
  /** Where the line that is looked at begins to say something; `-1` after the last one. */
  column: number
  /** How many keys and values there have been. */
  nodes: number
}

/** A list or a map: where it stands. Of one in brackets, where the block around it does. */
interface Level {
  readonly depth: number
  readonly column: number
}

// What is allowed is measured in columns, of which each of these may take three.
const depthMax = 20

function match(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.text)
  if (found === null) return undefined
  reader.at = pattern.lastIndex
  return found[0]
}

function counted(reader: Reader): boolean {
  reader.nodes++
  return reader.nodes <= nodesMax
}

const silentLines = /(?: *(?:#.*)?\n)*/y
const spaces = / */y
const silentRest = /(?: +#.*| *)\n/y
const silentValue = /(?:#.*)?\n/y

/** Goes from the beginning of a line to what stands on the next one that says something. */
function nextLine(reader: Reader): void {
  match(reader, silentLines)
  const indent = match(reader, spaces) ?? ''
  reader.column = reader.at < reader.text.length ? indent.length : -1
}

/** A value behind which its line ends, and which does not go on at the next one. */
function lineEnded(reader: Reader, { column }: Level, value: Json | undefined): Json | undefined {
  if (value === undefined || match(reader, silentRest) === undefined) return undefined
  nextLine(reader)
  return reader.column > column ? undefined : value
}

const plainKey = /\w[\w./@-]*(?: [\w./@-]+)*:(?= |\n)/y
const quotedKey = /(?:"(?:[^"\\\n]|\\["\\/bfnrt]|\\u[\dA-Fa-f]{4})*"|'(?:[^'\n]|'')*'):(?= |\n)/y
const listItem = /- *(?<= |-(?=\n))/y

function blockMap(reader: Reader, level: Level): Json | undefined {
  if (level.depth > depthMax) return undefined
  const map: Record<string, Json> = {}
  do {
    const key = keyOf(match(reader, plainKey) ?? match(reader, quotedKey))
    if (key === undefined || Object.hasOwn(map, key) || !counted(reader)) return undefined
    match(reader, spaces)
    const value = blockValue(reader, level, true)
    if (value === undefined) return undefined
    map[key] = value
  } while (reader.column === level.column)
  return reader.column > level.column ? undefined : map
}

function blockList(reader: Reader, level: Level): Json | undefined {
  if (level.depth > depthMax) return undefined
  const list: Json[] = []
  do {
    const mark = match(reader, listItem)
    // At the same column, the map goes on that the list stands in.
    if (mark === undefined) return list
    const inner = { depth: level.depth + 1, column: level.column + mark.length }
    const value = isKey(reader) && counted(reader) ? blockMap(reader, inner) : blockValue(reader, level, false)
    if (value === undefined) return undefined
    list.push(value)
  } while (reader.column === level.column)
  return reader.column > level.column ? undefined : list
}

function isKey({ text, at }: Reader): boolean {
  plainKey.lastIndex = at
  quotedKey.lastIndex = at
  return plainKey.test(text) || quotedKey.test(text)
}

const maxKeyLength = 500

/** The text of a key with its colon. */
function keyOf(written: string | undefined): string | undefined {
  if (written === undefined || written.length > maxKeyLength) return undefined
  const source = written.slice(0, -1)
  const key = source.startsWith('"') || source.startsWith("'") ? unquoted(source) : plainValue(source)
  return typeof key !== 'string' || forbiddenKeys.has(key) ? undefined : key
}

/** What stands behind a key or the mark of an item, and on the lines below it. */
function blockValue(reader: Reader, level: Level, isInMap: boolean): Json | undefined {
  if (!counted(reader)) return undefined
  const first = reader.text[reader.at]
  if (first === '|' || first === '>') return blockText(reader, level)
  if (first !== '\n' && first !== '#') return lineEnded(reader, level, inlineValue(reader, level))
  match(reader, silentValue)
  nextLine(reader)
  const { column, at, text } = reader
  const inner = { depth: level.depth + 1, column }
  const next = text[at]
  const isList = next === '-'
  if (column > level.column) {
    if (next === '{' || next === '[') return lineEnded(reader, level, inlineValue(reader, level))
    return isList ? blockList(reader, inner) : blockMap(reader, inner)
  }
  return isInMap && isList && column === level.column ? blockList(reader, inner) : null
}

function inlineValue(reader: Reader, level: Level): Json | undefined {
  const first = reader.text[reader.at]
  if (first === '[' || first === '{') return flowValue(reader, { ...level, depth: level.depth + 1 })
  if (first === '"' || first === "'") return unquoted(match(reader, quotes))
  const source = match(reader, plain)
  // A colon would make it a key.
  return source === undefined || source.includes(': ') || source.endsWith(':') ? undefined : plainValue(source)
}

const quotes = /"(?:[^"\\\n]|\\["\\/bfnrt]|\\u[\dA-Fa-f]{4})*"|'(?:[^'\n]|'')*'/y
const plain = /(?:[\w$./(<=+;^~\\\u00a0-\uffff]|-[^ \n])(?:[^ \n]| +(?![ #\n]))*/y
const words: ReadonlySet<string> = new Set([
  ...['true', 'True', 'TRUE', 'false', 'False', 'FALSE', 'null', 'Null', 'NULL', '~'],
])
const number = /^-?\d+(?:\.\d+)?$/
const numberOfAnyForm =
  /^(?:0o[0-7]+|0x[\dA-Fa-f]+|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[Ee][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

function plainValue(source: string): Json | undefined {
  if (words.has(source)) {
    const [letter = ''] = source.toLowerCase()
    return letter === 't' ? true : letter === 'f' ? false : null
  }
  if (number.test(source)) return isExact(Number(source)) ? Number(source) : undefined
  return numberOfAnyForm.test(source) ? undefined : source
}

function unquoted(source: string | undefined): string | undefined {
  if (source === undefined) return undefined
  if (source.startsWith("'")) return source.slice(1, -1).replaceAll("''", "'")
  if (!source.includes('\\')) return source.slice(1, -1)
  // Of the escapes, only those of JSON have got here.
  const text = JSON.parse(source) as string
  return isUnicode(text) ? text : undefined
}

const blockHead = /[|>]-? *\n/y
const breaks = /\n*/y
const lineOfBlock = /( *)([^\n]*)\n/y

/** A text on the lines below `|` or `>`. */
function blockText(reader: Reader, { column }: Level): string | undefined {
  const head = match(reader, blockHead)
  const before = match(reader, breaks)
  const indent = (match(reader, spaces) ?? '').length
  if (head === undefined || before === undefined || !reader.isEnded || indent <= column) return undefined
  if (reader.text[reader.at] === '\n') return undefined
  reader.at -= indent
  const lines = linesOfBlock(reader, column, indent)
  if (lines === undefined) return undefined
  nextLine(reader)
  const value = head.startsWith('|') ? lines.join('\n') : folded(lines)
  return value === undefined ? undefined : before + value + (head.includes('-') ? '' : '\n')
}

/** The lines of a block without their indent, up to the last that says something. */
function linesOfBlock(reader: Reader, column: number, indent: number): string[] | undefined {
  const lines: string[] = []
  let length = 0
  while (reader.at < reader.text.length) {
    lineOfBlock.lastIndex = reader.at
    const [whole = '', { length: found } = '', content] = lineOfBlock.exec(reader.text) ?? []
    if (content !== '' && found <= column) break
    // Spaces that may count, and lines that are neither in the block nor behind it.
    if (content === '' ? found > indent : found < indent) return undefined
    lines.push(whole.slice(indent, -1))
    if (content !== '') length = lines.length
    reader.at += whole.length
  }
  return lines.slice(0, length)
}

// A line break is a space, and a blank line is a line break. Where lines are indented further, it is another matter.
function folded(lines: readonly string[]): string | undefined {
  if (lines.some((line) => line.startsWith(' '))) return undefined
  return lines.join('\n').replaceAll(/\n+/g, (found) => (found.length === 1 ? ' ' : found.slice(1)))
}

const flowKey =
  /(?:\w[\w./@-]*(?: [\w./@-]+)*:(?=[ \n])|"(?:[^"\\\n]|\\["\\/bfnrt]|\\u[\dA-Fa-f]{4})*":|'(?:[^'\n]|'')*':)/y
const flowPlain = /(?:[\w$./(<=+;^~\\\u00a0-\uffff]|-[^ ,[\]{}:#\n])(?:[^ ,[\]{}:#\n]|:(?=[\w/])| +(?![ ,[\]{}#:\n]))*/y
const flowGap = /[ \n]*/y

/** Goes over spaces and line breaks; `undefined` where it comes too far to the left. */
function nextInFlow(reader: Reader, { column }: Level): string | undefined {
  const gap = match(reader, flowGap) ?? ''
  const lineBreak = gap.lastIndexOf('\n')
  return lineBreak !== -1 && gap.length - lineBreak - 1 <= column ? undefined : reader.text[reader.at]
}

function flowValue(reader: Reader, level: Level): Json | undefined {
  if (level.depth > depthMax || !counted(reader)) return undefined
  const first = reader.text[reader.at]
  if (first === '"' || first === "'") return unquoted(match(reader, quotes))
  if (first === '{') return flowMap(reader, level)
  if (first === '[') return flowList(reader, level)
  const source = match(reader, flowPlain)
  return source === undefined ? undefined : plainValue(source)
}

function flowList(reader: Reader, level: Level): Json | undefined {
  const list: Json[] = []
  reader.at++
  let next = nextInFlow(reader, level)
  while (next !== ']') {
    if (next === undefined) return undefined
    const value = flowValue(reader, { ...level, depth: level.depth + 1 })
    if (value === undefined) return undefined
    list.push(value)
    next = afterComma(reader, level, ']')
  }
  reader.at++
  return list
}

function flowMap(reader: Reader, level: Level): Json | undefined {
  const map: Record<string, Json> = {}
  reader.at++
  let next = nextInFlow(reader, level)
  while (next !== '}') {
    if (next === undefined) return undefined
    const key = keyOf(match(reader, flowKey))
    if (key === undefined || Object.hasOwn(map, key) || !counted(reader)) return undefined
    if (nextInFlow(reader, level) === undefined) return undefined
    const value = flowValue(reader, { ...level, depth: level.depth + 1 })
    if (value === undefined) return undefined
    map[key] = value
    next = afterComma(reader, level, '}')
  }
  reader.at++
  return map
}

/** What comes behind a value and its comma, or the end of what it is in. */
function afterComma(reader: Reader, level: Level, end: string): string | undefined {
  const next = nextInFlow(reader, level)
  if (next !== ',') return next === end ? end : undefined
  reader.at++
  return nextInFlow(reader, level)
}
