import type { Clock } from '../ports/clock.ts'
import { nextTask } from './next-task.ts'

/**
 * The platform's time. Its timers keep the process alive, but for those in the
 * background: an engine that waits for a run has something to do until it closes.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delayMs, callback, background = false) {
    const dueAt = performance.now() + delayMs
    let timer = start(delayMs, tick, background)
    function tick(): void {
      const rest = dueAt - performance.now()
      if (rest <= 0) return callback()
      timer = start(rest, tick, background)
    }
    return () => clearTimeout(timer)
  },
  turn(callback, now) {
    if (waiting.length === 0 && now - turnSince < turnMs) return callback()
    if (waiting.push(callback) === 1) nextTask(nextTurn)
  },
}

// Short, because the garbage of a turn is collected in one too: the two together are what the host waits for.
const turnMs = 0.5

let turnSince = 0
let waiting: (() => void)[] = []

// Those whose callbacks take long wait for the turn after: they ask again.
function nextTurn(): void {
  turnSince = performance.now()
  const callbacks = waiting
  waiting = []
  for (const callback of callbacks) systemClock.turn?.(callback, performance.now())
}

function start(delayMs: number, callback: () => void, background: boolean): ReturnType<typeof setTimeout> {
  const timer: unknown = setTimeout(callback, stretch(delayMs))
  // A browser's timer is a number: there is no process to keep alive.
  if (
    background &&
    typeof timer === 'object' &&
    timer !== null &&
    'unref' in timer &&
    typeof timer.unref === 'function'
  )
    timer.unref()
  return timer as ReturnType<typeof setTimeout>
}

const stretchMaxMs = 60_000

// `setTimeout` fires at once above 2^31 - 1 ms, and early by up to a millisecond
// below it: long delays go in stretches, and a rest rounds up.
function stretch(delayMs: number): number {
  if (!Number.isFinite(delayMs)) throw new RangeError(`a delay has to be finite, got ${delayMs}`)
  return Math.min(Math.max(0, Math.ceil(delayMs)), stretchMaxMs)
}
