import { Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { stripMarks } from '../expression/template.ts'
import { isJsonList, type Json, type JsonObject } from '../json.ts'
import { others, type Layout } from './layout.ts'
import { fitsOneLine } from './one-line.ts'

type Node = Scalar | YAMLMap | YAMLSeq

const generic: Layout = {}

/** Where a value begins: the column of its own lines, and that of what follows on the line of its key. */
interface Place {
  readonly indent: number
  readonly column: number
}

/** The tree of a value as it is written: what is short stands on one line, as far as there is room. */
export function yamlNode(value: Json, layout: Layout, place: Place = { indent: 0, column: 0 }): Node {
  if (isJsonList(value)) return listNode(value, layout, place)
  if (typeof value === 'object' && value !== null) return mapNode(value, layout, place)
  return layout.slot ? slotNode(value, layout.slot) : scalarNode(value)
}

function listNode(items: readonly Json[], layout: Layout, place: Place): YAMLSeq {
  const node = new List()
  node.flow = isOneLine(items, layout, place)
  const inner = { indent: place.indent + 2, column: place.indent + 2 }
  node.items = items.map((item) => yamlNode(item, layout.each?.() ?? generic, inner))
  return node
}

function mapNode(map: JsonObject, layout: Layout, place: Place): YAMLMap {
  const node = new Fields()
  node.flow = isOneLine(map, layout, place)
  node.items = entriesOf(map, layout).map(([key, field]) => {
    const inner = layout.keys && Object.hasOwn(layout.keys, key) ? layout.keys[key] : layout.each?.()
    const { indent } = place
    const value = yamlNode(field, inner ?? generic, { indent: indent + 2, column: indent + key.length + 2 })
    return new Pair(keyNode(key, layout), value)
  })
  return node
}

// `{ a: 1 }` and `[1, 2]`, each in the other.
class Fields extends YAMLMap<Scalar, Node> {
  override toString(...[context, ...rest]: Parameters<YAMLMap['toString']>): string {
    return super.toString(context && { ...context, flowCollectionPadding: ' ' }, ...rest)
  }
}

class List extends YAMLSeq<Node> {
  override toString(...[context, ...rest]: Parameters<YAMLSeq['toString']>): string {
    return super.toString(context && { ...context, flowCollectionPadding: '' }, ...rest)
  }
}

function isOneLine(value: JsonObject | readonly Json[], layout: Layout, { column }: Place): boolean {
  const isEmpty = Object.keys(value).length === 0
  return isEmpty || (layout.isBlock !== true && fitsOneLine(value, column))
}

function entriesOf(map: JsonObject, { keys }: Layout): (readonly [string, Json])[] {
  const entries = Object.entries(map).flatMap(([key, field]) => (field === undefined ? [] : [[key, field] as const]))
  if (keys === undefined) return entries
  const order = Object.keys(keys)
  const end = order.includes(others) ? order.indexOf(others) : order.length
  const rank = (key: string): number => (Object.hasOwn(keys, key) ? order.indexOf(key) : end)
  return entries.toSorted(([one], [other]) => rank(one) - rank(other))
}

// `true:` and `404:` are what they look like where keys are compared as text.
function keyNode(key: string, { hasPlainKeys }: Layout): Scalar {
  if (hasPlainKeys && (key === 'true' || key === 'false')) return new Scalar(key === 'true')
  const isWhole = /^-?\d{1,15}$/.test(key) && String(Number(key)) === key
  if (hasPlainKeys && isWhole) return new Scalar(Number(key))
  const node = new Scalar(key)
  // Without quotes it would merge maps.
  if (key === '<<') node.type = Scalar.QUOTE_SINGLE
  return node
}

function slotNode(value: Json, kind: 'boolean' | 'list'): Scalar {
  const text = unmarked(String(value))
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return new Scalar(text === 'true')
  // What is no expression is not to become another one.
  return scalarNode(text === '' || unmarked(text) !== text ? value : text)
}

function unmarked(text: string): string {
  return stripMarks(text).text.trim()
}

function scalarNode(value: Json): Scalar {
  const node = new Scalar(value)
  if (typeof value !== 'string') return node
  if (isScript(value)) node.type = Scalar.BLOCK_LITERAL
  else if (value.includes('\n') || unseen.test(value)) node.type = Scalar.QUOTE_DOUBLE
  // Not in YAML 1.2, but for everybody who remembers 1.1.
  else if (/^(?:y|yes|n|no|on|off)$/i.test(value)) node.type = Scalar.QUOTE_SINGLE
  return node
}

// Line breaks other than \n, and what nobody sees.
const unseen = /[^\n\P{Cc}]|[\u00a0\u00ad\u2028\u2029\ufeff]|\p{Cf}/u

// Lines that can be read as they stand: a block says nothing of blanks at their ends, and little of those at its own.
function isScript(text: string): boolean {
  return text.includes('\n') && !/^\s|[ \t]$|[ \t]\n|\n\n$/.test(text) && !unseen.test(text.replaceAll('\t', ''))
}
