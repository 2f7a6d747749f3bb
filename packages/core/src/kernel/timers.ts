import type { StepState } from './state.ts'

/** A timer as the heap holds it. It is stale when its step no longer waits for this instant. */
export interface Timer {
  readonly due: number
  readonly order: number
  readonly step: StepState
  /** Whether it is the step's time limit; otherwise what the step waits for: a sleep, a retry, the end of a grace. */
  readonly limit: boolean
}

/**
 * Timers by due time, then by the order in which they were set: a binary heap.
 * A timer is not removed when its step moves on; it is dropped when it comes up.
 */
export class Timers {
  readonly #heap: Timer[] = []
  #order = 0

  add(due: number, step: StepState, limit: boolean): void {
    const heap = this.#heap
    heap.push({ due, order: this.#order++, step, limit })
    let child = heap.length - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!this.#swapIfLater(parent, child)) return
      child = parent
    }
  }

  /** The first timer that still stands. */
  next(): Timer | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (stands(top)) return top
      this.#pop()
    }
    return undefined
  }

  /** How many entries it holds, stale ones included. */
  get size(): number {
    return this.#heap.length
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    let parent = 0
    for (;;) {
      const left = 2 * parent + 1
      const right = left + 1
      let first = left
      if (right < heap.length && this.#isLater(left, right)) first = right
      if (first >= heap.length || !this.#swapIfLater(parent, first)) return
      parent = first
    }
  }

  #isLater(a: number, b: number): boolean {
    const one = this.#heap[a]
    const other = this.#heap[b]
    if (one === undefined || other === undefined) return false
    return one.due > other.due || (one.due === other.due && one.order > other.order)
  }

  #swapIfLater(a: number, b: number): boolean {
    if (!this.#isLater(a, b)) return false
    const heap = this.#heap
    const one = heap[a]
    const other = heap[b]
    if (one === undefined || other === undefined) return false
    heap[a] = other
    heap[b] = one
    return true
  }
}

function stands({ due, step, limit }: Timer): boolean {
  return limit ? step.deadline === due : step.due === due
}
