import type { RunEvent } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { FewMap } from '../kernel/few-map.ts'
import type { Clock } from '../ports/clock.ts'
import { nextTask } from './next-task.ts'

/** What a reader waits for: any news of a run, or its end. */
export type News = 'any' | 'end'

/** Waits for news. Whoever no longer waits ends it: a timer that nobody needs keeps the process alive. */
export interface Watch {
  /** The event that ended the run, where it is known: the journal holds it. Otherwise it is time to look. */
  readonly news: Promise<RunEvent | undefined>
  readonly end: () => void
}

/** Of how many runs the readers look again at a time: each look asks the store. */
const looksMax = 500

interface Waiter {
  readonly news: News
  readonly wake: (end?: RunEvent) => void
}

/**
 * Wakes those who wait for news of a run. The engine that drives it tells them;
 * for runs that others drive, the store does, or they look again from time to
 * time: a hint may be lost.
 */
export class Watchers {
  readonly #waiting = new FewMap<string, Set<Waiter>>()
  readonly #clock: Clock
  readonly #pollMs: number
  #cancelPoll: (() => void) | undefined
  #isArming = false
  #closed = false

  constructor(clock: Clock, pollMs: number) {
    this.#clock = clock
    this.#pollMs = pollMs
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** The journal of the run has grown; `ended` when it will not grow again, or may not; `end` where it is known how. */
  news(runId: string, ended: boolean, end?: RunEvent): void {
    const waiting = this.#waiting.get(runId)
    if (waiting === undefined) return
    for (const waiter of waiting) if (ended || waiter.news === 'any') waiter.wake(end)
  }

  /** Has news at the next news of the run, when it is time to look again, or when `signal` aborts. */
  next(runId: string, news: News, signal?: AbortSignal): Watch {
    if (this.#closed || signal?.aborted === true) return { news: Promise.resolve(undefined), end: nothing }
    this.#poll()
    let stop = nothing
    const coming = new Promise<RunEvent | undefined>((resolve) => {
      const waiting = this.#waiting.get(runId) ?? new Set()
      this.#waiting.set(runId, waiting)
      const wake = (end?: RunEvent): void => {
        signal?.removeEventListener('abort', stop)
        waiting.delete(waiter)
        if (waiting.size === 0 && this.#waiting.get(runId) === waiting) this.#waiting.delete(runId)
        // A timer that nobody waits for would keep the process alive.
        if (this.#waiting.size === 0) this.#stopPoll()
        resolve(end)
      }
      const waiter = { news, wake }
      waiting.add(waiter)
      stop = () => wake()
      signal?.addEventListener('abort', stop)
    })
    return { news: coming, end: stop }
  }

  /** Throws `ENGINE_CLOSED` once the engine is closed. */
  assertOpen(runId: string): void {
    if (this.#closed) throw new SegnoError('ENGINE_CLOSED', `The engine closed before run ${runId} ended`)
  }

  close(): void {
    this.#closed = true
    this.#wake(this.#waiting.size)
    this.#stopPoll()
  }

  // One timer for all readers, from the next turn of the event loop on: many hear before it.
  #poll(): void {
    if (this.#cancelPoll !== undefined || this.#isArming) return
    if (this.#clock.turn === undefined) return this.#arm()
    this.#isArming = true
    nextTask(() => {
      this.#isArming = false
      if (this.#waiting.size > 0) this.#arm()
    })
  }

  // Who has waited longest looks first.
  #arm(): void {
    this.#cancelPoll = this.#clock.schedule(this.#pollMs, () => {
      this.#cancelPoll = undefined
      this.#wake(looksMax)
      if (this.#waiting.size > 0) this.#poll()
    })
  }

  #stopPoll(): void {
    this.#cancelPoll?.()
    this.#cancelPoll = undefined
  }

  #wake(runs: number): void {
    for (const runId of [...this.#waiting.keys()].slice(0, runs)) this.news(runId, true)
  }
}

function nothing(): void {
  // Nobody waits.
}
