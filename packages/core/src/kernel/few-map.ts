/**
 * A map that mostly holds one entry or none, and then costs nothing but itself: a `Map` makes
 * its table anew each time it becomes empty. In the order of insertion.
 */
export class FewMap<K, V extends object | string | number | boolean | null> {
  #key: K | undefined
  #value: V | undefined
  /** All of them, from the second one on until there are none. */
  #many: Map<K, V> | undefined

  constructor(entries?: Iterable<readonly [K, V]>) {
    if (entries !== undefined) for (const [key, value] of entries) this.set(key, value)
  }

  get size(): number {
    return this.#many === undefined ? Number(this.#value !== undefined) : this.#many.size
  }

  get(key: K): V | undefined {
    if (this.#many !== undefined) return this.#many.get(key)
    return this.#key === key ? this.#value : undefined
  }

  has(key: K): boolean {
    return this.get(key) !== undefined
  }

  set(key: K, value: V): void {
    if (this.#many !== undefined) {
      this.#many.set(key, value)
    } else if (this.#key === undefined || this.#value === undefined || this.#key === key) {
      this.#key = key
      this.#value = value
    } else {
      this.#many = new Map<K, V>([
        [this.#key, this.#value],
        [key, value],
      ])
      this.#key = undefined
      this.#value = undefined
    }
  }

  delete(key: K): boolean {
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
    this.#many = undefined
  }

  /** As it is while it is gone through: what is deleted meanwhile is left out once there are several. */
  values(): IterableIterator<V> {
    return this.#many === undefined ? listed(this.#value) : this.#many.values()
  }

  keys(): IterableIterator<K> {
    return this.#many === undefined ? listed(this.#key) : this.#many.keys()
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    if (this.#many !== undefined) return this.#many.entries()
    return this.#key === undefined || this.#value === undefined ? listed() : listed<[K, V]>([this.#key, this.#value])
  }
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
