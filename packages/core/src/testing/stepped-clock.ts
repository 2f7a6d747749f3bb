import type { Clock } from '../ports/clock.ts'
import { virtualClock } from './virtual-clock.ts'

/** A virtual clock that knows when it is needed next. */
export class SteppedClock implements Clock {
  readonly #clock = virtualClock()
  readonly #all = new Set<{ readonly at: number }>()
  readonly #counted = new Set<{ readonly at: number }>()

  now(): number {
    return this.#clock.now()
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  schedule(delayMs: number, callback: () => void, background = false): () => void {
    return this.#schedule(delayMs, callback, background ? [] : [this.#all])
  }

  /** The same clock, for those whose timers are to be known from all others. */
  counted(): Clock {
    return {
      now: () => this.now(),
      monotonic: () => this.monotonic(),
      schedule: (delayMs, callback) => this.#schedule(delayMs, callback, [this.#all, this.#counted]),
    }
  }

  /** When the first timer is due; never, as infinity, if there is none. Those in the background do not count. */
  next(): number {
    return first(this.#all)
  }

  nextCounted(): number {
    return first(this.#counted)
  }

  async advanceTo(instant: number): Promise<void> {
    if (instant > this.now()) await this.#clock.advanceTo(instant)
    else await this.#clock.advanceBy(0)
  }

  #schedule(delayMs: number, callback: () => void, lists: readonly Set<{ readonly at: number }>[]): () => void {
    const timer = { at: this.now() + Math.max(0, delayMs) }
    for (const list of lists) list.add(timer)
    const forget = (): void => {
      for (const list of lists) list.delete(timer)
    }
    const cancel = this.#clock.schedule(delayMs, () => {
      forget()
      callback()
    })
    return () => {
      forget()
      cancel()
    }
  }
}

function first(timers: ReadonlySet<{ readonly at: number }>): number {
  let next = Number.POSITIVE_INFINITY
  for (const { at } of timers) next = Math.min(next, at)
  return next
}
