import type { FewMap } from '../kernel/few-map.ts'
import type { Clock } from '../ports/clock.ts'
import type { LeaseKeeper, Storage } from '../ports/storage.ts'
import type { RunShell } from './run-shell.ts'

/** A jump between the wall clock and the monotonic clock that says: this machine slept. */
const jumpMaxMs = 2000

/** What a heartbeat needs of its engine. */
export interface HeartbeatOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly leaseMs: number
  /** For how long this thread may be busy until its leases are given up. */
  readonly hungAfterMs: number
  readonly shells: Pick<FewMap<string, RunShell>, 'get' | 'size' | 'values'>
  readonly warn: (message: string, error: unknown) => void
}

/**
 * Renews the leases of an engine, three times in the life of one, all in one call.
 * Where the store has a keeper, a thread renews them too, so that a host whose event
 * loop is busy keeps its runs; what became of them meanwhile, the store is asked.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #cancel: (() => void) | undefined
  #drift = 0
  #keeper: LeaseKeeper | undefined
  #isTelling = false
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

  /** The engine is there to stay: its leases are kept from the first one on. */
  keepFromNow(): void {
    const { storage, leaseMs, hungAfterMs } = this.#options
    if (!this.#closed) this.#keeper ??= storage.keeper?.({ ttlMs: leaseMs, hungAfterMs })
  }

  /** Leases have come or gone: the keeper is told, once for all that change at the same time. */
  changed(): void {
    if (this.#keeper === undefined || this.#isTelling) return
    this.#isTelling = true
    queueMicrotask(() => {
      this.#isTelling = false
      this.#tellKeeper()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancel?.()
    const keeper = this.#keeper
    this.#keeper = undefined
    await keeper?.close()
  }

  #schedule(): void {
    const { clock, leaseMs, shells } = this.#options
    const beat = (): void => {
      this.#schedule()
      // A jump while nothing was held took nothing away.
      if (shells.size === 0) this.#drift = this.#measureDrift()
      else this.#beat()
    }
    this.#cancel = clock.schedule(leaseMs / 3, beat, true)
  }

  #beat(): void {
    const { clock, leaseMs, shells } = this.#options
    const drift = this.#measureDrift()
    const jumped = Math.abs(drift - this.#drift) > jumpMaxMs
    this.#drift = drift
    const held = [...shells.values()]
    if (jumped) {
      for (const shell of held) shell.tell({ type: 'leaseLost' })
      return
    }
    // A thread is worth its start only for who holds a lease longer than a moment.
    const mono = clock.monotonic()
    if (held.some(({ driver }) => driver.lease.until - mono <= (leaseMs / 3) * 2)) this.keepFromNow()
    this.#tellKeeper()
    // A store that does not even refuse to answer has let these run out, unless a thread has kept them.
    if (this.#keeper === undefined) this.#giveUp(held)
    void this.#renew(held)
  }

  async #renew(held: readonly RunShell[]): Promise<void> {
    const { storage, clock, leaseMs, warn } = this.#options
    const sentAt = clock.monotonic()
    const patience = this.#keeper === undefined ? undefined : this.#giveUpLater(held)
    try {
      const leases = held.map(({ driver }) => driver.lease)
      const { now, renewed } = await storage.renew({ leases, ttlMs: leaseMs })
      const kept = new Map(renewed.map((lease) => [lease.runId, lease]))
      for (const shell of held) {
        const lease = kept.get(shell.runId)
        if (lease !== undefined) shell.tell({ type: 'renewed', sentAt, now, inboxHead: lease.inboxHead })
        else shell.tell({ type: 'notRenewed' })
      }
    } catch (error) {
      warn('leases could not be renewed', error)
      this.#giveUp(held)
    } finally {
      patience?.()
    }
  }

  // A thread keeps them meanwhile: a store that is slow on a busy machine is waited for until the next beat. Who was
  // busy all the while has not waited, and may find the answer behind this timer: it waits anew.
  #giveUpLater(held: readonly RunShell[]): () => void {
    const { clock, leaseMs } = this.#options
    const patienceMs = leaseMs / 3
    let cancel: () => void = () => undefined
    const wait = (): void => {
      const due = clock.monotonic() + patienceMs
      const over = (): void => {
        if (clock.monotonic() - due >= patienceMs / 2) wait()
        else this.#giveUp(held.filter((shell) => this.#isHeld(shell)))
      }
      cancel = clock.schedule(patienceMs, over, true)
    }
    wait()
    return () => cancel()
  }

  #isHeld(shell: RunShell): boolean {
    return this.#options.shells.get(shell.runId) === shell
  }

  #giveUp(held: readonly RunShell[]): void {
    const mono = this.#options.clock.monotonic()
    for (const shell of held) if (mono >= shell.driver.lease.until) shell.tell({ type: 'leaseLost' })
  }

  #tellKeeper(): void {
    const leases = [...this.#options.shells.values()].map(({ driver: { lease } }) => ({
      runId: lease.runId,
      incarnation: lease.incarnation,
      token: lease.token,
    }))
    this.#keeper?.keep(leases)
  }

  #measureDrift(): number {
    const { clock } = this.#options
    return clock.now() - clock.monotonic()
  }
}
