import type { Mistake, RelatedMistake } from '../../diagnostic/mistake.ts'
import { suggestion } from '../../diagnostic/suggest.ts'
import { cutAtMarks } from '../../expression/marks.ts'
import { syntaxOf } from '../../expression/parse.ts'
import type { SyntaxNode } from '../../expression/syntax-node.ts'
import { stripMarks } from '../../expression/template.ts'
import { isJsonList, pointerPart, type Json } from '../../json.ts'
import type { Environment } from '../../type/environment.ts'
import { fits, type TypeMisfit } from '../../type/fits.ts'
import { infer } from '../../type/infer.ts'
import type { Inferred, TypeProblem } from '../../type/inference.ts'
import { proved } from '../../type/narrow.ts'
import { scalarType } from '../../type/scalar.ts'
import {
  anyType,
  booleanType,
  listType,
  literalType,
  mapType,
  nullType,
  textType,
  type MapType,
  type Type,
} from '../../type/type.ts'
import { union } from '../../type/union.ts'
import { wordsOf } from '../../type/words.ts'
import { mistakeOfProblem } from './problem.ts'

/** An expression of a definition, and what is known where it stands. */
export interface TypedExpression {
  readonly pointer: string
  /** Of the expression's text in the text at the pointer. */
  readonly offset: number
  readonly text: string
  readonly environment: Environment
}

/** What is told while values are looked at. */
export interface Told {
  readonly isTyped: boolean
  /** Where a step stands that is read, and where it is said that it may be skipped. */
  whereIs(id: string): RelatedMistake | undefined
  mistake(mistake: Mistake): void
  expression(found: TypedExpression): void
}

/** A value of the definition, and what it has to be. */
export interface ValuePlace {
  readonly value: Json
  readonly pointer: string
  readonly environment: Environment
  readonly wants: Type
  /** How a message names it. */
  readonly what: string
}

/** What a condition proves, and where it is known before, which of the two it is. */
export interface Condition {
  readonly whenTrue: Environment
  readonly whenFalse: Environment
}

/** The type of what a template gives, which has to fit what is wanted. */
export function templateType(place: ValuePlace, told: Told): Type {
  const { value, pointer, wants } = place
  if (typeof value === 'string') return textOrExpression(place, value, told)
  const isMap = typeof value === 'object' && value !== null && !isJsonList(value)
  if (isMap && wants.kind === 'map') return mapOf(place, wants, told)
  if (isJsonList(value) && wants.kind === 'list') {
    const what = `an element of ${place.what}`
    const elements = value.map((element, index) => {
      const wanted = wants.first[index] ?? wants.rest
      return templateType({ ...place, value: element, pointer: `${pointer}/${index}`, wants: wanted, what }, told)
    })
    return exactList(elements)
  }
  const type = looseType(place, told)
  if (place.environment.isPossible) tellMisfit(place, type, told)
  return type
}

/** The type of a slot, which is an expression by itself, or what stands there in its place. */
export function slotType(place: ValuePlace, told: Told): Type {
  const { value } = place
  return typeof value === 'string' ? expressionType(place, stripMarks(value), told) : templateType(place, told)
}

/** What a condition proves. Told where it cannot be other than it is, unless that is written out or told already. */
export function conditionAt(place: Omit<ValuePlace, 'wants'>, told: Told): Condition {
  const { value, pointer, environment, what } = place
  let isMistaken = false
  const listening: Told = {
    ...told,
    mistake: (mistake) => {
      isMistaken = true
      told.mistake(mistake)
    },
  }
  const wanted: ValuePlace = { ...place, wants: booleanType }
  // One that is written out is what its author means.
  if (typeof value !== 'string') return writtenCondition(templateType(wanted, listening), environment)
  const { text, offset } = stripMarks(value)
  const read = readExpression(wanted, { text, offset }, listening)
  if (read === undefined) return { whenTrue: environment, whenFalse: environment }
  const { inferred, tree } = read
  if (isMistaken) return provedAnyhow(inferred, environment)
  const { type } = inferred
  if (type.kind !== 'literal') return { whenTrue: proved(inferred, true), whenFalse: proved(inferred, false) }
  if (typeof type.value === 'boolean' && environment.isPossible && tree.op !== 'value') {
    const message = `${what} is always ${String(type.value)} here`
    told.mistake({ code: 'CONSTANT_CONDITION', severity: 'warning', message, pointer })
  }
  return writtenCondition(type, environment)
}

function writtenCondition(type: Type, environment: Environment): Condition {
  if (type.kind !== 'literal') return { whenTrue: environment, whenFalse: environment }
  return type.value === true
    ? { whenTrue: environment, whenFalse: environment.impossible() }
    : { whenTrue: environment.impossible(), whenFalse: environment }
}

// That a mistaken condition never holds is what is wrong with it: the author means to get further.
function provedAnyhow(condition: Inferred, environment: Environment): Condition {
  const outcome = (holds: boolean): Environment => {
    const narrowed = proved(condition, holds)
    return narrowed.isPossible ? narrowed : environment
  }
  return { whenTrue: outcome(true), whenFalse: outcome(false) }
}

interface ExpressionText {
  readonly text: string
  readonly offset: number
}

function expressionType(place: ValuePlace, found: ExpressionText, told: Told): Type {
  const type = readExpression(place, found, told)?.inferred.type ?? anyType
  return mayGiveTime(found.text) ? leaving(type) : type
}

/** What is known of an expression, whose value has to fit; `undefined` where it is none, which is told elsewhere. */
function readExpression(
  place: ValuePlace,
  { text, offset }: ExpressionText,
  told: Told,
): { readonly tree: SyntaxNode; readonly inferred: Inferred } | undefined {
  const { pointer, environment } = place
  told.expression({ pointer, offset, text, environment })
  // One that is none is told elsewhere.
  const tree = syntaxOf(text)
  if (tree === undefined) return undefined
  const report = (problem: TypeProblem, known: Environment): void =>
    told.mistake(mistakeOfProblem(problem, { pointer, offset, environment: known, whereIs: told.whereIs }))
  const inferred = infer(tree, { environment, text, report, isTyped: told.isTyped })
  if (environment.isPossible) {
    const at = { start: tree.start + offset, end: tree.end + offset }
    tellMisfit(place, inferred.type, told, at)
    if (told.isTyped && !/^\s*secrets\b/.test(text)) tellUntyped(place, inferred.type, told, at)
  }
  return { tree, inferred }
}

// Timestamps and durations leave an expression as text, also those inside of what it gives.
function leaving(type: Type): Type {
  switch (type.kind) {
    case 'timestamp':
    case 'duration':
      return textType
    case 'union':
      return union(type.members.map(leaving))
    case 'list':
      return listType(leaving(type.rest), type.first.map(leaving))
    case 'map': {
      const fields = [...type.fields].map(([name, field]) => [name, { ...field, type: leaving(field.type) }] as const)
      return mapType(Object.fromEntries(fields), leaving(type.rest))
    }
    default:
      return type
  }
}

// Scopes give JSON: nothing else makes a time.
function mayGiveTime(text: string): boolean {
  return text.includes('timestamp') || text.includes('duration')
}

function textOrExpression(place: ValuePlace, text: string, told: Told): Type {
  const pieces = cutAtMarks(text)
  const [first] = pieces
  if (first?.kind === 'expression' && pieces.length === 1) {
    return expressionType(place, { text: first.text, offset: first.start }, told)
  }
  const isMixed = pieces.some(({ kind }) => kind === 'expression')
  for (const piece of pieces) {
    if (piece.kind !== 'expression') continue
    const what = 'a value in the middle of a text'
    expressionType({ ...place, wants: scalarType, what }, { text: piece.text, offset: piece.start }, told)
  }
  const type = isMixed ? textType : literalType(pieces.map((piece) => ('text' in piece ? piece.text : '')).join(''))
  if (place.environment.isPossible) tellMisfit(place, type, told)
  return type
}

function mapOf(place: ValuePlace, wants: MapType, told: Told): Type {
  const { pointer, value, environment, what } = place
  const entries = Object.entries(value as Readonly<Record<string, Json | undefined>>)
  const given = entries.flatMap(([name, inner]) => (inner === undefined ? [] : [[name, inner] as const]))
  const types = given.map(([name, inner]) => {
    const field = wants.fields.get(name)
    const inside = { ...place, value: inner, pointer: pointer + pointerPart(name), what: `"${name}" of ${what}` }
    const wanted = field?.type ?? (wants.rest.kind === 'never' ? anyType : wants.rest)
    return [name, templateType({ ...inside, wants: wanted }, told)] as const
  })
  if (environment.isPossible) tellFields(place, new Set(given.map(([name]) => name)), { wants, told })
  return mapType(Object.fromEntries(types))
}

function tellFields(
  { pointer, what }: ValuePlace,
  given: ReadonlySet<string>,
  { wants, told }: { readonly wants: MapType; readonly told: Told },
): void {
  const names = [...wants.fields.keys()]
  const unknown = wants.rest.kind === 'never' ? [...given].filter((name) => !wants.fields.has(name)) : []
  const meant = new Set<string | undefined>()
  for (const name of unknown) {
    const near = suggestion(
      name,
      names.filter((known) => !given.has(known)),
    )
    meant.add(near.replacement)
    const hint = names.length === 0 ? 'it takes none' : `it takes ${names.join(', ')}`
    const place = { pointer: pointer + pointerPart(name), at: 'key' } as const
    told.mistake({ code: 'UNKNOWN_INPUT', message: `${what} takes no "${name}"`, hint, ...near, ...place })
  }
  const missing = [...wants.fields].filter(([name, field]) => !field.isOptional && !given.has(name) && !meant.has(name))
  if (missing.length === 0) return
  const words = missing.map(([name]) => `"${name}"`).join(', ')
  const expected = missing.map(([name, { type }]) => `${name}: ${wordsOf(type)}`).join(', ')
  told.mistake({ code: 'MISSING_INPUT', message: `${what} needs ${words}`, expected, pointer, at: 'key' })
}

// Without looking at what is wanted of its parts.
function looseType(place: ValuePlace, told: Told): Type {
  const { value, pointer } = place
  if (value === null) return nullType
  if (typeof value === 'number' || typeof value === 'boolean') return literalType(value)
  if (typeof value === 'string') return textOrExpression({ ...place, wants: anyType }, value, told)
  if (isJsonList(value)) {
    return exactList(
      value.map((element, index) => looseType({ ...place, value: element, pointer: `${pointer}/${index}` }, told)),
    )
  }
  const fields = Object.entries(value).flatMap(([name, inner]) =>
    inner === undefined
      ? []
      : [[name, looseType({ ...place, value: inner, pointer: pointer + pointerPart(name) }, told)] as const],
  )
  return mapType(Object.fromEntries(fields))
}

function exactList(elements: readonly Type[]): Type {
  return listType({ kind: 'never' }, elements)
}

function tellMisfit({ pointer, wants, what }: ValuePlace, found: Type, told: Told, at?: Offsets): void {
  if (found.kind === 'never') return
  const misfit = fits(found, wants)
  if (misfit === undefined) return
  const isWritten = at === undefined
  const place = isWritten ? {} : { at }
  told.mistake({ ...misfitMistake(misfit, what, isWritten), pointer, ...place })
}

// What nothing is known of fits everywhere, until there is a value.
function tellUntyped({ pointer, wants, what }: ValuePlace, found: Type, told: Told, at: Offsets): void {
  if (!isUntypedFor(found, wants)) return
  const message = `${what} takes ${wordsOf(wants)}, and nothing is known of what it gets`
  told.mistake({ code: 'UNTYPED_VALUE', message, expected: wordsOf(wants), found: wordsOf(found), pointer, at })
}

function isUntypedFor(found: Type, wants: Type): boolean {
  if (wants.kind === 'any' || found.kind === 'never') return false
  if (found.kind === 'any') return true
  if (found.kind === 'union') return found.members.some((member) => isUntypedFor(member, wants))
  if (wants.kind === 'union')
    return wants.members.every((member) => fits(found, member) !== undefined || isUntypedFor(found, member))
  if (found.kind === 'list' && wants.kind === 'list') {
    return (
      found.first.some((element, index) => isUntypedFor(element, wants.first[index] ?? wants.rest)) ||
      isUntypedFor(found.rest, wants.rest)
    )
  }
  if (found.kind !== 'map' || wants.kind !== 'map') return false
  const fields = [...found.fields].some(([name, field]) =>
    isUntypedFor(field.type, wants.fields.get(name)?.type ?? wants.rest),
  )
  return fields || isUntypedFor(found.rest, wants.rest)
}

interface Offsets {
  readonly start: number
  readonly end: number
}

/** What is wrong with a value that does not fit, in words: one that is written out, or the value of an expression. */
function misfitMistake(misfit: TypeMisfit, what: string, isWritten: boolean): Omit<Mistake, 'pointer' | 'at'> {
  const expected = wordsOf(misfit.expected)
  const found = wordsOf(misfit.found)
  const path = misfit.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  const where = path === '' ? '' : ` at ${path.replace(/^\./, '')}`
  const code = 'TYPE_MISMATCH'
  switch (misfit.reason) {
    case 'missing':
      return { code, message: `${what} needs the field "${misfit.field}"${where}`, expected, found }
    case 'maybe missing':
      return {
        code,
        message: `${what} needs the field "${misfit.field}"${where}, which may be missing`,
        expected,
        found,
      }
    case 'unknown field':
      return { code, message: `${what} takes no field "${misfit.field}"${where}`, expected, found }
    case 'too few':
      return { code, message: `${what} needs more elements${where}`, expected, found }
    case 'type': {
      const hint = isWritten ? hintForWritten(misfit) : hintFor(misfit)
      return { code, message: `${what} takes ${expected}${where}, not ${found}`, expected, found, ...hint }
    }
    default:
      return misfit.reason satisfies never
  }
}

// Functions are for expressions only.
function hintForWritten({ expected, found }: TypeMisfit): { readonly hint?: string } {
  const isOther = found.kind === 'literal' && typeof found.value !== 'string'
  return expected.kind === 'text' && isOther ? { hint: `quote it: "${String(found.value)}"` } : {}
}

function hintFor({ expected, found }: TypeMisfit): { readonly hint?: string } {
  const kinds = (found.kind === 'union' ? found.members : [found]).map(kindOfValues)
  const is = (...all: readonly Type['kind'][]): boolean => kinds.every((kind) => all.includes(kind))
  if (expected.kind === 'number' && is('number')) return { hint: 'int(…) cuts off what follows the point' }
  if (expected.kind === 'number' && is('text')) return { hint: 'int(…) and double(…) read the number in a text' }
  if (expected.kind === 'text' && is('number', 'boolean')) return { hint: 'string(…) makes text of it' }
  if (expected.kind === 'boolean' && is('number')) return { hint: 'compare it: … > 0' }
  if (expected.kind === 'boolean' && is('text')) return { hint: 'compare it: … != ""' }
  if (expected.kind === 'boolean' && is('list')) return { hint: 'compare its size: size(…) > 0' }
  if (fits(textType, expected) === undefined && is('list'))
    return { hint: '….join(", ") makes text of a list of texts' }
  return kinds.includes('null') && kinds.length > 1 ? { hint: 'guard it: … != null ? … : …' } : {}
}

function kindOfValues(type: Type): Type['kind'] {
  if (type.kind !== 'literal') return type.kind
  return typeof type.value === 'string' ? 'text' : typeof type.value === 'number' ? 'number' : 'boolean'
}
