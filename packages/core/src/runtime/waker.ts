import { isTerminal } from '../ports/batch.ts'
import type { Clock } from '../ports/clock.ts'
import type { RunRow } from '../ports/storage.ts'
import { dueQueue, type Due } from './memory/due-queue.ts'

/** How soon a run that was due and could not be taken is asked for again. */
const againMs = 1000
/** How often all runs are asked for where the store gives no hints, and where it does: a hint may be lost. */
const lookMs = 1000
const lostHintMs = 30_000
/** A timer is armed at most this far ahead. */
const aheadMaxMs = 60_000
/** How many runs one question names. */
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

interface Resting extends Due {
  readonly runId: string
}

/**
 * Takes the runs that rest in the store up again: when their time comes, or a
 * message does. What that costs goes with those that are due, not with those that
 * rest: a look names a thousand of them, the next look the next thousand.
 */
export class Waker {
  readonly #options: WakerOptions
  readonly #resting = new Map<string, Resting>()
  /** By when each is due, by the monotonic clock; infinity for those that wait for a message. */
  readonly #due = dueQueue<Resting>()
  #order = 0
  #lookMs: number
  #lookAt = 0
  /** Those that are not looked for yet in this round. */
  #round: Iterator<string> | undefined
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
    this.#rest(runId, delayMs === null ? Number.POSITIVE_INFINITY : mono + delayMs)
    this.#arm(mono + Math.min(delayMs ?? this.#lookMs, this.#lookMs))
  }

  /** Whether the run rests here. */
  has(runId: string): boolean {
    return this.#resting.has(runId)
  }

  forget(runId: string): void {
    const resting = this.#resting.get(runId)
    if (resting === undefined) return
    this.#resting.delete(runId)
    this.#due.remove(resting)
    // A timer that waits for nothing would keep the process alive.
    if (this.#resting.size > 0) return
    this.#cancel?.()
    this.#armedFor = Number.POSITIVE_INFINITY
  }

  /** A message has come for the run. */
  hint(runId: string): void {
    if (!this.#resting.has(runId)) return
    this.#take([runId], [])
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
    for (const resting of this.#resting.values()) this.#due.remove(resting)
    this.#resting.clear()
  }

  #shortestLook(): number {
    return this.#options.hints ? lostHintMs : lookMs
  }

  #rest(runId: string, dueAt: number): void {
    let resting = this.#resting.get(runId)
    if (resting === undefined) {
      resting = { runId, dueAt, order: this.#order++, place: -1 }
      this.#resting.set(runId, resting)
    }
    this.#due.set(resting, dueAt)
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
    const due = this.#dueBy(mono)
    const others = mono >= this.#lookAt ? this.#nextOfRound(mono, new Set(due)) : []
    this.#take(due, others)
    if (this.#resting.size === 0) return
    // Those that are due beside these come next, once the store has answered or had its time to.
    const next = this.#due.first()?.dueAt ?? Number.POSITIVE_INFINITY
    this.#arm(Math.min(next <= mono ? mono + againMs : next, this.#lookAt))
  }

  #dueBy(mono: number): string[] {
    const runIds: string[] = []
    for (;;) {
      const first = this.#due.first()
      if (first === undefined || first.dueAt > mono || runIds.length === batchMax) return runIds
      runIds.push(first.runId)
      // If the store does not answer, it is asked again.
      this.#due.set(first, mono + againMs)
    }
  }

  // The store may have more to tell of a run than this process has heard: each is asked for in its turn.
  #nextOfRound(mono: number, besides: ReadonlySet<string>): string[] {
    const runIds: string[] = []
    this.#round ??= this.#resting.keys()
    while (runIds.length < batchMax) {
      const next = this.#round.next()
      if (next.done === true) {
        this.#round = undefined
        if (this.#options.isAlone) this.#lookMs = Math.min(2 * this.#lookMs, aloneLookMaxMs)
        break
      }
      if (!besides.has(next.value)) runIds.push(next.value)
    }
    this.#lookAt = mono + this.#lookMs
    return runIds
  }

  /** Asks for those that are due, and for others that may be. */
  #take(due: readonly string[], others: readonly string[]): void {
    if (due.length + others.length === 0) return
    const mono = this.#options.clock.monotonic()
    for (const runId of due) this.#rest(runId, mono + againMs)
    this.#arm(mono + againMs)
    void this.#acquire(others.length === 0 ? due : [...due, ...others])
      .then((now) => this.#lookAfterAll(due, now))
      .catch((error: unknown) => this.#options.warn('runs that are due could not be taken up', error))
      .finally(() => {
        const next = this.#due.first()
        if (next !== undefined) this.#arm(next.dueAt)
      })
  }

  async #acquire(runIds: readonly string[]): Promise<number> {
    let rest = runIds
    for (;;) {
      const { now, leased, more } = await this.#options.acquire(rest)
      if (!more || leased.length === rest.length) return now
      const taken = new Set(leased)
      rest = rest.filter((runId) => !taken.has(runId))
    }
  }

  async #lookAfterAll(runIds: readonly string[], now: number): Promise<void> {
    for (const runId of runIds) if (this.#resting.has(runId)) await this.#lookAfter(runId, now)
  }

  // It was due here, and still rests: it has ended, is due later, or somebody else drives it.
  async #lookAfter(runId: string, now: number): Promise<void> {
    const row = await this.#options.row(runId)
    if (!this.#resting.has(runId)) return
    if (row === undefined || isTerminal(row.status)) this.forget(runId)
    else this.watch(runId, row.wakeAt !== null && row.wakeAt > now ? row.wakeAt - now : this.#options.leaseMs)
  }
}
