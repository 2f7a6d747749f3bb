import type { Json, JsonObject } from '@segno/schema/plan'
import { mask } from './masked-stream.ts'

/**
 * Masks the texts, keys and numbers inside of a value; what holds no secret is given back
 * itself, not as a copy. A number becomes the text that is left of it. A key that would
 * be there twice once it is masked gets a number behind it, so that no field is lost.
 * What cannot be read to its end (a getter throws, it nests too deep) becomes one mask.
 */
export function maskedJson(value: Json, masked: (text: string) => string): Json {
  try {
    return new MaskedValues(masked).of(value)
  } catch {
    return mask
  }
}

class MaskedValues {
  readonly #masked: (text: string) => string
  // A value that is part of itself ends in a mask, and one that is there often is read once.
  readonly #known = new Map<Json, Json>()

  constructor(masked: (text: string) => string) {
    this.#masked = masked
  }

  of(value: Json): Json {
    switch (typeof value) {
      case 'string':
        return this.#masked(value)
      case 'number':
        return this.#ofNumber(value)
      case 'object':
        return value === null ? null : this.#ofObject(value)
      default:
        return value
    }
  }

  #ofNumber(value: number): Json {
    const text = String(value)
    const masked = this.#masked(text)
    return masked === text ? value : masked
  }

  #ofObject(value: JsonObject | readonly Json[]): Json {
    const known = this.#known.get(value)
    if (known !== undefined) return known
    this.#known.set(value, mask)
    const masked = isList(value) ? this.#ofList(value) : this.#ofFields(value)
    this.#known.set(value, masked)
    return masked
  }

  #ofList(list: readonly Json[]): Json {
    const items = list.map((item) => this.of(item))
    return items.every((item, index) => Object.is(item, list[index])) ? list : items
  }

  #ofFields(object: JsonObject): Json {
    const keys = Object.keys(object)
    const fields = keys.map((key): Field => {
      const value = object[key]
      return { key, name: this.#masked(key), value: value === undefined ? value : this.of(value), was: value }
    })
    const isSame = fields.every(({ key, name, value, was }) => key === name && Object.is(value, was))
    return isSame ? object : withOwnNames(fields)
  }
}

interface Field {
  readonly key: string
  readonly name: string
  readonly value: Json | undefined
  readonly was: Json | undefined
}

// A name that nobody masked stays what it is.
function withOwnNames(fields: readonly Field[]): JsonObject {
  const taken = new Set(fields.filter(({ key, name }) => key === name).map(({ name }) => name))
  const counts = new Map<string, number>()
  const entries = fields.map(({ key, name, value }) => {
    if (key === name) return [name, value] as const
    let count = counts.get(name) ?? 1
    let free = count === 1 ? name : `${name} (${count})`
    while (taken.has(free)) free = `${name} (${++count})`
    counts.set(name, count)
    taken.add(free)
    return [free, value] as const
  })
  // Unlike an assignment, this makes a field of `__proto__` too.
  return Object.fromEntries(entries)
}

function isList(value: JsonObject | readonly Json[]): value is readonly Json[] {
  return Array.isArray(value)
}
