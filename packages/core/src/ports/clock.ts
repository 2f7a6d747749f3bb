/**
 * Time as the engine sees it. Real in a host, virtual in a test: nothing in the
 * engine asks the platform for the time or sets a timer otherwise.
 */
export interface Clock {
  /** The wall clock, epoch ms. May jump. */
  now(): number
  /** Milliseconds from some fixed point. Never goes back; only differences mean anything. */
  monotonic(): number
  /**
   * Calls back once, not before `delayMs` have passed. Returns how to cancel. A
   * timer in the background does not keep the process alive.
   */
  schedule(delayMs: number, callback: () => void, background?: boolean): () => void
  /**
   * Calls back at once, or in a later turn of the event loop where this thread has been at it for some milliseconds:
   * what else the host has to do comes in between. A clock that has none never lets go of the thread. `now` is what
   * `monotonic` has just given.
   */
  turn?(callback: () => void, now: number): void
}
