import type { Clock } from '../ports/clock.ts'

/**
 * The platform's time. Its timers keep the process alive: an engine that waits
 * for a run has something to do until it closes.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delayMs, callback) {
    const dueAt = performance.now() + delayMs
    let timer = setTimeout(tick, stretch(delayMs))
    function tick(): void {
      const rest = dueAt - performance.now()
      if (rest <= 0) return callback()
      timer = setTimeout(tick, stretch(rest))
      }
    return () => clearTimeout(timer)
  },
}

const stretchMaxMs = 60_000

// `setTimeout` fires at once above 2^31 - 1 ms, and early by up to a millisecond
// below it: long delays go in stretches, and a rest rounds up.
function stretch(delayMs: number): number {
  if (!Number.isFinite(delayMs)) throw new RangeError(`a delay has to be finite, got ${delayMs}`)
  return Math.min(Math.max(0, Math.ceil(delayMs)), stretchMaxMs)
}
