import { SegnoError } from '../error.ts'
import type { Clock } from '../ports/clock.ts'
import type { DrivenRuns, Taker } from './driven-runs.ts'
import type { Logger } from './engine-options.ts'
import { errorText } from './guarded-logger.ts'
import { Pauses } from './pauses.ts'

/** How an engine works for a store. */
export interface WorkOptions {
  /** How many runs are held at a time, at most; 100 unless given. */
  readonly concurrency?: number
  /** Only runs that have all of these labels. */
  readonly labels?: Readonly<Record<string, string>>
  /** Only runs of these workflows, by name. */
  readonly workflows?: readonly string[]
  /** For how long a store that has nothing to do is left alone at most, in milliseconds; 1,000 unless given. */
  readonly pollMs?: number
}

/** An engine at work for a store. */
export interface WorkHandle extends AsyncDisposable {
  /**
   * Takes no more runs. Those that it has taken go on until they end or rest; `Engine.close` gives them back.
   * Resolves once nothing more is taken.
   */
  stop(): Promise<void>
}

/** What somebody at work needs of its engine. */
export interface WorkMeans {
  readonly clock: Clock
  readonly runs: DrivenRuns
  readonly logger: Logger | undefined
  readonly owner: string
}

const concurrencyDefault = 100
/** How many runs one question asks for. */
const pageMax = 100
const pollDefaultMs = 1000
/** How soon a store is asked again that had something to do. */
const pollMinMs = 20
/** What cannot be driven here is asked for again after a while, and ever more rarely. */
const pauses = { firstMs: 5000, maxMs: 600_000, sizeMax: 1000 }
/** A store that fails is asked again at most this rarely. */
const faultyPollMaxMs = 30_000

/**
 * Takes the runs of a shared store that are due, longest due first, for as long as
 * it holds fewer than it may. One statement each time: at once while there is more,
 * ever more rarely while there is nothing, soon after a hint. Pauses differ from
 * one engine to another, so that a hundred of them do not ask in step.
 */
export class StoreWork implements WorkHandle, Taker {
  readonly #means: WorkMeans
  readonly #concurrency: number
  readonly #filter: Pick<WorkOptions, 'labels' | 'workflows'>
  readonly #pollMs: number
  readonly #plans: Pauses
  readonly #runs: Pauses
  #held = 0
  #idleMs = pollMinMs
  #hintMs = pollMinMs
  #faults = 0
  #dice: number
  #polling: Promise<void> | undefined
  /** Whether a hint came while the store was being asked. */
  #isHinted = false
  #armedFor = Number.POSITIVE_INFINITY
  #cancel: (() => void) | undefined
  isStopped = false

  constructor(means: WorkMeans, options: WorkOptions) {
    checkWork(options)
    const { concurrency = concurrencyDefault, labels, workflows, pollMs = pollDefaultMs } = options
    this.#means = means
    this.#concurrency = concurrency
    this.#filter = { ...(labels === undefined ? {} : { labels }), ...(workflows === undefined ? {} : { workflows }) }
    this.#pollMs = pollMs
    this.#plans = new Pauses(means.clock, pauses)
    this.#runs = new Pauses(means.clock, pauses)
    this.#dice = diceOf(means.owner)
    means.runs.addTaker(this)
    this.#arm(0)
  }

  async stop(): Promise<void> {
    if (!this.isStopped) {
      this.isStopped = true
      this.#cancel?.()
      this.#means.runs.removeTaker(this)
    }
    await this.#polling
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  took(): void {
    this.#held += 1
  }

  letGo(dueInMs: number | null): void {
    this.#held -= 1
    if (this.isStopped) return
    // There is room for another one, and this one may be due before the store would be asked.
    if (this.#held === this.#concurrency - 1) this.#arm(this.#drawn(pollMinMs))
    if (dueInMs !== null && dueInMs < this.#pollMs) this.#arm(Math.max(0, dueInMs))
  }

  refuse(what: { readonly runId: string } | { readonly plan: string }, runId: string, why: unknown): void {
    const pauseMs = 'plan' in what ? this.#plans.add(what.plan) : this.#runs.add(what.runId)
    if (pauseMs === undefined) return
    const rest = 'plan' in what ? { plan: what.plan } : {}
    const details = { runId, ...rest, error: errorText(why), pauseMs }
    this.#means.logger?.log('warn', 'a run cannot be driven by this engine and is left to others', details)
  }

  hint(): void {
    this.#isHinted = true
    this.#arm(this.#drawn(this.#hintMs))
  }

  forgive(): void {
    this.#plans.clear()
    this.#runs.clear()
    this.hint()
  }

  #arm(delayMs: number): void {
    const { clock } = this.#means
    const at = clock.monotonic() + delayMs
    if (this.isStopped || this.#polling !== undefined || at >= this.#armedFor) return
    this.#cancel?.()
    this.#armedFor = at
    this.#cancel = clock.schedule(delayMs, () => {
      this.#armedFor = Number.POSITIVE_INFINITY
      this.#poll()
    })
  }

  // While it holds as many as it may, it asks for nothing: the first that is let go of makes it ask again.
  #poll(): void {
    const limit = Math.min(this.#concurrency - this.#held, pageMax)
    if (limit <= 0) return
    const wasHinted = this.#isHinted
    this.#isHinted = false
    this.#polling = this.#take(limit).then(({ taken, nextMs }) => {
      this.#polling = undefined
      // Many hear of one message, and one of them gets the run.
      this.#hintMs = taken > 0 || !wasHinted ? pollMinMs : Math.min(2 * this.#hintMs, this.#pollMs / 2)
      this.#arm(nextMs)
      if (this.#isHinted) this.#arm(this.#drawn(this.#hintMs))
    })
  }

  /** Gives how many it got, and when to ask again. */
  async #take(limit: number): Promise<{ readonly taken: number; readonly nextMs: number }> {
    const { runs, logger } = this.#means
    try {
      const except = { plans: this.#plans.current, runIds: this.#runs.current }
      const taken = await runs.take({ limit, ...this.#filter, except }, this)
      this.#faults = 0
      if (taken === limit) return { taken, nextMs: 0 }
      this.#idleMs = taken > 0 ? pollMinMs : Math.min(2 * this.#idleMs, this.#pollMs)
      return { taken, nextMs: this.#drawn(this.#idleMs) }
    } catch (error) {
      this.#faults += 1
      const nextMs = this.#drawn(Math.min(this.#pollMs * 2 ** Math.min(this.#faults - 1, 16), faultyPollMaxMs))
      logger?.log('warn', 'runs that are due could not be taken', { error: errorText(error), pauseMs: nextMs })
      return { taken: 0, nextMs }
    }
  }

  // Between half of it and all of it, in an order that each owner has for itself.
  #drawn(delayMs: number): number {
    this.#dice = (Math.imul(this.#dice, 1_664_525) + 1_013_904_223) >>> 0
    return delayMs * (0.5 + this.#dice / 2 ** 33)
  }
}

function diceOf(owner: string): number {
  let dice = 0x811c9dc5
  for (const letter of owner) dice = Math.imul(dice ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return dice
}

function checkWork({ concurrency, labels = {}, workflows = [], pollMs }: WorkOptions): void {
  if (concurrency !== undefined && (!Number.isSafeInteger(concurrency) || concurrency < 1))
    throw invalid(`\`concurrency\` is ${concurrency}; expected a whole number of at least 1`)
  if (pollMs !== undefined && (!Number.isFinite(pollMs) || pollMs < pollMinMs))
    throw invalid(`\`pollMs\` is ${pollMs}; expected at least ${pollMinMs} milliseconds`)
  for (const [name, label] of Object.entries<unknown>(labels))
    if (typeof label !== 'string') throw invalid(`The label ${JSON.stringify(name)} has to be a text`)
  if (!Array.isArray(workflows) || workflows.some((name: unknown) => typeof name !== 'string'))
    throw invalid('`workflows` has to be a list of names')
}

function invalid(message: string): SegnoError {
  return new SegnoError('ARGUMENT_INVALID', message)
}
