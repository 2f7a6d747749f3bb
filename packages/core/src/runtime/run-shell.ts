import { sha256Hex } from '@segno/schema/plan'
import type { BlobRef, Json, RunEvent } from '@segno/schema/plan'
import type { Driver } from '../driver/driver.ts'
import type { DriverInput, DriverRequest } from '../driver/protocol.ts'
import { SegnoError } from '../error.ts'
import type { AttemptOutcome } from '../kernel/decide.ts'
import { Held } from '../kernel/kept.ts'
import type { Plan } from '../kernel/plan.ts'
import type { AbortCode } from '../ports/abort.ts'
import type { Clock } from '../ports/clock.ts'
import type { AppendRequest, Storage } from '../ports/storage.ts'
import type { AttemptGate } from './attempt-gate.ts'
import type { Logger } from './engine-options.ts'
import { failureOf, finalFailure } from './failure.ts'
import { foldRun } from './fold-run.ts'
import type { HandlerDefinition } from './handler.ts'
import { AttemptAtWork, perform } from './perform.ts'

/** What the shells of one engine share. */
export interface ShellWorld {
  readonly storage: Storage
  readonly clock: Clock
  readonly gate: AttemptGate
  readonly logger: Logger | undefined
  handler(name: string): HandlerDefinition<never, unknown> | undefined
  publish(runId: string, events: readonly RunEvent[]): void
  done(shell: RunShell, why: Done['why'], wakeAt: number | null): void
}

type Done = Extract<DriverRequest, { type: 'done' }>
type PerformRequest = Extract<DriverRequest, { type: 'perform' }>

const retryDelaysMs = [0, 20, 50, 100, 250, 500, 1000]

/**
 * The hands of a driver: does what it asks for and tells it what came of it.
 * Makes no decision of its own, but for how soon a faulty store is asked again.
 */
export class RunShell {
  readonly runId: string
  readonly #driver: Driver
  readonly #plan: Plan
  readonly #world: ShellWorld
  readonly #atWork = new Map<string, AttemptAtWork>()
  #alarm: (() => void) | undefined
  #faults = 0
  #closed = false
  readonly finished: Promise<void>
  #finish: () => void = () => undefined

  constructor(driver: Driver, plan: Plan, world: ShellWorld) {
    this.runId = driver.lease.runId
    this.#driver = driver
    this.#plan = plan
    this.#world = world
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  get driver(): Driver {
    return this.#driver
  }

  tell(input: DriverInput): void {
    if (this.#closed) return
    this.execute(this.#driver.handle(input, this.#world.clock.monotonic()))
  }

  execute(requests: readonly DriverRequest[]): void {
    for (const request of requests) this.#do(request)
  }

  #do(request: DriverRequest): void {
    switch (request.type) {
      case 'append':
        return this.#append(request.request)
      case 'appendAgain':
        return this.#after(() => this.#append(request.request))
      case 'perform':
        return this.#perform(request)
      case 'publish':
        return this.#world.publish(this.runId, request.events)
      case 'abort':
        return this.#abort(request)
      case 'alarm':
        return this.#setAlarm(request.delayMs)
      case 'load':
        return this.#load()
      case 'readInbox':
        return this.#readInbox(request.after)
      case 'loadBlobs':
        return this.#loadBlobs(request.refs)
      case 'done':
        return this.#end(request)
      default:
        return request satisfies never
    }
  }

  // Every promise is owned here: nothing that a store or a handler does can end as an unhandled rejection.
  #append(request: AppendRequest): void {
    void this.#world.storage.append(request).then(
      (outcome) => {
        this.#faults = 0
        this.tell({ type: 'appended', outcome })
      },
      (error: unknown) => {
        this.#warn('an append failed and is sent again', error)
        this.tell({ type: 'appendFailed' })
      },
    )
  }

  // A store that fails is asked again, more slowly each time.
  #after(again: () => void): void {
    const delayMs = retryDelaysMs[Math.min(this.#faults++, retryDelaysMs.length - 1)] ?? 0
    this.#world.clock.schedule(delayMs, () => {
      if (!this.#closed) again()
    })
  }

  #perform({ attempt }: PerformRequest): void {
    const { path, key } = attempt
    const { runId } = this
    const atWork = new AttemptAtWork({ runId, path, attempt: attempt.attempt, key }, this.#world.logger)
    this.#atWork.set(path, atWork)
    this.#world.gate.run((left) => {
      this.#call(attempt, atWork, (outcome) => {
        if (this.#atWork.get(path) === atWork) this.#atWork.delete(path)
        left()
        this.tell({ type: 'settled', path, attempt: attempt.attempt, outcome })
      })
    })
  }

  // An attempt that was given up may still be at work when the next one begins: it has been told already.
  #abort({ path, attempt, code }: Extract<DriverRequest, { type: 'abort' }>): void {
    const atWork = this.#atWork.get(path)
    if (atWork?.attempt === attempt) atWork.abort(code)
  }

  #call(attempt: PerformRequest['attempt'], atWork: AttemptAtWork, settle: (outcome: AttemptOutcome) => void): void {
    const { path, handler: name, input, outputSchema } = attempt
    const handler = this.#world.handler(name)
    const refusal = handler === undefined ? missing(name) : toldToStop(path, atWork.aborted)
    if (handler === undefined || refusal !== undefined) {
      queueMicrotask(() => settle(refusal ?? missing(name)))
      return
    }
    if (!(input instanceof Held)) {
      perform(handler, { path, input, outputSchema }, atWork, settle)
      return
    }
    void this.#blob(input.ref).then(
      (value) => perform(handler, { path, input: value, outputSchema }, atWork, settle),
      (error: unknown) => settle({ kind: 'failed', failure: failureOf(error) }),
    )
  }

  async #blob(ref: BlobRef): Promise<Json> {
    const text = await this.#world.storage.getBlob(this.runId, ref.sha256)
    if (text === undefined)
      throw new SegnoError('STORAGE_INVALID', `The store has no value ${ref.sha256} of run ${this.runId}`)
    if (sha256Hex(text) !== ref.sha256) {
      throw new SegnoError('STORAGE_INVALID', `The value ${ref.sha256} of run ${this.runId} is damaged`)
    }
    return JSON.parse(text) as Json
  }

  #loadBlobs(refs: readonly BlobRef[]): void {
    const loading = Promise.all(refs.map(async (ref) => [ref.sha256, await this.#blob(ref)] as const))
    void loading.then(
      (entries) => this.tell({ type: 'blobs', blobs: new Map(entries) }),
      (error: unknown) => {
        this.#warn('a value could not be loaded and is asked for again', error)
        this.#after(() => this.#loadBlobs(refs))
      },
    )
  }

  #readInbox(after: number): void {
    void this.#world.storage.inbox(this.runId, after).then(
      (messages) => this.tell({ type: 'messages', messages }),
      (error: unknown) => {
        this.#warn('the inbox could not be read and is asked for again', error)
        this.#after(() => this.#readInbox(after))
      },
    )
  }

  #load(): void {
    void this.#loadState().then(
      (input) => this.tell(input),
      (error: unknown) => {
        if (SegnoError.is(error)) {
          this.#warn('the run cannot be driven by this engine', error)
          this.tell({ type: 'leaseLost' })
          return
        }
        this.#warn('the run could not be loaded and is asked for again', error)
        this.#after(() => this.#load())
      },
    )
  }

  async #loadState(): Promise<DriverInput> {
    const folded = await foldRun(this.#world.storage, this.runId, this.#plan)
    return folded === undefined ? { type: 'leaseLost' } : { type: 'loaded', ...folded }
  }

  #setAlarm(delayMs: number | null): void {
    this.#alarm?.()
    this.#alarm = delayMs === null ? undefined : this.#world.clock.schedule(delayMs, () => this.tell({ type: 'wake' }))
  }

  #end({ why, wakeAt }: Done): void {
    this.#closed = true
    const { storage } = this.#world
    const ended = (): void => {
      this.#world.done(this, why, wakeAt)
      this.#finish()
    }
    if (why !== 'released') return ended()
    void storage.release(this.#driver.lease).then(ended, (error: unknown) => {
      this.#warn('a lease could not be given back and runs out by itself', error)
      ended()
    })
  }

  #warn(message: string, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    this.#world.logger?.log('warn', message, { runId: this.runId, error: text })
  }
}

function missing(name: string): AttemptOutcome {
  const message = `no handler "${name}" is registered with this engine`
  return { kind: 'impossible', failure: finalFailure('HANDLER_MISSING', message) }
}

function toldToStop(path: string, code: AbortCode | undefined): AttemptOutcome | undefined {
  if (code === undefined) return undefined
  const message = `"${path}" was told to stop (${code}) before its turn came`
  return { kind: 'failed', failure: { code: 'CANCELLED', message, retryable: true } }
}
