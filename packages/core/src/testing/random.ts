/** A stream of random draws that a seed decides. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** A whole number from 0 up to, but not including, `below`. */
  integer(below: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** One of the items, of which there is at least one. */
  pick<Item>(items: readonly Item[]): Item
  /**
   * The stream of that name: always the same one, whatever was drawn before. A
   * concern that draws from a stream of its own does not disturb the others.
   */
  stream(name: string): Random
}

/**
 * Random draws by SplitMix (Steele, Lea, Flood, "Fast Splittable Pseudorandom
 * Number Generators", OOPSLA 2014), with 32 bits of state and the mixing
 * function of https://github.com/skeeto/hash-prospector/issues/19. For
 * simulations, not for secrets.
 */
export function seededRandom(seed: number): Random {
  let state = seed | 0
  function next(): number {
    state = (state + goldenGamma) | 0
    return mix(state) / 2 ** 32
  }
  function integer(below: number): number {
    return Math.floor(next() * below)
  }
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick<Item>(items: readonly Item[]): Item {
      const item = items[integer(items.length)]
      if (item === undefined) throw new RangeError('there is nothing to pick from')
      return item
    },
    stream: (name) => seededRandom(mix(seed ^ hashOf(name))),
  }
}

const goldenGamma = 0x9e3779b9

function mix(value: number): number {
  const once = Math.imul(value ^ (value >>> 16), 0x21f0aaad)
  const twice = Math.imul(once ^ (once >>> 15), 0x735a2d97)
  return (twice ^ (twice >>> 15)) >>> 0
}

// FNV-1a, over UTF-16 units.
function hashOf(name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  return hash
}
