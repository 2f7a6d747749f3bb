import type { Definition } from '../definition.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { diagnosticOf, type Mistake } from '../diagnostic/mistake.ts'
import { pointerPart, type Json } from '../json.ts'
import { mayName } from './doubts.ts'
import { importLimits, importsTooDeep } from './import-limits.ts'
import { mend, shapeMistakes, type Mended } from './mend.ts'
import { depthMax } from './scan.ts'
import { forbiddenKeys, isExact, isUnicode, nodesMax, notUnicode } from './tree.ts'

/**
 * The definition that a plain object from code gives: the same shape and limits
 * as for a text, without positions. The definition is a copy, so that nobody can
 * change it afterwards. Fields that are `undefined` do not exist.
 */
export function parseDefinition(value: unknown): {
  readonly definition?: Definition
  readonly diagnostics: readonly Diagnostic[]
} {
  const { copy, mistakes } = readPlain(value)
  if (mistakes.length > 0) return { diagnostics: mistakes.map((mistake) => diagnosticOf(mistake, {})) }
  // Its shape was checked just before.
  return { definition: copy as unknown as Definition, diagnostics: [] }
}

/** A plain object that was read as far as it goes: with `mended` where all else can be checked. */
export interface ReadPlain {
  readonly copy: Json
  readonly mended?: Mended
  readonly mistakes: readonly Mistake[]
}

/** Copies a plain object and puts its shape right. */
export function readPlain(value: unknown): ReadPlain {
  const mistakes: Mistake[] = []
  const copying: Copying = { mistakes, around: [], outermost: 0, documents: 0, copies: new Map(), nodes: 0 }
  const copy = copyOf(copying, value, '', 'document')
  if (mistakes.some(({ code }) => code === 'TOO_MANY_NODES')) return { copy, mistakes }
  const unread = new Set(mistakes.map(({ pointer }) => pointer))
  const mended = mend(copy, { told: unread, unread, isNameless: mistakes.some(({ pointer }) => mayName(pointer)) })
  return { copy, mended, mistakes: [...mistakes, ...shapeMistakes(mended)] }
}

/** What a value is: a document, the imports of one, in whose place other documents may stand, or anything else. */
type Role = 'document' | 'imports' | 'value'

interface Copying {
  readonly mistakes: Mistake[]
  /** The lists and maps that are being copied, outermost first. */
  readonly around: object[]
  /** How many of them are around the document that is being copied: limits hold for each document. */
  readonly outermost: number
  /** How many documents are around it. */
  readonly documents: number
  /** What stands in several places, as a workflow that is imported twice, is one object in the copy too. */
  readonly copies: Map<object, Json>
  nodes: number
}

function copyOf(copying: Copying, value: unknown, pointer: string, role: Role): Json {
  copying.nodes++
  if (copying.nodes > nodesMax) return tooMany(copying)
  if (typeof value === 'string' && !isUnicode(value)) return refuse(copying, 'TEXT_NOT_UNICODE', notUnicode, pointer)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number')
    return isExact(value)
      ? value
      : refuse(copying, 'NUMBER_OUT_OF_RANGE', `${value} is not a number that JSON keeps exactly`, pointer)
  if (typeof value !== 'object') return refuse(copying, 'NOT_JSON', `a ${typeof value} is not JSON`, pointer)
  if (copying.around.includes(value)) return refuse(copying, 'NOT_JSON', 'the value holds itself', pointer)
  if (copying.around.length - copying.outermost >= depthMax)
    return refuse(copying, 'TOO_DEEP', `lists and maps are nested more than ${depthMax} deep`, pointer)
  copying.around.push(value)
  const copy = Array.isArray(value)
    ? value.map((item, index) => copyOf(copying, item, pointer + pointerPart(index), 'value'))
    : copyMap(copying, value, pointer, role)
  copying.around.pop()
  return copy
}

function copyMap(copying: Copying, value: object, pointer: string, role: Role): Json {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return refuse(copying, 'NOT_JSON', `an object of class ${value.constructor.name} is not JSON`, pointer)
  }
  const copy: Record<string, Json> = {}
  for (const [key, field] of Object.entries(value) as [string, unknown][]) {
    if (field === undefined) continue
    const child = pointer + pointerPart(key)
    if (forbiddenKeys.has(key)) refuse(copying, 'FORBIDDEN_KEY', `"${key}" cannot be a key`, child)
    else if (!isUnicode(key)) refuse(copying, 'TEXT_NOT_UNICODE', notUnicode, pointer)
    else if (role === 'imports' && isMap(field)) copy[key] = copyDocument(copying, field, child)
    else copy[key] = copyOf(copying, field, child, role === 'document' && key === 'imports' ? 'imports' : 'value')
  }
  return copy
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function copyDocument(copying: Copying, value: object, pointer: string): Json {
  const known = copying.copies.get(value)
  if (known !== undefined) return known
  const documents = copying.documents + 1
  if (documents > importLimits.depthMax) return refuse(copying, 'IMPORT_TOO_DEEP', importsTooDeep, pointer)
  const inside = { ...copying, documents, outermost: copying.around.length, nodes: 0 }
  const copy = copyOf(inside, value, pointer, 'document')
  copying.copies.set(value, copy)
  return copy
}

function tooMany(copying: Copying): null {
  const told = copying.mistakes.some(({ code }) => code === 'TOO_MANY_NODES')
  return told ? null : refuse(copying, 'TOO_MANY_NODES', 'the definition has more than 20,000 keys and values', '')
}

function refuse({ mistakes }: Copying, code: Mistake['code'], message: string, pointer: string): null {
  mistakes.push({ code, message, pointer })
  return null
}
