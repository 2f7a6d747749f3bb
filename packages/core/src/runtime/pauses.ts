import type { Clock } from '../ports/clock.ts'

/** How long something is left alone, and of how many things that is known. */
export interface PauseOptions {
  readonly firstMs: number
  readonly maxMs: number
  /** The one that was met longest ago is forgotten beyond that. */
  readonly sizeMax: number
}

interface Pause {
  readonly until: number
  readonly lengthMs: number
}

/** What is left alone for a while, twice as long each time that it is met again. */
export class Pauses {
  readonly #clock: Clock
  readonly #options: PauseOptions
  readonly #pauses = new Map<string, Pause>()

  constructor(clock: Clock, options: PauseOptions) {
    this.#clock = clock
    this.#options = options
  }

  /** Leaves it alone from now on; gives for how many milliseconds, or `undefined` where it is being left alone already. */
  add(key: string): number | undefined {
    const { firstMs, maxMs, sizeMax } = this.#options
    const mono = this.#clock.monotonic()
    const before = this.#pauses.get(key)
    if (before !== undefined && before.until > mono) return undefined
    const lengthMs = before === undefined ? firstMs : Math.min(2 * before.lengthMs, maxMs)
    this.#pauses.delete(key)
    this.#pauses.set(key, { until: mono + lengthMs, lengthMs })
    const [oldest] = this.#pauses.keys()
    if (this.#pauses.size > sizeMax && oldest !== undefined) this.#pauses.delete(oldest)
    return lengthMs
  }

  /** What is to be left alone now. */
  get current(): readonly string[] {
    const mono = this.#clock.monotonic()
    return [...this.#pauses].flatMap(([key, { until }]) => (until > mono ? [key] : []))
  }

  /** It was met in good order. */
  delete(key: string): void {
    this.#pauses.delete(key)
  }

  clear(): void {
    this.#pauses.clear()
  }
}
