import { seededRandom } from '../../src/testing/random.ts'

/**
 * Choices by which a generator goes. Once as many were made as there are, each is
 * the first of what there is to choose from: a generator names the simplest
 * first, so that fewer choices make a smaller thing of the same beginning.
 */
export class Dice {
  readonly #next: () => number
  #left: number

  constructor(seed: number, choices = Number.POSITIVE_INFINITY) {
    const random = seededRandom(seed)
    this.#next = () => random.next()
    this.#left = choices
  }

  /** Whether there are choices left. */
  get isSpent(): boolean {
    return this.#left <= 0
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    if (this.#left-- <= 0) return 0
    return Math.floor(this.#next() * limit)
  }

  /** True so many times out of a hundred. */
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new RangeError('there is nothing to pick from')
    return item
  }

  /** Some of the items, in their order. */
  some<Item>(items: readonly Item[], percent: number): Item[] {
    return items.filter(() => this.chance(percent))
  }
}
