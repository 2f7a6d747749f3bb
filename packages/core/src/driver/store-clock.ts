/** A store's clock that goes back further than this was set; less is the way of an answer. */
const stepMs = 2000

/**
 * The store's time, by which leases and timers are judged, kept without asking:
 * the monotonic clock plus what the last answers told. Never ahead of the store's,
 * because an answer is older than its arrival.
 */
export class StoreClock {
  /** Store time minus monotonic time. */
  #offset: number
  /** The monotonic clock when the driver was last told something. */
  mono: number

  constructor(now: number, mono: number) {
    this.#offset = now - mono
    this.mono = mono
  }

  now(): number {
    return Math.floor(this.#offset + this.mono)
  }

  /** Milliseconds from now until the store's clock shows `at`. */
  until(at: number): number {
    return Math.max(0, at - (this.#offset + this.mono))
  }

  /** An answer tells the store's time. The latest estimate is the best one, unless the store's clock was set back. */
  observe(now: number): void {
    const offset = now - this.mono
    if (offset > this.#offset || offset < this.#offset - stepMs) this.#offset = offset
  }

  /** The store says that its clock is behind the estimate. */
  correct(now: number): void {
    this.#offset = now - this.mono
  }
}
