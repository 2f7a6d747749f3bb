import type { Definition, JsonObject, RunEvent } from '@segno/schema/plan'
import type { TypedWorkflow, WorkflowTypes } from '../builder/typed-workflow.ts'
import { Driver } from '../driver/driver.ts'
import { SegnoError } from '../error.ts'
import { createRun } from '../kernel/create.ts'
import type { Creation } from '../kernel/create.ts'
import type { Blob } from '../kernel/kept.ts'
import { runStatus, wakeAt } from '../kernel/outstanding.ts'
import type { Plan } from '../kernel/plan.ts'
import { endsRun, isTerminal } from '../ports/batch.ts'
import type { AcquiredRun, CreateOutcome, RunFilter, RunPage, Storage } from '../ports/storage.ts'
import { attemptGate } from './attempt-gate.ts'
import { createSurely } from './create-surely.ts'
import { RunEmitter } from './emitter.ts'
import { EngineHandlers } from './engine-handlers.ts'
import type { Engine, EngineOptions, Logger, StartOptions, Workflow } from './engine-options.ts'
import { errorText, guardedLogger } from './guarded-logger.ts'
import type { ChildRun } from './errands.ts'
import { readForFork } from './forked-run.ts'
import { Heartbeat } from './heartbeat.ts'
import { runIdAt, uniqueId } from './ids.ts'
import { memoryStorage } from './memory-storage.ts'
import { Plans } from './plans.ts'
import type { GivenWorkflow } from './plans.ts'
import { missingPaths } from './required-paths.ts'
import { runHandle } from './run-handle-of.ts'
import type { RunHandle } from './run-handle.ts'
import { inputHash, pinsOf, verbsOf } from './run-beginning.ts'
import { RunShell } from './run-shell.ts'
import type { Done, ShellWorld } from './run-shell.ts'
import {
  checkLimits,
  checkRunId,
  checkStartOptions,
  checkedInput,
  inputInvalid,
  secretsMissing,
} from './start-checks.ts'
import { systemClock } from './system-clock.ts'
import { engineVersion } from './version.ts'
import { SecretValues } from './secret-values.ts'
import { Workbench } from './workbench.ts'
import type { Means } from './workbench.ts'
import { secretMasker } from '../secrets/secret-masker.ts'
import { Waker } from './waker.ts'
import type { Acquired } from './waker.ts'
import type { WorkflowRun } from './workflow-run.ts'
import { Watchers } from './watchers.ts'

const leaseMsDefault = 30_000
/** How long handlers may take to stop when the engine closes, and processes, which are killed after that time. */
const stopGraceMs = 5000
const processStopGraceMs = 7000
const pageDefault = 100
/** How often a reader looks for news: where the store does not tell of all, and where it does. */
const pollMs = 1000
const lostHintMs = 30_000

/**
 * An engine: runs workflows inside the host's process. Nothing is looked up:
 * storage, handlers and clock are handed in.
 *
 * @example
 * ```ts
 * await using engine = createEngine({ handlers: { greet: (_, { name }: { name: string }) => `Hello ${name}` } })
 * const run = await engine.start(workflow, { name: 'Ada' })
 * console.log(await run.output())
 * ```
 */
export function createEngine(options: EngineOptions = {}): Engine {
  return new HostEngine(options)
}

class HostEngine implements Engine {
  readonly #storage: Storage
  readonly #clock: NonNullable<EngineOptions['clock']>
  readonly #logger: Logger | undefined
  readonly #files: EngineOptions['files']
  readonly #owner: string
  readonly #leaseMs: number
  readonly #stopGraceMs: number
  readonly #secrets: SecretValues
  readonly #workbench: Workbench
  readonly #handlers: EngineHandlers
  readonly #plans: Plans
  readonly #emitter: RunEmitter
  readonly #watchers: Watchers
  readonly #world: ShellWorld
  readonly #shells = new Map<string, RunShell>()
  readonly #heartbeat: Heartbeat
  readonly #waker: Waker
  readonly #stopHints: (() => void) | undefined
  /** Store time minus monotonic time, as the store last told it. */
  #storeOffset: number | undefined
  /** Whether it was asked to take over what others left. */
  #takesAll = false
  #closing: Promise<void> | undefined

  constructor(options: EngineOptions) {
    checkLimits(options.limits ?? {})
    this.#storage = options.storage ?? memoryStorage()
    this.#clock = options.clock ?? systemClock
    this.#secrets = new SecretValues(options.secrets, secretMasker())
    this.#logger = guardedLogger(options.logger, this.#secrets.masker)
    this.#files = options.files
    this.#owner = options.owner ?? uniqueId('eng')
    this.#leaseMs = options.limits?.leaseMs ?? leaseMsDefault
    this.#handlers = new EngineHandlers(options)
    this.#workbench = new Workbench(this.#meansOf(options, this.#handlers.byName), this.#secrets)
    const verbs = verbsOf(options)
    this.#stopGraceMs = options.shell === undefined ? stopGraceMs : processStopGraceMs
    this.#plans = new Plans(this.#storage, async () => [...verbs, ...(await this.#handlers.contracts())])
    this.#emitter = new RunEmitter((error) => this.#warn('a listener threw', error))
    const { subscribe, capabilities } = this.#storage
    // Of what another process writes, a store may not tell.
    const isToldOfAll = subscribe !== undefined && !capabilities.multiProcess
    this.#watchers = new Watchers(this.#clock, isToldOfAll ? lostHintMs : pollMs)
    this.#world = this.#shellWorld(options.limits?.attempts)
    const [storage, clock, leaseMs] = [this.#storage, this.#clock, this.#leaseMs]
    const warn = (message: string, error: unknown): void => this.#warn(message, error)
    this.#heartbeat = new Heartbeat({ storage, clock, leaseMs, warn, shells: this.#shells })
    this.#waker = new Waker({
      clock,
      warn,
      leaseMs,
      acquire: (runIds) => this.#acquire(runIds),
      row: (runId) => storage.row(runId),
      hints: storage.subscribe !== undefined,
      isAlone: isToldOfAll,
    })
    this.#stopHints = storage.subscribe?.((runId, news) =>
      news === 'inbox' ? this.#message(runId) : this.#othersNews(runId),
    )
  }

  #meansOf({ shell, http, files }: EngineOptions, handlers: Means['handlers']): Means {
    const glob = files?.glob?.bind(files)
    const onDelivered = (runId: string): void => this.#message(runId)
    return { handlers, shell, http, glob, storage: this.#storage, clock: this.#clock, onDelivered }
  }

  #shellWorld(attempts: number | undefined): ShellWorld {
    return {
      storage: this.#storage,
      clock: this.#clock,
      gate: attemptGate(attempts),
      logger: this.#logger,
      workbench: this.#workbench,
      errands: {
        storage: this.#storage,
        createChild: (child) => this.#createChild(child),
        onDelivered: (runId) => this.#message(runId),
        onTold: (runId) => this.#message(runId, true),
      },
      publish: (runId, events) => this.#publish(runId, events),
      done: (shell, how) => this.#shellDone(shell, how),
    }
  }

  start(workflow: TypedWorkflow<WorkflowTypes>, ...given: readonly [unknown?, StartOptions?]): Promise<never>
  start(workflow: Workflow | Definition, input?: JsonObject, options?: StartOptions): Promise<RunHandle>
  async start(workflow: GivenWorkflow, input: JsonObject = {}, options: StartOptions = {}): Promise<RunHandle> {
    this.#assertOpen()
    checkStartOptions(options)
    this.#handlers.bring(workflow)
    const plan = this.#plans.known(workflow) ?? (await this.#plans.prepare(workflow))
    const values = checkedInput(plan, input)
    await this.#assertStartable(plan, values)
    const runId = options.id ?? runIdAt(this.#clock.now())
    this.#assertOpen()
    return this.#create(plan, runId, { ...options, input: values })
  }

  async fork(runId: string, options: { readonly id?: string } = {}): Promise<RunHandle> {
    this.#assertOpen()
    checkRunId(runId)
    checkStartOptions(options)
    const { row, input, steps, blobs } = await readForFork(this.#storage, runId)
    const plan = await this.#plans.pinned(row.plan)
    await this.#assertSecrets(plan)
    this.#assertOpen()
    const { labels } = row
    const fork = { runId, steps }
    return this.#create(plan, options.id ?? runIdAt(this.#clock.now()), { ...options, input, labels, fork, blobs })
  }

  // A run that exists may be nobody's: it is looked after from when the lease of who made it can have run out.
  async #createChild({ runId, plan: { hash, definition }, input, labels, parent }: ChildRun): Promise<void> {
    this.#assertOpen()
    const plan = await this.#plans.child(hash, definition)
    await this.#assertStartable(plan, input)
    this.#assertOpen()
    await this.#create(plan, runId, { id: runId, input, labels: { ...labels, ...definition.labels }, parent })
    if (!this.#shells.has(runId)) this.#waker.watch(runId, this.#leaseMs)
  }

  async #assertStartable(plan: Plan, input: JsonObject): Promise<void> {
    const missing = await missingPaths(plan.definition, input, this.#files)
    if (missing.length > 0) throw inputInvalid(plan, missing)
    await this.#assertSecrets(plan)
  }

  async #assertSecrets(plan: Plan): Promise<void> {
    if (plan.secrets.length === 0) return
    const missing = await this.#secrets.missing(plan.secrets)
    if (missing.length > 0) throw secretsMissing(plan, missing)
  }

  async #create(plan: Plan, runId: string, begin: Beginning): Promise<RunHandle> {
    const { input, fork, parent, labels = plan.definition.labels ?? {}, idempotencyKey } = begin
    const now = this.#storeNow() ?? (await this.#askStoreNow())
    const mono = this.#clock.monotonic()
    const circumstances = { now, token: 1, seed: seed(), blobs: new Map() }
    const incarnation = uniqueId('inc')
    const handlers = pinsOf(plan, this.#handlers.pins)
    const origin = { ...(fork === undefined ? {} : { fork }), ...(parent === undefined ? {} : { parent }) }
    const creation = { runId, incarnation, engine: engineVersion, input, labels, handlers, ...origin }
    const { state, decision } = createRun(plan, creation, circumstances)
    const { events } = decision
    const blobs = [...decision.blobs, ...(begin.blobs ?? [])]
    const batch = { events, blobs, status: runStatus(state), wakeAt: wakeAt(state) }
    const from = parent === undefined ? {} : { parent: { runId: parent.runId, path: parent.path } }
    const run = { runId, incarnation, workflow: plan.definition.name, plan: plan.hash, labels, ...from }
    const call = {
      inputHash: inputHash(plan, input, begin),
      claim: { owner: this.#owner, ttlMs: this.#leaseMs },
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    }
    const outcome = await this.#createSurely(runId, () => this.#storage.createRun(run, batch, call))
    this.#hearStoreNow(outcome.now)
    if (outcome.outcome === 'existing') {
      if (outcome.sameInput) return this.run(outcome.runId)
      const name =
        idempotencyKey === undefined ? `The run ${outcome.runId}` : `A run of the key ${JSON.stringify(idempotencyKey)}`
      throw new SegnoError('RUN_EXISTS', `${name} exists with another input`, { details: { runId: outcome.runId } })
    }
    if (outcome.lease !== undefined && this.#closing !== undefined) await this.#storage.release(outcome.lease)
    else if (outcome.lease !== undefined) {
      const answered = this.#clock.monotonic()
      const driver = this.#driverOf(
        plan,
        { lease: outcome.lease, expired: false },
        { sent: mono, answered, now: outcome.now },
      )
      this.#adopt(driver, plan).drive(() => driver.begin(state, decision, answered))
    }
    return this.run(runId)
  }

  // A run that may have been created is looked after from when its lease can have run out.
  #createSurely(runId: string, send: () => Promise<CreateOutcome>): Promise<CreateOutcome> {
    return createSurely({
      clock: this.#clock,
      send,
      warn: (error) => this.#warn(`the creation of run ${runId} is sent again`, error),
      inDoubt: () => this.#waker.watch(runId, this.#leaseMs),
    })
  }

  #storeNow(): number | undefined {
    return this.#storeOffset === undefined ? undefined : Math.floor(this.#storeOffset + this.#clock.monotonic())
  }

  // The first events of a run are dated by the store's clock too: this process's may be hours off.
  async #askStoreNow(): Promise<number> {
    const { now } = await this.#storage.renew({ leases: [], ttlMs: this.#leaseMs })
    this.#hearStoreNow(now)
    return Math.floor(now)
  }

  #hearStoreNow(now: number): void {
    this.#storeOffset = now - this.#clock.monotonic()
  }

  run(runId: string): RunHandle
  run<T extends WorkflowTypes>(runId: string, workflow: TypedWorkflow<T>): WorkflowRun<T>
  run(runId: string): unknown {
    checkRunId(runId)
    return runHandle(runId, {
      storage: this.#storage,
      watchers: this.#watchers,
      onDelivered: (id) => this.#message(id),
    })
  }

  async list(
    filter: RunFilter = {},
    page: { readonly limit?: number; readonly cursor?: string } = {},
  ): Promise<RunPage> {
    const { limit = pageDefault, cursor } = page
    return this.#storage.list(filter, { limit, ...(cursor === undefined ? {} : { cursor }) })
  }

  async recover({ runIds }: { readonly runIds?: readonly string[] } = {}): Promise<readonly string[]> {
    for (const runId of runIds ?? []) checkRunId(runId)
    this.#assertOpen()
    const seen = new Set<string>()
    const driven = new Set<string>()
    for (;;) {
      const page = await this.#acquire(runIds)
      for (const runId of page.driven) driven.add(runId)
      // A run that cannot be driven is due again at once: it would be found for ever.
      if (page.leased.every((runId) => seen.has(runId))) break
      for (const runId of page.leased) seen.add(runId)
    }
    // What rests is taken up later: when its time comes, where it was named, or when a message is sent by this engine.
    if (runIds === undefined) this.#takesAll = true
    for (const runId of runIds ?? []) if (!driven.has(runId)) await this.#watch(runId)
    return [...driven]
  }

  async #watch(runId: string): Promise<void> {
    const row = await this.#storage.row(runId)
    if (row === undefined || isTerminal(row.status)) return
    this.#waker.watch(runId, row.wakeAt === null ? null : Math.max(0, row.wakeAt - (this.#storeNow() ?? 0)))
  }

  on(type: string, listener: (event: never) => void): () => void {
    return this.#emitter.on(type, listener)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    this.#stopHints?.()
    this.#waker.close()
    const shells = [...this.#shells.values()]
    for (const shell of shells) shell.tell({ type: 'stop' })
    const cancel = this.#clock.schedule(this.#stopGraceMs, () => {
      for (const shell of shells) shell.tell({ type: 'stopNow' })
    })
    await Promise.all(shells.map((shell) => shell.finished))
    cancel()
    this.#heartbeat.close()
    this.#watchers.close()
  }

  // Leases are taken and driven one by one: a run that cannot be loaded hurts no other.
  async #acquire(runIds: readonly string[] | undefined): Promise<Acquired & { readonly driven: readonly string[] }> {
    if (this.#closing !== undefined) return { now: 0, leased: [], driven: [], more: false }
    const sent = this.#clock.monotonic()
    const { now, runs } = await this.#storage.acquire({
      owner: this.#owner,
      ttlMs: this.#leaseMs,
      limit: acquireMax,
      ...(runIds === undefined ? {} : { runIds }),
    })
    this.#hearStoreNow(now)
    const answered = this.#clock.monotonic()
    const times = { sent, answered, now }
    const driven: string[] = []
    const drive = async (run: AcquiredRun): Promise<void> => {
      if (await this.#drive(run, times)) driven.push(run.lease.runId)
    }
    await Promise.all(runs.map(drive))
    return { now, leased: runs.map(({ lease }) => lease.runId), driven, more: runs.length === acquireMax }
  }

  async #drive(run: AcquiredRun, times: Times): Promise<boolean> {
    const { runId } = run.lease
    try {
      const plan = await this.#plans.pinned(run.row.plan)
      if (this.#closing === undefined) {
        const driver = this.#driverOf(plan, run, times)
        this.#adopt(driver, plan).drive(() => driver.open())
        return true
      }
    } catch (error) {
      this.#warn(`run ${runId} cannot be driven`, error)
    }
    await this.#storage
      .release(run.lease)
      .catch((error: unknown) => this.#warn(`run ${runId} was not given back`, error))
    return false
  }

  #driverOf(
    plan: Plan,
    { lease, expired }: Pick<AcquiredRun, 'lease' | 'expired'>,
    { sent, answered, now }: Times,
  ): Driver {
    return new Driver({
      plan,
      lease,
      leasedAt: sent,
      leaseMs: this.#leaseMs,
      storeNow: now,
      mono: answered,
      crashed: expired,
      seed: seed(),
    })
  }

  #adopt(driver: Driver, plan: Plan): RunShell {
    const shell = new RunShell(driver, plan, this.#world)
    this.#shells.set(shell.runId, shell)
    this.#waker.forget(shell.runId)
    this.#heartbeat.start()
    return shell
  }

  #shellDone(shell: RunShell, { why, wakeAt: due, hinted }: Done): void {
    const { runId } = shell
    if (this.#shells.get(runId) === shell) this.#shells.delete(runId)
    if (why === 'parked') this.#waker.watch(runId, due === null ? null : shell.driver.untilStoreTime(due))
    // The hint came to a driver that was already on its way out.
    if (why === 'parked' && hinted) this.#waker.hint(runId)
    // Somebody else may hold the run now. It is asked for again when that lease can have run out.
    if (why === 'lost') this.#waker.watch(runId, this.#leaseMs)
  }

  #publish(runId: string, events: readonly RunEvent[]): void {
    this.#emitter.emit(events)
    const last = events.at(-1)
    this.#watchers.news(runId, last !== undefined && endsRun(last))
  }

  // A message has come for a run: its driver reads it, or the run is taken up for it. One that rested when its process
  // died is nobody's, unless this engine takes all.
  #message(runId: string, takesUp = this.#takesAll): void {
    const shell = this.#shells.get(runId)
    if (shell !== undefined) return shell.tell({ type: 'hint' })
    if (takesUp) this.#waker.watch(runId, 0)
    this.#waker.hint(runId)
  }

  // Of the runs that it drives, the engine knows better itself.
  #othersNews(runId: string): void {
    if (!this.#shells.has(runId)) this.#watchers.news(runId, true)
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new SegnoError('ENGINE_CLOSED', 'The engine is closed')
  }

  #warn(message: string, error: unknown): void {
    this.#logger?.log('warn', message, { error: errorText(error) })
  }
}

const acquireMax = 100

/** How a run begins. */
interface Beginning extends StartOptions {
  readonly input: JsonObject
  readonly fork?: NonNullable<Creation['fork']>
  readonly parent?: NonNullable<Creation['parent']>
  /** What the fork names, beside what its first events do. */
  readonly blobs?: readonly Blob[]
}

interface Times {
  readonly sent: number
  readonly answered: number
  readonly now: number
}

function seed(): number {
  return Math.floor(Math.random() * 2 ** 32)
}
