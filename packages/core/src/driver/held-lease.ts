import type { Lease, LeaseName } from '../ports/storage.ts'

/** The lease of a run, measured by two clocks: from before it was asked for by the monotonic one, and as the store says. */
export class HeldLease {
  readonly name: LeaseName
  readonly #ttlMs: number
  #until: number
  #expiresAt: number

  constructor({ runId, incarnation, token, expiresAt }: Lease, leasedAt: number, ttlMs: number) {
    this.name = { runId, incarnation, token }
    this.#ttlMs = ttlMs
    this.#until = leasedAt + ttlMs
    this.#expiresAt = expiresAt
  }

  /** Its end by the monotonic clock. */
  get until(): number {
    return this.#until
  }

  /** Whether it has ended by the store's clock. */
  hasEnded(storeNow: number): boolean {
    return storeNow >= this.#expiresAt
  }

  /** Whether a handler may start: never in the last third, so that its first steps are covered. */
  mayStart(mono: number): boolean {
    return mono <= this.#until - this.#ttlMs / 3
  }

  renewed({ sentAt, now }: { readonly sentAt: number; readonly now: number }): void {
    this.#until = Math.max(this.#until, sentAt + this.#ttlMs)
    this.#expiresAt = Math.max(this.#expiresAt, now + this.#ttlMs)
  }
}
