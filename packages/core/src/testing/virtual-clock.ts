import type { Clock } from '../ports/clock.ts'
import { dueQueue, type Due } from '../runtime/memory/due-queue.ts'
import { nextTask } from '../runtime/next-task.ts'

/** A clock that stands still until a test moves it. */
export interface VirtualClock extends Clock {
  /** Moves to an instant, calling back whatever is due on the way at its own instant. */
  advanceTo(instant: number): Promise<void>
  advanceBy(ms: number): Promise<void>
  /**
   * Moves on until nothing is scheduled any more. Throws after `callbacksMax`
   * callbacks, 100,000 unless given: something schedules itself for ever.
   */
  runUntilIdle(callbacksMax?: number): Promise<void>
  /** How many callbacks are scheduled. */
  readonly scheduled: number
}

/**
 * Simulated time. Callbacks are called one at a time, in the order of their
 * instants and then of their scheduling; between two of them all promises that
 * can settle do. An error that a callback throws comes out of the call that
 * moved the clock.
 */
export function virtualClock(options: { readonly startAt?: number } = {}): VirtualClock {
  const { startAt = Date.UTC(2026, 0, 1) } = options
  const due = dueQueue<Scheduled>()
  let now = startAt
  let order = 0
  let scheduled = 0

  function cancel(timer: Scheduled): void {
    if (timer.place < 0) return
    due.remove(timer)
    scheduled -= 1
  }
  /** Calls back the first that is due by `instant`; false if there is none. */
  async function step(instant: number): Promise<boolean> {
    await settled()
    const timer = due.first()
    if (timer === undefined || timer.dueAt > instant) return false
    cancel(timer)
    now = timer.dueAt
    timer.callback()
    return true
  }
  async function advanceTo(instant: number): Promise<void> {
    if (!(instant >= now)) throw new RangeError(`the clock is at ${now} and does not go back to ${instant}`)
    while (await step(instant));
    now = instant
  }
  return {
    now: () => now,
    monotonic: () => now - startAt,
    schedule(delayMs, callback) {
      if (!Number.isFinite(delayMs)) throw new RangeError(`a delay has to be finite, got ${delayMs}`)
      const timer: Scheduled = { dueAt: 0, order: (order += 1), place: -1, callback }
      due.set(timer, now + Math.max(0, delayMs))
      scheduled += 1
      return () => cancel(timer)
    },
    advanceTo,
    advanceBy: (ms) => advanceTo(now + ms),
    async runUntilIdle(callbacksMax = 100_000) {
      let called = 0
      while (await step(Number.POSITIVE_INFINITY)) {
        called += 1
        if (called >= callbacksMax && scheduled > 0) throw new RangeError(`not idle after ${callbacksMax} callbacks`)
      }
    },
    get scheduled() {
      return scheduled
    },
  }
}

interface Scheduled extends Due {
  readonly callback: () => void
}

/**
 * Resolves once every promise has settled that needs nothing but other promises:
 * a task of the platform runs after all of its microtasks.
 */
export function settled(): Promise<void> {
  return new Promise((resolve) => nextTask(resolve))
}
