import { virtualClock } from '@segno/core/testing'
import type { Clock } from 'segno'

/** A virtual clock that knows when it is needed next. */
export interface SteppedClock extends Clock {
  advanceTo(instant: number): Promise<void>
  /** Goes to the next instant at which something is due, or to `until` where that comes first; false if it is there. */
  step(until: number): Promise<boolean>
}

/** Makes such a clock. */
export function steppedClock(): SteppedClock {
  const clock = virtualClock()
  const due = new Set<{ readonly at: number }>()
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    advanceTo: (instant) => clock.advanceTo(instant),
    schedule(delayMs, callback) {
      const entry = { at: clock.now() + Math.max(0, delayMs) }
      due.add(entry)
      const cancel = clock.schedule(delayMs, () => {
        due.delete(entry)
        callback()
      })
      return () => {
        due.delete(entry)
        cancel()
      }
    },
    async step(until) {
      if (clock.now() >= until) return false
      const next = Math.min(until, ...[...due].map(({ at }) => at))
      await clock.advanceTo(Math.max(next, clock.now()))
      return true
    },
  }
}
