import { SegnoError } from '../error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Storage } from '../ports/storage.ts'

/** How often a reader looks for news of a run that nobody tells it about. */
const pollMs = 1000

/** Wakes those who wait for news of a run: told by the engine that drives it, by the store, or by looking again. */
export class Watchers {
  readonly #waiting = new Map<string, Set<() => void>>()
  readonly #clock: Clock
  readonly #told: boolean
  #closed = false

  constructor(storage: Storage, clock: Clock) {
    this.#clock = clock
    this.#told = storage.subscribe !== undefined
  }

  get isClosed(): boolean {
    return this.#closed
  }

  news(runId: string): void {
    const waiting = this.#waiting.get(runId)
    if (waiting === undefined) return
    this.#waiting.delete(runId)
    for (const wake of waiting) wake()
  }

  /** Resolves at the next news of the run, or when it is time to look again; at once when `signal` aborts. */
  async next(runId: string, signal?: AbortSignal): Promise<void> {
    if (this.#closed || signal?.aborted === true) return
    await new Promise<void>((resolve) => {
      const waiting = this.#waiting.get(runId) ?? new Set()
      this.#waiting.set(runId, waiting)
      const cancel = this.#clock.schedule(this.#told ? 30 * pollMs : pollMs, wake)
      signal?.addEventListener('abort', wake, { once: true })
      waiting.add(wake)
      function wake(): void {
        cancel()
        signal?.removeEventListener('abort', wake)
        waiting.delete(wake)
        resolve()
      }
    })
  }

  /** Throws `ENGINE_CLOSED` once the engine is closed. */
  assertOpen(runId: string): void {
    if (this.#closed) throw new SegnoError('ENGINE_CLOSED', `The engine closed before run ${runId} ended`)
  }

  close(): void {
    this.#closed = true
    for (const runId of [...this.#waiting.keys()]) this.news(runId)
  }
}
