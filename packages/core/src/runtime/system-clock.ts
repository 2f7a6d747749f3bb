import type { Clock } from '../ports/clock.ts'

/**
 * The platform's time. Its timers do not keep a process alive: whoever waits for
 * a run does.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delayMs, callback) {
    const dueAt = performance.now() + delayMs
    let timer = setTimeout(tick, stretch(delayMs))
    detach(timer)
    function tick(): void {
      const rest = dueAt - performance.now()
      if (rest <= 0) return callback()
      timer = setTimeout(tick, stretch(rest))
      detach(timer)
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

function detach(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function')
    timer.unref()
}
