import type { Clock } from '../ports/clock.ts'
import type { Storage } from '../ports/storage.ts'

/** The store's time between its replies: as it was last told, plus what has passed since by the monotonic clock. */
export class StoreTime {
  readonly #storage: Storage
  readonly #clock: Clock
  /** Store time minus monotonic time. */
  #offset: number | undefined

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage
    this.#clock = clock
  }

  /** Epoch ms, or `undefined` as long as the store has told nothing. */
  get now(): number | undefined {
    return this.#offset === undefined ? undefined : Math.floor(this.#offset + this.#clock.monotonic())
  }

  /** The same, asked of the store where it has told nothing: this process's clock may be hours off. */
  async known(): Promise<number> {
    const { now } = this
    if (now !== undefined) return now
    const reply = await this.#storage.renew({ leases: [], ttlMs: 1 })
    this.hear(reply.now)
    return Math.floor(reply.now)
  }

  /** The store has replied. */
  hear(now: number): void {
    this.#offset = now - this.#clock.monotonic()
  }
}
