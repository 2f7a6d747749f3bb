import { isJsonList, type Json, type JsonObject } from '../json.ts'
import { failed } from './evaluation.ts'
import type { Scope, SyntaxMistake, Template, TemplateReference } from './expression.ts'
import { expressionLimits } from './limits.ts'
import { cutAtMarks } from './marks.ts'
import type { Piece } from './marks.ts'
import { parseExpression } from './parse.ts'
import { isLargerThan } from './value.ts'

/** A mistake and the string it is in; the offsets are in that string. */
export interface TemplateMistake {
  readonly pointer: string
  readonly mistake: SyntaxMistake
}

/** A template, or all its mistakes and what the rest of it refers to. */
export type ParsedTemplate =
  | { readonly template: Template }
  | { readonly mistakes: readonly TemplateMistake[]; readonly references: readonly TemplateReference[] }

/** Reads the `${{ }}` in all strings of a JSON value. Keys are never expressions. */
export function parseTemplate(value: Json): ParsedTemplate {
  const reading: Reading = { references: [], mistakes: [], expressions: 0 }
  const part = readPart(reading, value, '', 0)
  if (reading.mistakes.length > 0) return reading
  const constant = typeof part !== 'function'
  const evaluate: Template['evaluate'] = constant ? () => part.constant : reading.expressions > 1 ? bounded(part) : part
  return { template: { constant, references: reading.references, evaluate } }
}

/**
 * The expression in a slot that takes one with or without `${{ }}`, and where it
 * begins in `text`. Unchanged unless one mark is all there is but spaces.
 */
export function stripMarks(text: string): { readonly text: string; readonly offset: number } {
  const offset = text.length - text.trimStart().length
  const [piece, ...more] = cutAtMarks(text.trim())
  if (piece?.kind !== 'expression' || more.length > 0) return { text, offset: 0 }
  return { text: piece.text, offset: offset + piece.start }
}

interface Reading {
  readonly references: TemplateReference[]
  readonly mistakes: TemplateMistake[]
  expressions: number
}

// One expression gives at most what the scope keeps or an expression may make; many may give the same large value.
function bounded(part: (scope: Scope) => Json): Template['evaluate'] {
  return (scope) => {
    const value = part(scope)
    if (!isLargerThan(value, expressionLimits.valueTextMax)) return value
    const message = `The value has more than ${expressionLimits.valueTextMax} characters of JSON.`
    throw failed('PAYLOAD_TOO_LARGE', message)
  }
}

/** What gives a part of the value: the same each time, or from a scope. */
type Part = { readonly constant: Json } | ((scope: Scope) => Json)

function readPart(reading: Reading, value: Json, pointer: string, depth: number): Part {
  if (typeof value === 'string') return readText(reading, value, pointer)
  if (typeof value !== 'object' || value === null) return { constant: value }
  if (depth >= expressionLimits.templateDepthMax) {
    return refuse(reading, pointer, `the value nests deeper than ${expressionLimits.templateDepthMax} levels`, nowhere)
  }
  return isJsonList(value) ? readList(reading, value, pointer, depth) : readObject(reading, value, pointer, depth)
}

function readList(reading: Reading, list: readonly Json[], pointer: string, depth: number): Part {
  const parts = list.map((element, index) => readPart(reading, element, `${pointer}/${index}`, depth + 1))
  if (parts.every((part, index) => isUnchanged(part, list[index]))) return { constant: list }
  if (parts.every(isConstant)) return { constant: parts.map((part) => part.constant) }
  return (scope) => parts.map((part) => (typeof part === 'function' ? part(scope) : part.constant))
}

function readObject(reading: Reading, object: JsonObject, pointer: string, depth: number): Part {
  const changes: { key: string; part: Part }[] = []
  for (const [key, value] of Object.entries(object)) {
    const inner = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (key.includes('${{')) refuse(reading, inner, 'a key cannot hold `${{ }}`; only values can', nowhere)
    if (value === undefined) continue
    const part = readPart(reading, value, inner, depth + 1)
    if (!isUnchanged(part, value)) changes.push({ key, part })
  }
  if (changes.length === 0) return { constant: object }
  // A copy has all keys of the original as its own, even `__proto__`, and in its order: setting them adds none.
  const build = (scope: Scope): Json => {
    const copy: Record<string, Json | undefined> = { ...object }
    for (const { key, part } of changes) copy[key] = typeof part === 'function' ? part(scope) : part.constant
    return copy
  }
  return changes.every(({ part }) => isConstant(part)) ? { constant: build(nothing) } : build
}

const nowhere: Range = { start: 0, end: 0 }
const nothing: Scope = { variable: () => undefined, step: () => undefined }

function readText(reading: Reading, text: string, pointer: string): Part {
  if (!text.includes('${{')) return { constant: text }
  const pieces = cutAtMarks(text)
  const parts = pieces.map((piece): Part => {
    if (piece.kind === 'text') return { constant: piece.text }
    if (piece.kind === 'open') return refuse(reading, pointer, openMessages[piece.what], piece)
    return readExpression(reading, piece, pointer)
  })
  const [first] = parts
  if (first !== undefined && parts.length === 1) return first
  return (scope) => {
    let joined = ''
    for (const [index, part] of parts.entries()) {
      joined += typeof part === 'function' ? textOf(part(scope), pieces[index]) : part.constant
      if (joined.length > expressionLimits.templateTextMax) throw tooLong()
    }
    return joined
  }
}

const openMessages = { mark: '`${{` is not closed by `}}`', string: 'the string is not closed' } as const

function readExpression(reading: Reading, { text, start }: Piece & { kind: 'expression' }, pointer: string): Part {
  reading.expressions++
  const parsed = parseExpression(text)
  if ('mistake' in parsed) {
    reading.mistakes.push({ pointer, mistake: { ...parsed.mistake, ...shifted(parsed.mistake, start) } })
    return { constant: null }
  }
  const { expression } = parsed
  for (const reference of expression.references) {
    const names = reference.names.map((name) => shifted(name, start))
    reading.references.push({ ...reference, ...shifted(reference, start), names, pointer })
  }
  return (scope) => expression.evaluate(scope)
}

function textOf(value: Json, piece: Piece | undefined): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const type = value === null ? 'null' : isJsonList(value) ? 'a list' : 'a map'
  const expression = piece?.kind === 'expression' ? piece.text.trim() : ''
  throw failed(
    'TYPE_MISMATCH',
    `${expression} is ${type}, which cannot stand in the middle of a text; convert it first`,
  )
}

function tooLong(): Error {
  return failed('EXPRESSION_COST', `The text is longer than ${expressionLimits.templateTextMax} characters.`)
}

function shifted({ start, end }: Range, by: number): Range {
  return { start: start + by, end: end + by }
}

interface Range {
  readonly start: number
  readonly end: number
}

function refuse(reading: Reading, pointer: string, message: string, { start, end }: Range): Part {
  reading.mistakes.push({ pointer, mistake: { message, start, end } })
  return { constant: null }
}

function isConstant(part: Part): part is { readonly constant: Json } {
  return typeof part !== 'function'
}

function isUnchanged(part: Part, value: Json | undefined): boolean {
  return isConstant(part) && part.constant === value
}
