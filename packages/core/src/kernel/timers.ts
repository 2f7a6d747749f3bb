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
    this.#rise(timer)
  }

  /** The first timer that still stands. */
  next(): Timer | undefined {
    for (;;) {
      const top = this.#heap[0]
      if (top === undefined || stands(top)) return top
      this.#pop()
    }
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
    this.#heap = this.#heap.filter(stands).sort(compareTimers)
    this.#sweepAt = 2 * this.#heap.length + 64
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last !== undefined && this.#heap.length > 0) this.#sink(last)
  }

  // Adds a timer: those above that come later move down.
  #rise(timer: Timer): void {
    const heap = this.#heap
    let at = heap.length
    for (;;) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || compareTimers(above, timer) <= 0) break
      heap[at] = above
      at = parent
    }
    heap[at] = timer
  }

  // Puts a timer in the place of the first: those below that come before it move up.
  #sink(timer: Timer): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      let first = timer
      let next = at
      for (let child = 2 * at + 1; child <= 2 * at + 2; child++) {
        const below = heap[child]
        if (below === undefined || compareTimers(below, first) >= 0) continue
        first = below
        next = child
      }
      heap[at] = first
      if (next === at) return
      at = next
    }
  }
}

function stands({ due, step, limit }: Timer): boolean {
  return limit ? step.deadline === due : step.due === due
}

/** Which of two timers fires first: below 0 if that is `a`. */
export function compareTimers(a: Timer, b: Timer): number {
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
