import type { Json } from '@segno/schema/plan'
import { grown } from '../kernel/grown.ts'

const depthMax = 512

/** Where a value is not JSON, and what it is instead. */
export class NotJson {
  readonly #path: string
  readonly #what: string
  constructor(what: string, path = '') {
    this.#what = what
    this.#path = path
  }

  get message(): string {
    return `${this.#path === '' ? 'it' : this.#path} is ${this.#what}`
  }

  /** The same as a part of something: where it is, is asked of few values. */
  within(part: string | number): NotJson {
    return new NotJson(this.#what, this.#path === '' ? String(part) : `${part}.${this.#path}`)
  }
}

/**
 * Copies a value as JSON does, but loses nothing silently: a function, a
 * symbol, a bigint, a number that is not finite, half a surrogate pair, a map
 * or a set is refused. Fields that are `undefined` do not exist; `toJSON` is
 * asked. Nobody can change the copy afterwards through the original. What the
 * value's own getters and `toJSON` throw comes through.
 */
export function copyJson(value: unknown): Json | undefined | NotJson {
  return copy(value, 0)
}

/** The same for what a caller hands in: what throws when it is read is no JSON either. */
export function copyGiven(value: unknown): Json | undefined | NotJson {
  try {
    return copyJson(value)
  } catch (error) {
    return new NotJson(`something that cannot be read: ${String(error)}`)
  }
}

function copy(value: unknown, depth: number): Json | undefined | NotJson {
  switch (typeof value) {
    case 'string':
      // UTF-8 cannot hold it: a store would keep another text, under another hash.
      return value.isWellFormed() ? value : new NotJson('a text with half a surrogate pair')
    case 'boolean':
    case 'undefined':
      return value
    case 'number':
      return Number.isFinite(value) ? value + 0 : new NotJson(`${value}, which is no JSON number`)
    case 'object':
      return value === null ? null : copyObject(value, depth + 1)
    case 'function':
      return new NotJson('a function')
    case 'symbol':
      return new NotJson('a symbol')
    case 'bigint':
      return new NotJson('a bigint')
    default:
      return new NotJson(`a ${typeof value}`)
  }
}

function copyObject(value: object, depth: number): Json | undefined | NotJson {
  if (depth > depthMax) return new NotJson(`nested deeper than ${depthMax}, or part of itself`)
  if (Array.isArray(value)) return copyList(value, depth)
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return isNoDate(value) ? new NotJson('an invalid date') : copy(value.toJSON(), depth)
  }
  const kind = refusedKind(value)
  if (kind !== undefined) return new NotJson(kind)
  // A clone has the shape of the value, which is the cheapest one to make and to keep.
  const clone: Record<string, unknown> = { ...value }
  const mayInherit = isPolluted()
  let isWhole = true
  for (const key in clone) {
    // Of fields that somebody has given to all objects, none is the value's.
    if (mayInherit && !Object.hasOwn(clone, key)) continue
    if (!key.isWellFormed()) return new NotJson('an object with half a surrogate pair in a key')
    const given = clone[key]
    const field = copy(given, depth)
    if (field instanceof NotJson) return field.within(key)
    if (field === undefined) isWhole = false
    if (!Object.is(field, given)) setField(clone, key, field)
  }
  return isWhole && Object.getOwnPropertySymbols(clone).length === 0 ? (clone as Json) : withoutUndefined(clone)
}

// To ask this once of an object costs less than to ask each of its fields whose it is.
function isPolluted(): boolean {
  for (const _ in {}) return true
  return false
}

// Fields that are `undefined`, and those that a symbol names, do not exist.
function withoutUndefined(clone: Readonly<Record<string, unknown>>): Json {
  const result: Record<string, unknown> = {}
  for (const key of Object.keys(clone)) if (clone[key] !== undefined) setField(result, key, clone[key])
  return result as Json
}

function setField(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true })
  else record[key] = value
}

function copyList(value: readonly unknown[], depth: number): Json | NotJson {
  let result: Json[] = []
  for (let i = 0; i < value.length; i++) {
    const item = copy(value[i], depth)
    if (item instanceof NotJson) return item.within(i)
    if (item === undefined) return new NotJson('undefined, which a list cannot hold').within(i)
    result = grown(result, item)
  }
  // A short list that has grown keeps room for seventeen items as long as it lives; a copy does not.
  return result.length > 2 && result.length < 16 ? result.slice() : result
}

function isNoDate(value: object): boolean {
  return value instanceof Date && Number.isNaN(value.getTime())
}

// What the platform keeps inside of an object, and not in fields, would be lost without a word.
function refusedKind(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return undefined
  if ('then' in value && typeof value.then === 'function') return 'a promise that was not awaited'
  if (ArrayBuffer.isView(value)) return 'binary data'
  // Unlike `instanceof`, this knows the objects of other realms too.
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1)
  return tag === 'Object' ? undefined : `a ${tag} object`
}
