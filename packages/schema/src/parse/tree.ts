import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap } from 'yaml'
import { pointerPart, type Json } from '../json.ts'
import { depthMax } from './scan.ts'
import { mayName } from './doubts.ts'
import type { Place } from './source-map.ts'
import type { TextMistake } from './text-mistake.ts'

/** A document's tree as a JSON value, the place of each node, and what JSON cannot hold. */
export interface Tree {
  readonly value: Json
  readonly places: ReadonlyMap<string, Place>
  readonly mistakes: readonly TextMistake[]
  /** Where the value is not what the text says, since an alias or a tag stands there. */
  readonly unread: ReadonlySet<string>
  /** Whether what is not in the value may have named steps, inputs or variables. */
  readonly isNameless: boolean
  /** Keys without a colon, after a text without quotes: what YAML made of a text with a comma in it. */
  readonly cutTexts: ReadonlyMap<string, CutText>
}

/** A text that YAML cut at its commas, and the key that it stands at. */
export interface CutText {
  readonly key: string
  readonly text: string
}

/** How many keys and values a document may have. */
export const nodesMax = 20_000

/** Names that JavaScript objects read as something else. */
export const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** The JSON value of a parsed document. Records every mistake and goes on around it. */
export function treeOf(contents: ParsedNode | null): Tree {
  const growth: Growth = {
    ...{ places: new Map(), mistakes: [], unread: new Set(), isNameless: false, cutTexts: new Map(), nodes: 0 },
  }
  const value = valueOf(growth, contents, '', 1)
  const { places, mistakes, unread, isNameless, cutTexts } = growth
  return { value, places, mistakes, unread, isNameless, cutTexts }
}

/** Whether a number survives JSON on any machine: finite, and no integer beyond 2^53-1. */
export function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
}

/** Whether a text has no half of a surrogate pair: such a text has no UTF-8, so a definition with it has no hash. */
export function isUnicode(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

interface Growth {
  readonly places: Map<string, Place>
  readonly mistakes: TextMistake[]
  readonly unread: Set<string>
  isNameless: boolean
  readonly cutTexts: Map<string, CutText>
  nodes: number
}

function valueOf(growth: Growth, node: ParsedNode | null, pointer: string, depth: number): Json {
  if (node === null || !counted(growth, node)) return null
  const [start, end] = node.range
  const part = isScalar(node) ? { scalar: node } : isAlias(node) ? {} : { collection: node }
  growth.places.set(pointer, { ...growth.places.get(pointer), value: [start, end], ...part })
  if (isAlias(node) || node.tag !== undefined) growth.unread.add(pointer)
  if (isAlias(node) && mayName(pointer)) growth.isNameless = true
  if (isScalar(node)) return scalarValue(growth, node, pointer)
  if (depth > depthMax) {
    const message = `lists and maps are nested more than ${depthMax} deep`
    growth.mistakes.push({ code: 'TOO_DEEP', message, start, end: start + 1, pointer })
    return null
  }
  if (isMap(node)) return mapValue(growth, node, pointer, depth)
  if (!isSeq(node)) return null
  return node.items.map((item, index) => valueOf(growth, item, pointer + pointerPart(index), depth + 1))
}

// Told once, at the first node too many; those after it are not looked at.
function counted(growth: Growth, { range: [start, end] }: ParsedNode): boolean {
  growth.nodes++
  if (growth.nodes === nodesMax + 1) {
    growth.mistakes.push({
      code: 'TOO_MANY_NODES',
      message: 'the document has more than 20,000 keys and values',
      start,
      end,
    })
  }
  return growth.nodes <= nodesMax
}

function mapValue(growth: Growth, map: YAMLMap<ParsedNode, ParsedNode | null>, pointer: string, depth: number): Json {
  const value: Record<string, Json> = {}
  const seen = new Map<string, readonly [start: number, end: number]>()
  for (const pair of map.items) {
    if (!counted(growth, pair.key)) break
    const key = keyOf(growth, pair.key, pointer)
    if (key === undefined) continue
    const child = pointer + pointerPart(key)
    const [start, end] = pair.key.range
    const first = seen.get(key)
    if (first) {
      growth.isNameless ||= mayName(child)
      const related = { message: 'it stands here too', start: first[0], end: first[1] }
      growth.mistakes.push({
        code: 'DUPLICATE_KEY',
        message: `the key "${key}" is there twice`,
        start,
        end,
        pointer: child,
        related,
      })
      continue
    }
    seen.set(key, [start, end])
    growth.places.set(child, { key: [start, end], value: [start, end] })
    value[key] = valueOf(growth, pair.value, child, depth + 1)
  }
  if (map.flow === true) noteCutTexts(growth, map, pointer)
  return value
}

function noteCutTexts({ cutTexts }: Growth, { items }: YAMLMap<ParsedNode, ParsedNode | null>, pointer: string): void {
  let cut: { key: string; text: string } | undefined
  for (const { key, value } of items) {
    const name = isScalar(key) && key.type === 'PLAIN' ? String(key.value) : undefined
    if (name !== undefined && value === null && cut) {
      cut.text += `, ${name}`
      cutTexts.set(pointer + pointerPart(name), cut)
    } else {
      const isPlain = isScalar(value) && value.type === 'PLAIN' && typeof value.value === 'string'
      cut = name !== undefined && isPlain ? { key: name, text: String(value.value) } : undefined
    }
  }
}

/** The text of a key, `undefined` after recording why it cannot be one. */
function keyOf(growth: Growth, key: ParsedNode, pointer: string): string | undefined {
  const [start, end] = key.range
  const refuse = (code: TextMistake['code'], message: string, help?: Pick<TextMistake, 'hint' | 'quotes'>): void => {
    growth.mistakes.push({ code, message, ...help, start, end, pointer })
  }
  // Cases are compared as text, so that `true:` and `404:` are what they look like.
  const isCase = pointer.endsWith('/cases') && isScalar(key) && key.value !== null
  const text = isCase ? String(key.value) : isScalar(key) ? key.value : undefined
  if (typeof text !== 'string') {
    refuse(
      'KEY_NOT_TEXT',
      'a key has to be text',
      isScalar(key) && key.source !== '' ? { hint: 'quote it', quotes: 'safe' } : undefined,
    )
  } else if (text === '<<' && isScalar(key) && key.type === 'PLAIN') {
    growth.isNameless = true
    refuse('YAML_FEATURE', 'merge keys are not part of the language')
  } else if (!isUnicode(text)) {
    refuse('TEXT_NOT_UNICODE', notUnicode)
  } else if (forbiddenKeys.has(text)) {
    refuse('FORBIDDEN_KEY', `"${text}" cannot be a key`)
  } else {
    return text
  }
  return undefined
}

function scalarValue(growth: Growth, { value, source, range }: Scalar.Parsed, pointer: string): Json {
  if (typeof value === 'number') {
    if (!isExact(value)) {
      const message = `${source} is not a number that JSON keeps exactly`
      const help = { hint: 'quote it to keep it as text', quotes: 'maybe' } as const
      growth.mistakes.push({ code: 'NUMBER_OUT_OF_RANGE', message, ...help, start: range[0], end: range[1], pointer })
      return 0
    }
    return value
  }
  if (typeof value === 'string' && !isUnicode(value)) {
    growth.mistakes.push({ code: 'TEXT_NOT_UNICODE', message: notUnicode, start: range[0], end: range[1], pointer })
  }
  return typeof value === 'string' || typeof value === 'boolean' ? value : null
}

/** What is said of such a text. */
export const notUnicode = 'the text holds half of a surrogate pair'
