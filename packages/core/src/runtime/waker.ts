import { isTerminal } from '../ports/batch.ts'
import type { Clock } from '../ports/clock.ts'
import type { RunRow } from '../ports/storage.ts'

/** How soon a run that was due and could not be taken is asked for again. */
const againMs = 1000
/** How often all runs are asked for where the store gives no hints, and where it does: a hint may be lost. */
const lookMs = 1000
const lostHintMs = 30_000
/** A timer is armed at most this far ahead. */
const aheadMaxMs = 60_000
const batchMax = 1000
/** How rarely a process looks that is alone with its store. */
const aloneLookMaxMs = 24 * 3_600_000

/** What came of asking for runs that are due. */
export interface Acquired {
  /** The store's time. */
  readonly now: number
  readonly leased: readonly string[]
  /** Whether there may be more that are due. */
  readonly more: boolean
}

/** What a waker needs of its engine. */
export interface WakerOptions {
  readonly clock: Clock
  readonly acquire: (runIds: readonly string[]) => Promise<Acquired>
  readonly row: (runId: string) => Promise<RunRow | undefined>
  /** Whether the store tells of messages; otherwise it is polled. */
  readonly hints: boolean
  /** Whether all that can happen to a run comes by way of this process: then it is looked for ever more rarely. */
  readonly isAlone: boolean
  /** When to ask again for a run that somebody else drives. */
  readonly leaseMs: number
  readonly warn: (message: string, error: unknown) => void
}

/** Takes the runs that rest in the store up again: when their time comes, or a message does. */
export class Waker {
  readonly #options: WakerOptions
  /** When each is due, by the monotonic clock; infinity for those that wait for a message. */
  readonly #resting = new Map<string, number>()
  #lookMs: number
  #lookAt = 0
  #armedFor = Number.POSITIVE_INFINITY
  #cancel: (() => void) | undefined
  #closed = false

  constructor(options: WakerOptions) {
    this.#options = options
    this.#lookMs = this.#shortestLook()
  }

  /** Looks after a run that was let go of; due after so many milliseconds, or only when a message comes. */
  watch(runId: string, delayMs: number | null): void {
    if (this.#closed) return
    const mono = this.#options.clock.monotonic()
    if (this.#resting.size === 0) {
      this.#lookMs = this.#shortestLook()
      this.#lookAt = mono + this.#lookMs
    }
    this.#resting.set(runId, delayMs === null ? Number.POSITIVE_INFINITY : mono + delayMs)
    this.#arm(mono + Math.min(delayMs ?? this.#lookMs, this.#lookMs))
  }

  forget(runId: string): void {
    this.#resting.delete(runId)
    // A timer that waits for nothing would keep the process alive.
    if (this.#resting.size > 0) return
    this.#cancel?.()
    this.#armedFor = Number.POSITIVE_INFINITY
  }

  /** A message has come for the run. */
  hint(runId: string): void {
    if (!this.#resting.has(runId)) return
    this.#resting.set(runId, this.#options.clock.monotonic())
    this.#take([runId])
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#resting.clear()
  }

  #shortestLook(): number {
    return this.#options.hints ? lostHintMs : lookMs
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
    const mono = this.#options.clock.monotonic()
    const all = mono >= this.#lookAt
    if (all) {
      this.#lookAt = mono + this.#lookMs
      if (this.#options.isAlone) this.#lookMs = Math.min(2 * this.#lookMs, aloneLookMaxMs)
    }
    const wanted: string[] = []
    let next = this.#lookAt
    for (const [runId, at] of this.#resting) {
      if (all || at <= mono) wanted.push(runId)
      if (at > mono) next = Math.min(next, at)
    }
    for (let from = 0; from < wanted.length; from += batchMax) this.#take(wanted.slice(from, from + batchMax))
    if (this.#resting.size > 0) this.#arm(next)
  }

  #take(runIds: readonly string[]): void {
    const mono = this.#options.clock.monotonic()
    const due = runIds.filter((runId) => (this.#resting.get(runId) ?? Number.POSITIVE_INFINITY) <= mono)
    // If the store does not answer, it is asked again.
    for (const runId of due) this.watch(runId, againMs)
    void this.#acquire(runIds, due).catch((error: unknown) =>
      this.#options.warn('runs that are due could not be taken up', error),
    )
  }

  async #acquire(runIds: readonly string[], due: readonly string[]): Promise<void> {
    let rest = runIds
    for (;;) {
      const { now, leased, more } = await this.#options.acquire(rest)
      const taken = new Set(leased)
      rest = rest.filter((runId) => !taken.has(runId))
      if (more && rest.length > 0) continue
      for (const runId of due) if (this.#resting.has(runId)) await this.#lookAfter(runId, now)
      return
    }
  }

  // It was due here, and still rests: it has ended, is due later, or somebody else drives it.
  async #lookAfter(runId: string, now: number): Promise<void> {
    const row = await this.#options.row(runId)
    if (!this.#resting.has(runId)) return
    if (row === undefined || isTerminal(row.status)) this.forget(runId)
    else this.watch(runId, row.wakeAt !== null && row.wakeAt > now ? row.wakeAt - now : this.#options.leaseMs)
  }
}
