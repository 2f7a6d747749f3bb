import { BoxedMap } from './boxed-map.ts'

/** Up to so many entries are looked through one by one. */
const fewMax = 8

/**
 * A map that mostly holds few entries, and then costs little but itself: a `Map` makes its table anew each time it becomes
 * empty. In the order of insertion.
 */
export class FewMap<K, V extends object | string | number | boolean | null> {
  // A single entry.
  #key: K | undefined
  #value: V | undefined
  /** A few: behind each key its value. Never changed, so that it can be gone through meanwhile. */
  #few: readonly (K | V)[] | undefined
  /** Many, until there are none. */
  #many: BoxedMap<K, V> | undefined

  constructor(entries?: Iterable<readonly [K, V]>) {
    if (entries !== undefined) for (const [key, value] of entries) this.set(key, value)
  }

  get size(): number {
    if (this.#few !== undefined) return this.#few.length / 2
    return this.#many === undefined ? Number(this.#value !== undefined) : this.#many.size
  }

  get(key: K): V | undefined {
    const few = this.#few
    if (few !== undefined) {
      const at = placeIn(few, key)
      return at < 0 ? undefined : (few[at + 1] as V)
    }
    if (this.#many !== undefined) return this.#many.get(key)
    return this.#key === key ? this.#value : undefined
  }

  has(key: K): boolean {
    return this.get(key) !== undefined
  }

  set(key: K, value: V): void {
    if (this.#few !== undefined) {
      this.#setAmong(this.#few, key, value)
    } else if (this.#many !== undefined) {
      this.#many.set(key, value)
    } else if (this.#key === undefined || this.#value === undefined || this.#key === key) {
      this.#key = key
      this.#value = value
    } else {
      this.#few = [this.#key, this.#value, key, value]
      this.#key = undefined
      this.#value = undefined
    }
  }

  delete(key: K): boolean {
    if (this.#few !== undefined) return this.#deleteFrom(this.#few, key)
    if (this.#many !== undefined) {
      const had = this.#many.delete(key)
      if (this.#many.size === 0) this.#many = undefined
      return had
    }
    if (this.#key !== key || this.#value === undefined) return false
    this.clear()
    return true
  }

  clear(): void {
    this.#key = undefined
    this.#value = undefined
    this.#few = undefined
    this.#many?.clear()
    this.#many = undefined
  }

  /** As it is while it is gone through: what is deleted meanwhile is left out once there are several. */
  values(): IterableIterator<V> {
    if (this.#many !== undefined) return this.#many.values()
    return this.#few === undefined ? listed(this.#value) : this.#valuesOf(this.#few)
  }

  keys(): IterableIterator<K> {
    if (this.#many !== undefined) return this.#many.keys()
    return this.#few === undefined ? listed(this.#key) : this.#keysOf(this.#few)
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    if (this.#many !== undefined) return this.#many[Symbol.iterator]()
    if (this.#few !== undefined) return this.#entriesOf(this.#few)
    return this.#key === undefined || this.#value === undefined ? listed() : listed<[K, V]>([this.#key, this.#value])
  }

  #setAmong(few: readonly (K | V)[], key: K, value: V): void {
    const at = placeIn(few, key)
    if (at >= 0) this.#few = few.with(at + 1, value)
    else if (few.length < 2 * fewMax) this.#few = [...few, key, value]
    else {
      const many = new BoxedMap<K, V>()
      for (const [known, held] of this.#entriesOf(few)) many.set(known, held)
      many.set(key, value)
      this.#few = undefined
      this.#many = many
    }
  }

  #deleteFrom(few: readonly (K | V)[], key: K): boolean {
    const at = placeIn(few, key)
    if (at < 0) return false
    if (few.length > 4) this.#few = few.toSpliced(at, 2)
    else {
      this.#key = few[2 - at] as K
      this.#value = few[3 - at] as V
      this.#few = undefined
    }
    return true
  }

  *#keysOf(few: readonly (K | V)[]): IterableIterator<K> {
    for (let at = 0; at < few.length; at += 2) {
      const key = few[at] as K
      if (few === this.#few || this.has(key)) yield key
    }
  }

  *#valuesOf(few: readonly (K | V)[]): IterableIterator<V> {
    for (const key of this.#keysOf(few)) yield this.get(key) as V
  }

  *#entriesOf(few: readonly (K | V)[]): IterableIterator<[K, V]> {
    for (const key of this.#keysOf(few)) yield [key, this.get(key) as V]
  }
}

function placeIn(few: readonly unknown[], key: unknown): number {
  for (let at = 0; at < few.length; at += 2) if (few[at] === key) return at
  return -1
}

function listed<T>(item?: T): IterableIterator<T> {
  return (item === undefined ? [] : [item]).values()
}

/** A set of the same kind. */
export class FewSet<T extends object> extends FewMap<T, T> {
  add(item: T): void {
    this.set(item, item)
  }
}
