import type { RunState, StepState } from './state.ts'

/** A timer as the heap holds it. It is stale when its step no longer waits for this instant. */
export interface Timer {
  readonly due: number
  readonly step: StepState
  /** Whether it is the step's time limit; otherwise what the step waits for: a sleep, a retry, the end of a grace. */
  readonly limit: boolean
}

/** Gives a step the instant at which its time is up; 0 takes it away. */
export function setLimit(state: RunState, step: StepState, deadline: number): void {
  step.deadline = deadline
  const timers = step.node.kind === 'work' ? state.attemptTimers : state.restTimers
  if (deadline !== 0) timers.add({ due: deadline, step, limit: true })
}

/** Gives a step the instant that it waits for; 0 takes it away. */
export function setWait(state: RunState, step: StepState, due: number): void {
  step.due = due
  const timers = step.status === 'cancelling' ? state.attemptTimers : state.restTimers
  if (due !== 0) timers.add({ due, step, limit: false })
}

/**
 * Timers by due time, then in plan order, then by path: a binary heap. The
 * order does not depend on when they were set, so that a restored state fires
 * them as the state it was saved from. A timer is not removed when its step
 * moves on: it is dropped when it comes up, or swept out with the others when
 * those are the most.
 */
export class Timers {
  #heap: Timer[] = []
  #sweepAt = 64

  add(timer: Timer): void {
    if (this.#heap.length >= this.#sweepAt) this.#sweep()
    const heap = this.#heap
    heap.push(timer)
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

  /** Puts the entries in order anew: the places of their steps have changed. */
  sort(): void {
    this.#sweep()
  }

  // A sorted list is a heap.
  #sweep(): void {
    this.#heap = this.#heap.filter(stands).sort(compare)
    this.#sweepAt = 2 * this.#heap.length + 64
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
      const first = right < heap.length && this.#isLater(left, right) ? right : left
      if (first >= heap.length || !this.#swapIfLater(parent, first)) return
      parent = first
    }
  }

  #isLater(a: number, b: number): boolean {
    const one = this.#heap[a]
    const other = this.#heap[b]
    return one !== undefined && other !== undefined && compare(one, other) > 0
  }

  #swapIfLater(a: number, b: number): boolean {
    const heap = this.#heap
    const one = heap[a]
    const other = heap[b]
    if (one === undefined || other === undefined || compare(one, other) <= 0) return false
    heap[a] = other
    heap[b] = one
    return true
  }
}

function stands({ due, step, limit }: Timer): boolean {
  return limit ? step.deadline === due : step.due === due
}

function compare(a: Timer, b: Timer): number {
  return (
    a.due - b.due ||
    a.step.node.index - b.step.node.index ||
    comparePaths(a.step.path, b.step.path) ||
    Number(b.limit) - Number(a.limit)
  )
}

// Among the occurrences of one step the shorter path comes first, so that [2] is before [10].
function comparePaths(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : Number(a > b)
}
