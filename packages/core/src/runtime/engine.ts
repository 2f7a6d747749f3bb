import type { Definition, JsonObject, RunEvent } from '@segno/schema/plan'
import type { TypedWorkflow, WorkflowTypes } from '../builder/typed-workflow.ts'
import { SegnoError } from '../error.ts'
import type { Plan } from '../kernel/plan.ts'
import { endsRun } from '../ports/batch.ts'
import type { RunFilter, RunPage, RunRow, Storage } from '../ports/storage.ts'
import { attemptGate } from './attempt-gate.ts'
import { DrivenRuns } from './driven-runs.ts'
import { RunEmitter } from './emitter.ts'
import { EngineHandlers } from './engine-handlers.ts'
import type { Engine, EngineOptions, ForkOptions, Logger, StartOptions, Workflow } from './engine-options.ts'
import { errorText, guardedLogger } from './guarded-logger.ts'
import { runIdAt, uniqueId } from './ids.ts'
import { memoryStorage } from './memory-storage.ts'
import type { MigrateOptions, MigrationReport, RunsToMigrate } from './migrate-runs.ts'
import { Plans } from './plans.ts'
import type { GivenWorkflow } from './plans.ts'
import { verbsOf } from './run-beginning.ts'
import { RunCreator } from './run-creator.ts'
import type { RetainOptions } from './retention.ts'
import { StoredRun } from './stored-run.ts'
import type { HandleWorld } from './stored-run.ts'
import type { RunHandle } from './run-handle.ts'
import { SecretValues } from './secret-values.ts'
import { checkLimits, checkRunId, checkStartOptions, checkedInput } from './start-checks.ts'
import { StoreTime } from './store-time.ts'
import { systemClock } from './system-clock.ts'
import { Watchers } from './watchers.ts'
import { StoreWork } from './work.ts'
import type { WorkHandle, WorkOptions } from './work.ts'
import { Workbench } from './workbench.ts'
import type { Means } from './workbench.ts'
import type { WorkflowRun } from './workflow-run.ts'
import { secretMasker } from '../secrets/secret-masker.ts'

const leaseMsDefault = 30_000
const hungAfterMsDefault = 300_000
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
  readonly #owner: string
  readonly #time: StoreTime
  readonly #handlers: EngineHandlers
  readonly #plans: Plans
  readonly #emitter: RunEmitter
  readonly #watchers: Watchers
  readonly #handleWorld: HandleWorld
  readonly #runs: DrivenRuns
  readonly #creator: RunCreator
  readonly #stopHints: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor(options: EngineOptions) {
    const { limits = {}, files } = options
    checkLimits(limits)
    const { leaseMs = leaseMsDefault, hungAfterMs = hungAfterMsDefault } = limits
    const storage = (this.#storage = options.storage ?? memoryStorage())
    const clock = (this.#clock = options.clock ?? systemClock)
    this.#time = new StoreTime(storage, clock)
    const secrets = new SecretValues(options.secrets, secretMasker())
    const logger = (this.#logger = guardedLogger(options.logger, secrets.masker))
    const owner = (this.#owner = options.owner ?? uniqueId('eng'))
    const handlers = (this.#handlers = new EngineHandlers(options))
    const warn = (message: string, error: unknown): void => this.#warn(message, error)
    const verbs = verbsOf(options)
    const plans = (this.#plans = new Plans(storage, () => [...verbs, ...handlers.contracts()]))
    this.#emitter = new RunEmitter((error) => warn('a listener threw', error))
    const { subscribe, capabilities } = storage
    // Of what another process writes, a store may not tell.
    const isAlone = subscribe !== undefined && !capabilities.multiProcess
    this.#watchers = new Watchers(clock, isAlone ? lostHintMs : pollMs)
    const shared = { storage, clock, plans, owner, leaseMs, warn, time: this.#time }
    this.#runs = new DrivenRuns({
      ...{ ...shared, logger, isAlone, hungAfterMs },
      workbench: new Workbench(this.#meansOf(options), secrets),
      gate: limits.attempts === undefined ? undefined : attemptGate(limits.attempts),
      stopGraceMs: options.shell === undefined ? stopGraceMs : processStopGraceMs,
      pinsOf: (plan) => handlers.pinsOf(plan),
      createChild: (child) => this.#creator.createChild(child),
      publish: (runId, events) => this.#publish(runId, events),
      isHeard: () => this.#emitter.isHeard,
      mayHaveEnded: (runId) => this.#watchers.news(runId, true),
    })
    const assertOpen = (): void => this.#assertOpen()
    this.#creator = new RunCreator({ ...shared, handlers, secrets, files, assertOpen, runs: this.#runs })
    this.#handleWorld = {
      ...{ storage, clock, watchers: this.#watchers },
      planOf: (hash) => plans.pinned(hash),
      isDriven: (id) => this.#runs.has(id),
      onDelivered: (id) => this.#runs.message(id),
      fork: (id, forkOptions) => this.fork(id, forkOptions),
    }
    this.#stopHints = subscribe?.((runId, news) =>
      news === 'inbox' ? this.#runs.message(runId) : this.#othersNews(runId),
    )
  }

  #meansOf({ shell, http, files }: EngineOptions): Means {
    const glob = files?.glob?.bind(files)
    const onDelivered = (runId: string): void => this.#runs.message(runId)
    const { byName: handlers } = this.#handlers
    return { handlers, shell, http, glob, storage: this.#storage, clock: this.#clock, onDelivered }
  }

  start(workflow: TypedWorkflow<WorkflowTypes>, ...given: readonly [unknown?, StartOptions?]): Promise<never>
  start(workflow: Workflow | Definition, input?: JsonObject, options?: StartOptions): Promise<RunHandle>
  async start(workflow: GivenWorkflow, input: JsonObject = {}, options: StartOptions = {}): Promise<RunHandle> {
    this.#assertOpen()
    checkStartOptions(options)
    if (this.#handlers.bring(workflow)) this.#runs.forgive()
    const { drive = true } = options
    const plan = this.#plans.known(workflow) ?? (await this.#prepare(workflow, drive))
    const values = checkedInput(plan, input)
    await this.#creator.assertStartable(plan, values, drive)
    const runId = options.id ?? runIdAt(this.#clock.now())
    this.#assertOpen()
    return this.run(await this.#creator.create(plan, runId, { ...options, input: values }))
  }

  #prepare(workflow: GivenWorkflow, drive: boolean): Promise<Plan> {
    return drive ? this.#plans.prepare(workflow) : this.#plans.prepareForOthers(workflow)
  }

  async fork(runId: string, options: ForkOptions = {}): Promise<RunHandle> {
    this.#assertOpen()
    checkRunId(runId)
    checkStartOptions(options)
    const { edits = {}, onFailure, id = runIdAt(this.#clock.now()) } = options
    if (edits.workflow !== undefined && this.#handlers.bring(edits.workflow)) this.#runs.forgive()
    const plan = edits.workflow === undefined ? undefined : await this.#plans.prepare(edits.workflow)
    const { readForFork } = await import('./management.ts')
    const forked = await readForFork(this.#storage, { runId, options, plan, plans: this.#plans })
    await this.#creator.assertSecrets(forked.plan)
    this.#assertOpen()
    const begin = { ...forked.beginning, ...(onFailure === undefined ? {} : { onFailure }) }
    return this.run(await this.#creator.create(forked.plan, id, { ...begin, id }))
  }

  async migrate(
    runs: RunsToMigrate,
    workflow: GivenWorkflow,
    options: MigrateOptions = {},
  ): Promise<readonly MigrationReport[]> {
    this.#assertOpen()
    if (this.#handlers.bring(workflow)) this.#runs.forgive()
    const plan = await this.#plans.prepare(workflow)
    const onDelivered = (runId: string): void => this.#runs.message(runId)
    const { migrateRuns } = await import('./management.ts')
    return migrateRuns({ storage: this.#storage, plans: this.#plans, onDelivered }, runs, plan, options)
  }

  run(runId: string): RunHandle
  run<T extends WorkflowTypes>(runId: string, workflow: TypedWorkflow<T>): WorkflowRun<T>
  run(runId: string): unknown {
    checkRunId(runId)
    return new StoredRun(runId, this.#handleWorld)
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
    return this.#runs.recover(runIds)
  }

  async delete(runId: string): Promise<void> {
    checkRunId(runId)
    this.#assertOpen()
    const { deleteRun } = await import('./management.ts')
    await deleteRun(this.#storage, runId)
  }

  async retain(options: RetainOptions): Promise<readonly RunRow[]> {
    this.#assertOpen()
    const { retain } = await import('./management.ts')
    return retain(this.#storage, options, await this.#time.known())
  }

  work(options: WorkOptions = {}): WorkHandle {
    this.#assertOpen()
    return new StoreWork({ clock: this.#clock, runs: this.#runs, logger: this.#logger, owner: this.#owner }, options)
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
    await this.#runs.close()
    this.#watchers.close()
  }

  #publish(runId: string, events: readonly RunEvent[]): void {
    this.#emitter.emit(events)
    const last = events.at(-1)
    const end = last !== undefined && endsRun(last) ? last : undefined
    this.#watchers.news(runId, end !== undefined, end)
  }

  // Of the runs that it drives, the engine knows better itself.
  #othersNews(runId: string): void {
    if (this.#runs.has(runId)) return
    this.#watchers.news(runId, true)
    this.#runs.news()
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new SegnoError('ENGINE_CLOSED', 'The engine is closed')
  }

  #warn(message: string, error: unknown): void {
    this.#logger?.log('warn', message, { error: errorText(error) })
  }
}
