/**
 * A map for what comes and goes. A `Map` makes its table anew after some deletions, and in V8 the old one holds what was in
 * it, and the next table, for as long as garbage of its age is not collected: hardly anything would ever be young garbage. This
 * one holds boxes, and empties that of what is deleted.
 */
export class BoxedMap<K, V> {
  readonly #boxes = new Map<K, Box<V>>()

  get size(): number {
    return this.#boxes.size
  }

  get(key: K): V | undefined {
    return this.#boxes.get(key)?.value
  }

  set(key: K, value: V): void {
    const box = this.#boxes.get(key)
    if (box === undefined) this.#boxes.set(key, { value })
    else box.value = value
  }

  delete(key: K): boolean {
    const box = this.#boxes.get(key)
    if (box === undefined) return false
    box.value = undefined
    return this.#boxes.delete(key)
  }

  clear(): void {
    for (const box of this.#boxes.values()) box.value = undefined
    this.#boxes.clear()
  }

  keys(): IterableIterator<K> {
    return this.#boxes.keys()
  }

  *values(): IterableIterator<V> {
    for (const box of this.#boxes.values()) yield box.value as V
  }

  *[Symbol.iterator](): IterableIterator<[K, V]> {
    for (const [key, box] of this.#boxes) yield [key, box.value as V]
  }
}

interface Box<V> {
  value: V | undefined
}
