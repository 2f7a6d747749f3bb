import type { Definition } from '../definition.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { diagnosticOf, type Mistake } from '../diagnostic/mistake.ts'
import { pointerPart, type Json } from '../json.ts'
import { mayName } from './doubts.ts'
import { mend, type Mended } from './mend.ts'
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
  const { mended, mistakes } = readPlain(value)
  if (mistakes.length > 0) return { diagnostics: mistakes.map((mistake) => diagnosticOf(mistake, {})) }
  return { ...(mended?.definition && { definition: mended.definition }), diagnostics: [] }
}

/** A plain object that was read as far as it goes: with `mended` where all else can be checked. */
export function readPlain(value: unknown): { readonly mended?: Mended; readonly mistakes: readonly Mistake[] } {
  const copying: Copying = { mistakes: [], around: [], nodes: 0 }
  const copy = copyOf(copying, value, '')
  const { mistakes } = copying
  if (mistakes.some(({ code }) => code === 'TOO_MANY_NODES')) return { mistakes }
  const unread = new Set(mistakes.map(({ pointer }) => pointer))
  const mended = mend(copy, { told: unread, unread, isNameless: mistakes.some(({ pointer }) => mayName(pointer)) })
  return { mended, mistakes: [...mistakes, ...mended.mistakes] }
}

interface Copying {
  readonly mistakes: Mistake[]
  /** The lists and maps that are being copied, outermost first. */
  readonly around: object[]
  nodes: number
}

function copyOf(copying: Copying, value: unknown, pointer: string): Json {
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
  if (copying.around.length >= depthMax)
    return refuse(copying, 'TOO_DEEP', `lists and maps are nested more than ${depthMax} deep`, pointer)
  copying.around.push(value)
  const copy = Array.isArray(value)
    ? value.map((item, index) => copyOf(copying, item, pointer + pointerPart(index)))
    : copyMap(copying, value, pointer)
  copying.around.pop()
  return copy
}

function copyMap(copying: Copying, value: object, pointer: string): Json {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return refuse(copying, 'NOT_JSON', `an object of class ${value.constructor.name} is not JSON`, pointer)
  }
  const copy: Record<string, Json> = {}
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue
    const child = pointer + pointerPart(key)
    if (forbiddenKeys.has(key)) refuse(copying, 'FORBIDDEN_KEY', `"${key}" cannot be a key`, child)
    else if (!isUnicode(key)) refuse(copying, 'TEXT_NOT_UNICODE', notUnicode, pointer)
    else copy[key] = copyOf(copying, field, child)
  }
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
