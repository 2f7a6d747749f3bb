import type { Clock } from '../ports/clock.ts'
import type { Storage } from '../ports/storage.ts'
import type { RunShell } from './run-shell.ts'

/** A jump between the wall clock and the monotonic clock that says: this machine slept. */
const jumpMaxMs = 2000

/** What a heartbeat needs of its engine. */
export interface HeartbeatOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly leaseMs: number
  readonly shells: ReadonlyMap<string, RunShell>
  readonly warn: (message: string, error: unknown) => void
}

/** Renews the leases of an engine, three times in the life of one, all in one call. */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #cancel: (() => void) | undefined
  #drift = 0
  #closed = false

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  /** Begins to beat, if it does not already. It goes on until it is closed, without keeping the process alive. */
  start(): void {
    if (this.#cancel !== undefined || this.#closed) return
    this.#drift = this.#measureDrift()
    this.#schedule()
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  #schedule(): void {
    const { clock, leaseMs, shells } = this.#options
    const beat = (): void => {
      this.#schedule()
      // A jump while nothing was held took nothing away.
      if (shells.size === 0) this.#drift = this.#measureDrift()
      else void this.#beat()
    }
    this.#cancel = clock.schedule(leaseMs / 3, beat, true)
  }

  async #beat(): Promise<void> {
    const { storage, clock, leaseMs, shells, warn } = this.#options
    const drift = this.#measureDrift()
    const jumped = Math.abs(drift - this.#drift) > jumpMaxMs
    this.#drift = drift
    const held = [...shells.values()]
    if (jumped) {
      for (const shell of held) shell.tell({ type: 'leaseLost' })
      return
    }
    const sentAt = clock.monotonic()
    // A store that does not even refuse to answer has let these run out.
    for (const shell of held) if (sentAt >= shell.driver.lease.until) shell.tell({ type: 'leaseLost' })
    try {
      const leases = held.map(({ driver }) => driver.lease)
      const { now, renewed } = await storage.renew({ leases, ttlMs: leaseMs })
      const kept = new Map(renewed.map((lease) => [lease.runId, lease]))
      for (const shell of held) {
        const lease = kept.get(shell.runId)
        if (lease !== undefined) shell.tell({ type: 'renewed', sentAt, now, inboxHead: lease.inboxHead })
        else shell.tell({ type: 'leaseLost' })
      }
    } catch (error) {
      warn('leases could not be renewed', error)
      const mono = clock.monotonic()
      for (const shell of held) if (mono >= shell.driver.lease.until) shell.tell({ type: 'leaseLost' })
    }
  }

  #measureDrift(): number {
    const { clock } = this.#options
    return clock.now() - clock.monotonic()
  }
}
