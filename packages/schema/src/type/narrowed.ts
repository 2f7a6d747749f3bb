import type { Type } from './type.ts'
import { union } from './union.ts'

/**
 * What conditions have proved of names, by name. Immutable: what is proved at
 * one place lies above what it shares with others, so that a step costs as much
 * at the end of a long workflow as at its beginning.
 */
export class Narrowed {
  /** What is proved last; `undefined` hides what is below. */
  readonly #own: ReadonlyMap<string, Type | undefined>
  readonly #below: Narrowed | undefined
  #base: Narrowed | undefined

  constructor(own: ReadonlyMap<string, Type | undefined> = new Map(), below?: Narrowed) {
    this.#own = own
    this.#below = below
  }

  get(name: string): Type | undefined {
    const type = this.#own.get(name)
    if (type !== undefined || this.#below === undefined || this.#own.has(name)) return type
    return this.#below.get(name)
  }

  with(name: string, type: Type): Narrowed {
    return this.#under(new Map([[name, type]]))
  }

  /** Without names that mean something else now. */
  without(names: Iterable<string>): Narrowed {
    const hidden = [...names].filter((name) => this.get(name) !== undefined)
    return hidden.length === 0 ? this : this.#under(new Map(hidden.map((name) => [name, undefined])))
  }

  /** What is known where either has been: of each name the union. */
  or(other: Narrowed): Narrowed {
    if (other === this) return this
    const mine = new Set(this.#layers())
    const shared = other.#layers().find((layer) => mine.has(layer))
    const own = new Map<string, Type | undefined>()
    for (const name of [...this.#namesAbove(shared), ...other.#namesAbove(shared)]) {
      const [type, there] = [this.get(name), other.get(name)]
      const either =
        type === undefined || there === undefined ? undefined : there === type ? type : union([type, there])
      if (!own.has(name) && either !== shared?.get(name)) own.set(name, either)
    }
    return shared === undefined ? new Narrowed(own) : shared.#under(own)
  }

  names(): readonly string[] {
    return [...new Set(this.#namesAbove(undefined))].filter((name) => this.get(name) !== undefined)
  }

  // A few names are copied, rather than looked for in one layer after another.
  #under(own: ReadonlyMap<string, Type | undefined>): Narrowed {
    if (own.size === 0) return this
    if (this.#own.size + own.size > ownMax) return new Narrowed(own, this.#asBase())
    return new Narrowed(new Map([...this.#own, ...own]), this.#below)
  }

  // Each layer has at least twice as many names as the one above it, so there are few.
  #asBase(): Narrowed {
    if (this.#base !== undefined) return this.#base
    let [own, below] = [this.#own, this.#below]
    for (; below !== undefined && below.#own.size < own.size * 2; below = below.#below) {
      own = new Map([...below.#own, ...own])
    }
    this.#base = new Narrowed(own, below)
    return this.#base
  }

  #layers(): readonly Narrowed[] {
    return this.#below === undefined ? [this] : [this, ...this.#below.#layers()]
  }

  #namesAbove(shared: Narrowed | undefined): readonly string[] {
    if (shared === this) return []
    const own = [...this.#own.keys()]
    return this.#below === undefined ? own : [...own, ...this.#below.#namesAbove(shared)]
  }
}

const ownMax = 16
