import type { Clock } from '../ports/clock.ts'

/** How often a store that gives no hints is asked for runs that may have news. */
const pollMs = 1000
/** A timer is armed at most this far ahead. */
const aheadMaxMs = 60_000
const batchMax = 1000

/** What a waker needs of its engine. */
export interface WakerOptions {
  readonly clock: Clock
  readonly acquire: (runIds: readonly string[]) => Promise<readonly string[]>
  /** Whether the store tells of messages; otherwise it is polled. */
  readonly hints: boolean
  readonly warn: (message: string, error: unknown) => void
}

/** Takes the runs that rest in the store up again: when their time comes, or a message does. */
export class Waker {
  readonly #options: WakerOptions
  /** When each is due, by the monotonic clock; infinity for those that wait for a message. */
  readonly #resting = new Map<string, number>()
  #armedFor = Number.POSITIVE_INFINITY
  #cancel: (() => void) | undefined
  #closed = false

  constructor(options: WakerOptions) {
    this.#options = options
  }

  /** Looks after a run that was let go of; due after so many milliseconds, or only when a message comes. */
  watch(runId: string, delayMs: number | null): void {
    if (this.#closed) return
    const due = delayMs === null ? Number.POSITIVE_INFINITY : this.#options.clock.monotonic() + delayMs
    this.#resting.set(runId, due)
    this.#arm(this.#options.hints ? due : this.#options.clock.monotonic() + pollMs)
  }

  forget(runId: string): void {
    this.#resting.delete(runId)
    // A timer that waits for nothing would keep the process alive.
    if (this.#resting.size > 0) return
    this.#cancel?.()
    this.#armedFor = Number.POSITIVE_INFINITY
  }

  hint(runId: string): void {
    if (this.#resting.has(runId)) this.#take([runId])
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#resting.clear()
  }

  #arm(due: number): void {
    const { clock } = this.#options
    const mono = clock.monotonic()
    const at = Math.min(due, mono + aheadMaxMs)
    if (this.#closed || at >= this.#armedFor) return
    this.#cancel?.()
    this.#armedFor = at
    this.#cancel = clock.schedule(Math.max(0, at - mono), () => this.#sweep())
  }

  #sweep(): void {
    this.#armedFor = Number.POSITIVE_INFINITY
    const { clock, hints } = this.#options
    const mono = clock.monotonic()
    const due: string[] = []
    let next = hints ? Number.POSITIVE_INFINITY : mono + pollMs
    for (const [runId, at] of this.#resting) {
      if (at <= mono || !hints) due.push(runId)
      else next = Math.min(next, at)
    }
    for (let from = 0; from < due.length; from += batchMax) this.#take(due.slice(from, from + batchMax))
    // A run that could not be taken, because its time has not quite come by the store's clock, is asked for again.
    if (due.length > 0) next = Math.min(next, mono + pollMs)
    if (this.#resting.size > 0) this.#arm(next)
  }

  #take(runIds: readonly string[]): void {
    void this.#options.acquire(runIds).then(
      (taken) => {
        if (taken.length === acquiredAtOnce) this.#take(runIds)
      },
      (error: unknown) => this.#options.warn('runs that are due could not be taken up', error),
    )
  }
}

const acquiredAtOnce = 100
