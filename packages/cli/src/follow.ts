import type { RunHandle, RunStatus } from '@segno/core'
import type { RunEvent } from '@segno/schema'
import type { Family } from './family.ts'
import { advance } from './progress/advance.ts'
import { isStuck, type Progress } from './progress/progress.ts'

/** Where a run is when following it ends. */
export type Followed = 'ended' | 'waiting' | 'blocked' | 'paused'

// After this long without an event, a run that looks stuck is asked whether it is.
const stuckAfterMs = 50
// A store need not tell of what another process writes: it is looked at so often.
const lookMs = 500

/**
 * Folds the events of a run as they come, until it ends, or cannot go on by
 * itself, nor any of the runs that it waits for: then nobody in this process
 * could help it.
 */
export function follow(
  run: RunHandle,
  { progress, family }: { readonly progress: Progress; readonly family: Family },
  onEvent: (event: RunEvent) => void,
): Promise<Followed> {
  return new Following(run, { progress, family }, onEvent).follow()
}

class Following {
  readonly #run: RunHandle
  readonly #progress: Progress
  readonly #family: Family
  readonly #onEvent: (event: RunEvent) => void
  #leave = new AbortController()
  #stuck: Followed | undefined
  /** Whether there are events that nobody told of. */
  #missed = false
  #seqBefore = 0
  #timer: NodeJS.Timeout | undefined

  constructor(
    run: RunHandle,
    { progress, family }: { readonly progress: Progress; readonly family: Family },
    onEvent: (event: RunEvent) => void,
  ) {
    this.#run = run
    this.#progress = progress
    this.#family = family
    this.#onEvent = onEvent
  }

  async follow(): Promise<Followed> {
    try {
      do {
        this.#missed = false
        this.#leave = new AbortController()
        this.#lookAfter(lookMs)
        await this.#read()
      } while (this.#missed)
      return this.#stuck ?? 'ended'
    } finally {
      clearTimeout(this.#timer)
    }
  }

  async #read(): Promise<void> {
    const options = { from: this.#progress.seq + 1, signal: this.#leave.signal }
    for await (const event of this.#run.events(options)) {
      advance(this.#progress, event)
      this.#onEvent(event)
      this.#lookAfter(isStuck(this.#progress) ? stuckAfterMs : lookMs)
    }
    clearTimeout(this.#timer)
  }

  // A store that cannot be asked now is asked by the engine again and again; the next event tells more.
  #lookAfter(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#look().catch(() => this.#lookAfter(lookMs)), delayMs)
  }

  async #look(): Promise<void> {
    const { signal } = this.#leave
    // Asked first: what one of them tells this run then shows in its row.
    const isAlone = isStuck(this.#progress) && (await this.#family.rests())
    const row = await this.#run.row()
    const rests = isAlone && (await this.#family.isIdle(row))
    if (signal.aborted) return
    const { seq } = this.#progress
    const { head } = row
    if (head !== seq && seq === this.#seqBefore) this.#missed = true
    else if (head === seq && rests && isStuck(this.#progress)) this.#stuck = restOf(row.status)
    else {
      this.#seqBefore = seq
      return this.#lookAfter(isAlone ? stuckAfterMs : lookMs)
    }
    this.#leave.abort()
  }
}

function restOf(status: RunStatus): Followed {
  return status === 'blocked' || status === 'paused' ? status : 'waiting'
}
