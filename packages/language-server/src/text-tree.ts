import { pointerPart, type Json } from '@segno/schema'
import {
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  sourceOffsets,
  type ParsedNode,
  type Scalar,
} from '@segno/schema/editor'

/** From `start` up to, not including, `end`: UTF-16 offsets in a text. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A value of a document, and where it stands. */
export interface TextNode extends Span {
  readonly pointer: string
  readonly kind: 'map' | 'list' | 'scalar' | 'nothing'
  /** In a map. */
  readonly key?: Span & { readonly text: string }
  readonly parent?: TextNode
  readonly children: readonly TextNode[]
  readonly value: Json
  readonly scalar?: Scalar
  /** Whether a map or a list is written in brackets. */
  readonly isFlow: boolean
}

/** A text as a tree of values, as far as it can be read. */
export interface TextTree {
  readonly text: string
  readonly root: TextNode
  /** How many mistakes the YAML parser found. */
  readonly errors: number
  at(pointer: string): TextNode | undefined
}

/** Reads a YAML or JSON text, whatever is wrong with it. Of keys that are there twice, the first counts. */
export function treeOf(text: string): TextTree {
  const document = parseDocument(text, {
    ...({ schema: 'core', version: '1.2', uniqueKeys: false, merge: false } as const),
    ...({ prettyErrors: false, strict: true, logLevel: 'silent' } as const),
  })
  const nodes = new Map<string, TextNode>()
  const root = grow(nodes, document.contents, { pointer: '' }, 0)
  return { text, root, errors: document.errors.length, at: (pointer) => nodes.get(pointer) }
}

/** What stands around a node, and how it is called there. */
interface Place {
  readonly pointer: string
  readonly key?: Span & { readonly text: string }
  readonly parent?: TextNode
}

// As deep as the language lets maps and lists be.
const depthMax = 64

function grow(nodes: Map<string, TextNode>, node: ParsedNode | null, place: Place, depth: number): TextNode {
  const [start, end] = node?.range ?? [place.key?.end ?? 0, place.key?.end ?? 0]
  const children: TextNode[] = []
  const base = { ...place, start, end, children, isFlow: false }
  const grown = depth > depthMax ? { ...base, kind: 'nothing' as const, value: null } : grownOf(base, node)
  nodes.set(place.pointer, grown)
  if (isMap(node) && grown.kind === 'map') growMap(nodes, node.items, { grown, children, depth })
  if (isSeq(node) && grown.kind === 'list') {
    for (const [index, item] of node.items.entries()) {
      const child = grow(nodes, item, { pointer: place.pointer + pointerPart(index), parent: grown }, depth + 1)
      children.push(child)
      ;(grown.value as Json[]).push(child.value)
    }
  }
  return grown
}

function grownOf(base: Omit<TextNode, 'kind' | 'value'>, node: ParsedNode | null): TextNode {
  if (isMap(node)) return { ...base, kind: 'map', value: {}, isFlow: node.flow === true }
  if (isSeq(node)) return { ...base, kind: 'list', value: [], isFlow: node.flow === true }
  if (!isScalar(node)) return { ...base, kind: 'nothing', value: null }
  const { value } = node
  if (value === null && base.start === base.end) return { ...base, kind: 'nothing', value: null }
  const isJson = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return { ...base, kind: 'scalar', value: isJson ? value : null, scalar: node }
}

function growMap(
  nodes: Map<string, TextNode>,
  items: readonly { readonly key: ParsedNode; readonly value: ParsedNode | null }[],
  { grown, children, depth }: { readonly grown: TextNode; readonly children: TextNode[]; readonly depth: number },
): void {
  const value = grown.value as Record<string, Json>
  for (const item of items) {
    if (!isScalar(item.key) || item.key.value === null) continue
    const text = String(item.key.value)
    const [start, end] = item.key.range
    const pointer = grown.pointer + pointerPart(text)
    if (nodes.has(pointer) || text === '__proto__') continue
    const child = grow(nodes, item.value, { pointer, parent: grown, key: { text, start, end } }, depth + 1)
    children.push(child)
    value[text] = child.value
  }
}

/** The innermost node at an offset, and whether its key is there rather than its value. */
export function nodeAt(
  tree: TextTree,
  offset: number,
): { readonly node: TextNode; readonly part: 'key' | 'value' } | undefined {
  let node = tree.root
  for (;;) {
    const inner = node.children.find((child) => isIn(child.key, offset) || isIn(child, offset))
    if (!inner) return isIn(node, offset) ? { node, part: 'value' } : undefined
    if (isIn(inner.key, offset)) return { node: inner, part: 'key' }
    node = inner
  }
}

function isIn(span: Span | undefined, offset: number): boolean {
  return span !== undefined && span.start <= offset && offset <= span.end
}

/** Where a part of a scalar's value stands in the text; `undefined` where value and text cannot be matched. */
export function spanInside(tree: TextTree, node: TextNode, start: number, end: number): Span | undefined {
  const offsets = node.scalar && sourceOffsets(tree.text, node.scalar)
  const from = offsets?.[start]
  const to = offsets?.[Math.max(start, end - 1)]
  return from === undefined || to === undefined ? undefined : { start: from, end: end > start ? to + 1 : to }
}

/** The offset in a scalar's value of an offset in the text. */
export function offsetInside(tree: TextTree, node: TextNode, offset: number): number | undefined {
  const offsets = node.scalar && sourceOffsets(tree.text, node.scalar)
  const found = offsets?.findIndex((at) => at >= offset)
  return found === undefined || found === -1 ? undefined : found
}

/** Where the text of a scalar stands without its quotes. */
export function contentSpan(tree: TextTree, node: TextNode): Span {
  const quote = tree.text[node.start]
  const isQuoted = node.end - node.start > 1 && (quote === '"' || quote === "'") && tree.text[node.end - 1] === quote
  return isQuoted ? { start: node.start + 1, end: node.end - 1 } : { start: node.start, end: node.end }
}
