import type { BlobRef, Json, RunEvent } from '@segno/schema/plan'
import type { Driver } from '../driver/driver.ts'
import { messagesMax } from '../driver/protocol.ts'
import type { DriverInput, DriverRequest } from '../driver/protocol.ts'
import { SegnoError } from '../error.ts'
import type { AttemptOutcome } from '../kernel/decide.ts'
import { FewMap } from '../kernel/few-map.ts'
import { Held } from '../kernel/kept.ts'
import type { KnownPlan } from '../kernel/deciding.ts'
import type { Plan } from '../kernel/plan.ts'
import type { AttemptName, RunState } from '../kernel/state.ts'
import type { AbortCode } from '../ports/abort.ts'
import type { Clock } from '../ports/clock.ts'
import type { AppendOutcome, AppendRequest, Storage } from '../ports/storage.ts'
import type { AttemptGate } from './attempt-gate.ts'
import type { Logger } from './engine-options.ts'
import { finalFailure } from './failure.ts'
import { isDamage, isRefusal } from './final-faults.ts'
import { foldRun } from './fold-run.ts'
import type { FoldedRun } from './fold-run.ts'
import { doErrand } from './errands.ts'
import type { ErrandWorld } from './errands.ts'
import { errorText } from './guarded-logger.ts'
import { AttemptAtWork } from './attempt-at-work.ts'
import { AttemptTransactions } from './attempt-transactions.ts'
import type { ReadyAttempt } from './attempt-transactions.ts'
import { readBlob } from './read-blob.ts'
import type { Workbench } from './workbench.ts'

/** What the shells of one engine share. */
export interface ShellWorld {
  readonly storage: Storage
  readonly clock: Clock
  /** Without one, every attempt starts at once. */
  readonly gate: AttemptGate | undefined
  readonly logger: Logger | undefined
  readonly workbench: Workbench
  readonly errands: ErrandWorld
  planOf(hash: string): Promise<Plan>
  /** A plan that a run is to be migrated to. Rejects with `PLAN_MISSING`, `STORAGE_INVALID`. */
  planKnown(hash: string): Promise<KnownPlan>
  publish(runId: string, events: readonly RunEvent[]): void
  /** Whether anybody listens to what is published. */
  isHeard(): boolean
  /** What a driver that has just loaded its run is told in the place of it, where this engine leaves the run to others. */
  leave(shell: RunShell, state: RunState): DriverInput | undefined
  done(shell: RunShell, how: Done): void
}

/** Reads the run of a shell; `undefined` if there is none. */
export type ReadRun = () => Promise<FoldedRun | undefined>
/** How a driver came to its end. */
export type Done = Extract<DriverRequest, { type: 'done' }>
type PerformRequest = Extract<DriverRequest, { type: 'perform' }>

/** An attempt whose turn it is, and what gives its place to others. */
interface Entering extends ReadyAttempt {
  readonly left?: () => void
}

const retryDelaysMs = [0, 20, 50, 100, 250, 500, 1000]

/**
 * The hands of a driver: does what it asks for and tells it what came of it.
 * Makes no decision of its own, but for how soon a faulty store is asked again.
 */
export class RunShell {
  readonly runId: string
  readonly #driver: Driver
  readonly #world: ShellWorld
  readonly #atWork = new FewMap<string, AttemptAtWork>()
  readonly #transactions: AttemptTransactions
  #alarm: (() => void) | undefined
  #faults = 0
  #executing = false
  /** What the monotonic clock shows, while nothing of the host's can have run since it was read: a look at it takes as long as many an event. */
  #moment: number | undefined
  readonly #behind: (readonly DriverRequest[])[] = []
  #closed = false
  #hasLoaded = false
  /** How the run is read for the first time, where somebody has begun to already. */
  #read: ReadRun | undefined
  /** Whether the next append goes out at once: what a run begins with here has waited for the store, and had its turn. */
  #hasTurn = false
  #isUndrivable = false
  readonly finished: Promise<void>
  #finish: () => void = () => undefined

  constructor(driver: Driver, world: ShellWorld, read?: ReadRun) {
    this.runId = driver.lease.runId
    this.#driver = driver
    this.#world = world
    this.#read = read
    const { storage, clock, workbench } = world
    this.#transactions = new AttemptTransactions({
      ...{ storage, clock, workbench, lease: driver.lease },
      tell: (input) => this.tell(input),
      after: (again) => this.#after(again),
      warn: (message, error) => this.#warn(message, error),
    })
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  get driver(): Driver {
    return this.#driver
  }

  get plan(): Plan {
    return this.#driver.plan
  }

  /** Whether it ended because what the store holds of the run cannot be driven: asking again at once would give the same. */
  get isUndrivable(): boolean {
    return this.#isUndrivable
  }

  tell(input: DriverInput): void {
    if (this.#closed) return
    try {
      const now = this.#world.clock.monotonic()
      this.#moment = now
      this.#execute(this.#driver.handle(input, now))
    } catch (error) {
      this.#broken(error)
    }
  }

  /**
   * Lets the driver go on and does what it asks for. A driver that throws has met
   * what no run of ours can hold: it ends here, and no other run hears of it.
   */
  drive(goOn: () => readonly DriverRequest[]): void {
    try {
      this.#execute(goOn())
    } catch (error) {
      this.#broken(error)
    }
  }

  #broken(error: unknown): void {
    this.#isUndrivable = true
    this.#warn('the run cannot be driven by this engine', error)
    for (const atWork of this.#atWork.values()) atWork.abort('LEASE_LOST')
    if (!this.#closed) this.#end({ type: 'done', why: 'lost', wakeAt: null, hinted: false })
  }

  // A listener or handler may close the engine from inside of a request: what the driver
  // asks for then comes after what it has asked for before.
  #execute(requests: readonly DriverRequest[]): void {
    if (this.#executing) {
      this.#behind.push(requests)
      return
    }
    this.#executing = true
    try {
      let current: readonly DriverRequest[] | undefined = requests
      while (current !== undefined) {
        for (const request of current) {
          this.#do(request)
          if (request.type !== 'publish' || this.#world.isHeard()) this.#moment = undefined
        }
        current = this.#behind.shift()
      }
    } finally {
      this.#executing = false
      this.#moment = undefined
    }
  }

  #now(): number {
    return this.#moment ?? this.#world.clock.monotonic()
  }

  #do(request: DriverRequest): void {
    switch (request.type) {
      case 'append':
        return this.#append(request.request)
      case 'appendAgain':
        return this.#after(() => this.#append(request.request))
      case 'perform':
        return this.#perform(request)
      case 'transact':
        return this.#transactions.open(request)
      case 'commit':
        return this.#transactions.commit(request)
      case 'rollback':
        return this.#transactions.rollback()
      case 'publish':
        return this.#world.publish(this.runId, request.events)
      case 'abort':
        return this.#abort(request)
      case 'forget':
        return this.#forget(request)
      case 'alarm':
        return this.#setAlarm(request.delayMs)
      case 'load':
        // A journal that refuses again what was just loaded from it is asked more slowly.
        return this.#faults <= 1 ? this.#load() : this.#after(() => this.#load())
      case 'errand':
        return this.#errand(request)
      case 'readInbox':
        return this.#readInbox(request.after)
      case 'loadPlan':
        return this.#loadPlan(request.hash)
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
    const isAtOnce = this.#hasTurn
    this.#hasTurn = false
    if (isAtOnce) this.#send(request)
    else this.#inTurn(this.#send, request)
  }

  readonly #send = (request: AppendRequest): void => {
    if (!this.#closed) void this.#world.storage.append(request).then(this.#appended, this.#appendFailed)
  }

  readonly #appended = (outcome: AppendOutcome): void => {
    this.#faults = outcome.outcome === 'ok' || outcome.outcome === 'duplicate' ? 0 : this.#faults + 1
    this.tell({ type: 'appended', outcome })
  }

  readonly #appendFailed = (error: unknown): void => {
    if (isRefusal(error)) {
      this.#warn('an append was refused', error)
      this.tell({ type: 'leaseLost' })
      return
    }
    this.#warn('an append failed and is sent again', error)
    this.tell({ type: 'appendFailed' })
  }

  // A store that fails is asked again, more slowly each time.
  #after(again: () => void): void {
    const delayMs = retryDelaysMs[Math.min(this.#faults++, retryDelaysMs.length - 1)] ?? 0
    this.#world.clock.schedule(delayMs, () => {
      if (!this.#closed) again()
    })
  }

  #perform({ attempt }: PerformRequest): void {
    const { path, node, input } = attempt
    const { logger, workbench, gate } = this.#world
    const atWork = new AttemptAtWork(this.runId, attempt, { logger, secrets: workbench.secrets })
    this.#atWork.set(path, atWork)
    const settle = (outcome: AttemptOutcome): void => this.#settle(atWork, outcome)
    // Who only looks now and then takes no place that others could work in.
    const isFree = gate === undefined || node.handler === 'watch'
    // What lives beside the journal comes once it is its turn.
    const work = { attempt, atWork, settle, input: input instanceof Held ? null : input }
    if (isFree) this.#inTurn(this.#enter, work)
    else gate.run((left) => this.#inTurn(this.#enter, { ...work, left }))
  }

  readonly #enter = (work: Entering): void => {
    if (work.atWork.enter(work.left)) this.#call(work)
    else work.left?.()
  }

  // A handler or a store may be done at once, and thousands of steps after it: the host has its turns in between. What
  // throws in a later turn ends this run as what throws at once does, and not the host.
  #inTurn<T>(begin: (given: T) => void, given: T): void {
    const { clock } = this.#world
    if (clock.turn === undefined) return begin(given)
    clock.turn(() => {
      if (this.#executing) return begin(given)
      this.drive(() => {
        begin(given)
        return []
      })
    }, this.#now())
  }

  #settle(atWork: AttemptAtWork, outcome: AttemptOutcome): void {
    const { path, attempt } = atWork
    this.#forget(atWork)
    this.tell({ type: 'settled', path, attempt, outcome })
  }

  // Its place is free for others. A handler that never ends would keep it for ever.
  #forget({ path, attempt }: AttemptName): void {
    const atWork = this.#atWork.get(path)
    if (atWork?.attempt !== attempt) return
    this.#atWork.delete(path)
    atWork.leave()
  }

  // An attempt that was given up may still be at work when the next one begins: it has been told already.
  #abort({ path, attempt, code }: Extract<DriverRequest, { type: 'abort' }>): void {
    const atWork = this.#atWork.get(path)
    if (atWork?.attempt !== attempt) return
    atWork.abort(code)
    // Nobody is at work on what still waits for its turn.
    const isWaiting = this.#transactions.withdraw({ path, attempt }) || atWork.isQueued
    if (isWaiting) queueMicrotask(() => this.#settle(atWork, toldToStop(path, code)))
  }

  #call(work: ReadyAttempt): void {
    const { workbench } = this.#world
    const { attempt, settle } = work
    const refusal = workbench.refusal(attempt)
    if (refusal !== undefined) {
      queueMicrotask(() => settle(refusal))
      return
    }
    const { input, path } = attempt
    // Where it is called again, secrets are put into it anew.
    if (!(input instanceof Held)) return this.#prepare(work.input === input ? work : { ...work, input })
    void this.#blob(input.ref).then(
      (value) => this.#prepare({ ...work, input: value }),
      (error: unknown) => {
        // What is lost does not come back by itself; a store that fails may answer next time.
        if (SegnoError.is(error)) return settle(damaged(path, error))
        this.#warn('the input of an attempt could not be loaded and is asked for again', error)
        this.#after(() => this.#call(work))
      },
    )
  }

  #prepare(work: ReadyAttempt): void {
    const { attempt, settle } = work
    if (attempt.node.secretSlots.length === 0) return this.#start(work)
    void this.#world.workbench.prepare(attempt, work.input).then((prepared) => {
      if ('input' in prepared) this.#start({ ...work, input: prepared.input })
      else settle(prepared)
    })
  }

  #start(work: ReadyAttempt): void {
    const { attempt, input, atWork, settle } = work
    // Time has passed in the queue, or until the value came: somebody else may hold the run by now.
    if (!this.#driver.mayStart(this.#now())) this.#after(() => this.#call(work))
    else if (attempt.effect === 'tx') this.#transactions.add(work)
    else this.#world.workbench.perform(attempt, input, atWork, settle)
  }

  #blob({ sha256 }: BlobRef): Promise<Json> {
    return readBlob(this.#world.storage, this.runId, sha256)
  }

  #loadBlobs(refs: readonly BlobRef[]): void {
    const loading = Promise.all(refs.map(async (ref) => [ref.sha256, await this.#blob(ref)] as const))
    void loading.then(
      (entries) => this.tell({ type: 'blobs', blobs: new Map(entries) }),
      (error: unknown) => {
        if (SegnoError.is(error, 'STORAGE_INVALID')) {
          this.#warn('a value is lost', error)
          this.tell({ type: 'blobsLost', because: { code: error.code, message: error.message } })
          return
        }
        this.#warn('a value could not be loaded and is asked for again', error)
        this.#after(() => this.#loadBlobs(refs))
      },
    )
  }

  #errand({ name, errand }: Extract<DriverRequest, { type: 'errand' }>): void {
    const { runId } = this
    const { incarnation } = this.#driver.lease
    const principal = { runId, incarnation, value: (ref: BlobRef) => this.#blob(ref) }
    void doErrand(this.#world.errands, principal, errand).then(
      (input) => this.tell({ type: 'errandDone', name, ...(input === undefined ? {} : { input }) }),
      (error: unknown) => {
        this.#warn(`what is to be done about run ${errand.runId} could not be, and is tried again`, error)
        this.#after(() => this.#errand({ type: 'errand', name, errand }))
      },
    )
  }

  #loadPlan(hash: string): void {
    void this.#world.planKnown(hash).then(
      (known) => this.tell({ type: 'plan', hash, known }),
      (error: unknown) => {
        if (SegnoError.is(error)) {
          this.tell({ type: 'plan', hash, known: { refused: { code: error.code, message: error.message } } })
          return
        }
        this.#warn('a plan could not be loaded and is asked for again', error)
        this.#after(() => this.#loadPlan(hash))
      },
    )
  }

  #readInbox(after: number): void {
    void this.#world.storage.inbox(this.runId, after).then(
      (messages) => this.tell({ type: 'messages', messages: messages.slice(0, messagesMax) }),
      (error: unknown) => {
        this.#warn('the inbox could not be read and is asked for again', error)
        this.#after(() => this.#readInbox(after))
      },
    )
  }

  #load(): void {
    const anew: ReadRun = () => foldRun(this.#world.storage, this.runId, (hash) => this.#world.planOf(hash))
    const read = this.#read ?? anew
    this.#read = undefined
    void read().then(
      (folded) => this.#loaded(folded),
      (error: unknown) => {
        if (SegnoError.is(error) || isDamage(error)) {
          this.#isUndrivable = true
          this.#warn('the run cannot be driven by this engine', error)
          this.tell({ type: 'leaseLost' })
          return
        }
        this.#warn('the run could not be loaded and is asked for again', error)
        this.#after(() => this.#load())
      },
    )
  }

  #loaded(folded: FoldedRun | undefined): void {
    if (this.#closed) return
    this.#hasTurn = true
    this.drive(() => this.#driver.handle(this.#toldOf(folded), this.#world.clock.monotonic()))
  }

  #toldOf(folded: FoldedRun | undefined): DriverInput {
    if (folded === undefined) return { type: 'leaseLost' }
    const isFirst = !this.#hasLoaded
    this.#hasLoaded = true
    return (isFirst ? this.#world.leave(this, folded.state) : undefined) ?? { type: 'loaded', ...folded }
  }

  #setAlarm(delayMs: number | null): void {
    this.#alarm?.()
    this.#alarm = delayMs === null ? undefined : this.#world.clock.schedule(delayMs, () => this.tell({ type: 'wake' }))
  }

  #end(how: Done): void {
    this.#closed = true
    for (const atWork of this.#atWork.values()) atWork.leave()
    this.#transactions.end()
    const { storage } = this.#world
    const ended = (): void => {
      this.#world.done(this, how)
      this.#finish()
    }
    if (how.why !== 'released') return ended()
    void storage.release(this.#driver.lease).then(ended, (error: unknown) => {
      this.#warn('a lease could not be given back and runs out by itself', error)
      ended()
    })
  }

  #warn(message: string, error: unknown): void {
    this.#world.logger?.log('warn', message, { runId: this.runId, error: errorText(error) })
  }
}

function damaged(path: string, { message }: SegnoError): AttemptOutcome {
  return { kind: 'impossible', failure: finalFailure('STORAGE_INVALID', `the input of "${path}": ${message}`) }
}

function toldToStop(path: string, code: AbortCode): AttemptOutcome {
  const message = `"${path}" was told to stop (${code}) before its turn came`
  return { kind: 'failed', failure: { code: 'CANCELLED', message, retryable: true } }
}
