import type { Step } from '../definition.ts'

/** Steps that need each other: the one whose need closes the circle, which of its needs that is, and the way round. */
export interface Circle {
  readonly position: number
  readonly need: number
  /** Ids, the first one again at the end; of a long way, those in the middle are left out. */
  readonly path: readonly string[]
}

/**
 * Who needs whom among the children of a `parallel`. What a child needs through
 * others is found out when it is asked for, and kept as one bit for each sibling:
 * in a chain of thousands, a list for each would be millions of names.
 */
export class SiblingNeeds {
  readonly #siblings: readonly Step[]
  readonly #positions: ReadonlyMap<string, number>
  readonly #known = new Map<number, Uint32Array>()

  constructor(siblings: readonly Step[]) {
    this.#siblings = siblings
    this.#positions = new Map(siblings.map(({ id }, position) => [id, position]))
  }

  /** Whether a child needs another one, directly or not. */
  has(id: string, other: string): boolean {
    const [from, to] = [this.#positions.get(id), this.#positions.get(other)]
    if (from === undefined || to === undefined || from === to) return false
    return isIn(this.#neededBy(from), to)
  }

  /** The siblings that a child needs, directly or not, in the order of the text. */
  of(id: string): string[] {
    return [...this.#positions.keys()].filter((other) => this.has(id, other))
  }

  /** The positions of all children, each after those that it needs; what stands in a circle, in the order of the text. */
  inOrder(): readonly number[] {
    return this.#walk().left
  }

  circles(): readonly Circle[] {
    return this.#walk().circles
  }

  #needsOf(position: number): readonly string[] {
    return this.#siblings[position]?.needs ?? []
  }

  // With a circle in it, too: what was found out before is all of it.
  #neededBy(position: number): Uint32Array {
    const before = this.#known.get(position)
    if (before !== undefined) return before
    const found = new Uint32Array(Math.ceil(this.#siblings.length / 32))
    const open = [position]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const id of this.#needsOf(next)) {
        const need = this.#positions.get(id)
        if (need === undefined || isIn(found, need)) continue
        add(found, need)
        const known = this.#known.get(need)
        if (known === undefined) open.push(need)
        else known.forEach((bits, word) => (found[word] = (found[word] ?? 0) | bits))
      }
    }
    this.#known.set(position, found)
    return found
  }

  // Depth first, and not by recursion: chains are longer than the stack is deep. A child that is met again on the way to it
  // closes a circle.
  #walk(): { readonly left: readonly number[]; readonly circles: readonly Circle[] } {
    const left: number[] = []
    const circles: Circle[] = []
    const met = new Set<number>()
    const way: number[] = []
    const openNeeds = new Map<number, Iterator<[number, string]>>()
    const enter = (position: number): void => {
      if (met.has(position)) return
      met.add(position)
      way.push(position)
      openNeeds.set(position, this.#needsOf(position).entries())
    }
    for (const start of this.#siblings.keys()) {
      enter(start)
      for (let position = way.at(-1); position !== undefined; position = way.at(-1)) {
        const next = openNeeds.get(position)?.next()
        if (next === undefined || next.done === true) {
          openNeeds.delete(position)
          left.push(position)
          way.pop()
          continue
        }
        const [need, id] = next.value
        const target = this.#positions.get(id)
        if (target === undefined) continue
        if (openNeeds.has(target)) circles.push({ position, need, path: this.#pathFrom(target, way) })
        else enter(target)
      }
    }
    return { left, circles }
  }

  #pathFrom(target: number, way: readonly number[]): readonly string[] {
    const idsOf = (positions: readonly number[]): string[] => positions.map((one) => this.#siblings[one]?.id ?? '')
    const round = [...way.slice(way.indexOf(target)), target]
    if (round.length <= pathMax) return idsOf(round)
    return [...idsOf(round.slice(0, pathMax / 2)), '…', ...idsOf(round.slice(-pathMax / 2))]
  }
}

/** Thousands of circles of thousands of steps would be millions of names. */
const pathMax = 20

function isIn(bits: Uint32Array, position: number): boolean {
  return ((bits[position >>> 5] ?? 0) & (1 << (position & 31))) !== 0
}

function add(bits: Uint32Array, position: number): void {
  bits[position >>> 5] = (bits[position >>> 5] ?? 0) | (1 << (position & 31))
}
