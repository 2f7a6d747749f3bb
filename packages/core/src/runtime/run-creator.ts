import type { JsonObject } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { createRun } from '../kernel/create.ts'
import type { Creation } from '../kernel/create.ts'
import type { Blob } from '../kernel/kept.ts'
import { runStatus, wakeAt } from '../kernel/outstanding.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Clock } from '../ports/clock.ts'
import type { Files } from '../ports/files.ts'
import type { CreateOutcome, Storage } from '../ports/storage.ts'
import { createSurely } from './create-surely.ts'
import type { DrivenRuns } from './driven-runs.ts'
import type { EngineHandlers } from './engine-handlers.ts'
import type { StartOptions } from './engine-options.ts'
import type { ChildRun } from './errands.ts'
import { randomSeed, uniqueId } from './ids.ts'
import type { Plans } from './plans.ts'
import { missingPaths } from './required-paths.ts'
import { inputHash } from './run-beginning.ts'
import type { SecretValues } from './secret-values.ts'
import { assertTransactions, inputInvalid, secretsMissing } from './start-checks.ts'
import type { StoreTime } from './store-time.ts'
import { engineVersion } from './version.ts'

const noLabels: NonNullable<StartOptions['labels']> = Object.freeze({})

/** What a creator of runs needs of its engine. */
export interface RunCreatorOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly time: StoreTime
  readonly plans: Plans
  readonly handlers: EngineHandlers
  readonly secrets: SecretValues
  readonly files: Files | undefined
  readonly owner: string
  readonly leaseMs: number
  readonly runs: DrivenRuns
  /** Throws once the engine is closed. */
  readonly assertOpen: () => void
  readonly warn: (message: string, error: unknown) => void
}

/** How a run begins. */
export interface Beginning extends StartOptions {
  readonly input: JsonObject
  readonly fork?: NonNullable<Creation['fork']>
  readonly parent?: NonNullable<Creation['parent']>
  /** What the fork names, beside what its first events do. */
  readonly blobs?: readonly Blob[]
}

/** Creates the runs of an engine and hands them to be driven. */
export class RunCreator {
  readonly #options: RunCreatorOptions

  constructor(options: RunCreatorOptions) {
    this.#options = options
  }

  /**
   * Throws what speaks against a run of this plan: `INPUT_INVALID`, `FILES_REQUIRED`; where it is
   * driven here, also `SECRET_MISSING`.
   */
  async assertStartable(plan: Plan, input: JsonObject, drive: boolean): Promise<void> {
    const missing = await missingPaths(plan.definition, input, this.#options.files)
    if (missing.length > 0) throw inputInvalid(plan, missing)
    if (drive) await this.assertSecrets(plan)
  }

  /** Throws `SECRET_MISSING` where the host has no value for a secret of the plan. */
  async assertSecrets(plan: Plan): Promise<void> {
    if (plan.secrets.length === 0) return
    const missing = await this.#options.secrets.missing(plan.secrets)
    if (missing.length > 0) throw secretsMissing(plan, missing)
  }

  /** Creates the run that a step of another one starts. One that exists may be nobody's, and is looked after. */
  async createChild({ runId, plan: { hash, definition }, input, labels, parent }: ChildRun): Promise<void> {
    const { plans, runs, assertOpen } = this.#options
    assertOpen()
    const plan = await plans.child(hash, definition)
    // Where several work for the store, one of them may have the handlers that are missing here.
    const drive = runs.isForHere(plan)
    await this.assertStartable(plan, input, drive)
    assertOpen()
    await this.create(plan, runId, { id: runId, input, labels: { ...labels, ...definition.labels }, parent, drive })
    if (drive) runs.lookAfter(runId)
  }

  /** Creates a run and drives it. Gives the id of the run: that of the first one, where the key has one. Throws `RUN_EXISTS`. */
  async create(plan: Plan, runId: string, begin: Beginning): Promise<string> {
    const { storage, clock, time, handlers, owner, leaseMs, runs } = this.#options
    const { input, fork, parent, labels = plan.definition.labels ?? noLabels, idempotencyKey, drive = true } = begin
    // Nothing starts that nobody drives.
    const circumstances = { now: await time.known(), token: 1, seed: randomSeed(), blobs: new Map(), hold: !drive }
    const sent = clock.monotonic()
    const incarnation = uniqueId('inc')
    const pins = handlers.pinsOf(plan)
    assertTransactions(plan, pins, storage)
    const { onFailure } = begin
    const creation = {
      runId,
      incarnation,
      engine: engineVersion,
      input,
      labels,
      handlers: pins,
      fork,
      parent,
      onFailure,
    }
    const { state, decision } = createRun(plan, creation, circumstances)
    const blobs = begin.blobs === undefined ? decision.blobs : [...decision.blobs, ...begin.blobs]
    const batch = { events: decision.events, blobs, status: runStatus(state), wakeAt: wakeAt(state) }
    const own = { runId, incarnation, workflow: plan.definition.name, plan: plan.hash, labels }
    const run = parent === undefined ? own : { ...own, parent: { runId: parent.runId, path: parent.path } }
    const named = { inputHash: inputHash(plan, input, begin) }
    const claimed = drive ? { ...named, claim: { owner, ttlMs: leaseMs } } : named
    const call = idempotencyKey === undefined ? claimed : { ...claimed, idempotencyKey }
    const inDoubt = (): void => (drive ? runs.lookAfter(runId) : undefined)
    const outcome = await this.#createSurely(runId, () => storage.createRun(run, batch, call), inDoubt)
    time.hear(outcome.now)
    if (outcome.outcome === 'existing') return existingOf(outcome, idempotencyKey)
    const { lease, now } = outcome
    if (lease === undefined) runs.news()
    else await runs.driveCreated(plan, { lease, now, sent }, (driver, mono) => driver.begin(state, decision, mono))
    return runId
  }

  // A run that may have been created is looked after from when its lease can have run out.
  #createSurely(runId: string, send: () => Promise<CreateOutcome>, inDoubt: () => void): Promise<CreateOutcome> {
    const { clock, warn } = this.#options
    return createSurely({
      ...{ clock, send, inDoubt },
      warn: (error) => warn(`the creation of run ${runId} is sent again`, error),
    })
  }
}

function existingOf(
  { runId, sameInput }: Extract<CreateOutcome, { outcome: 'existing' }>,
  idempotencyKey: string | undefined,
): string {
  if (sameInput) return runId
  const name = idempotencyKey === undefined ? `The run ${runId}` : `A run of the key ${JSON.stringify(idempotencyKey)}`
  throw new SegnoError('RUN_EXISTS', `${name} exists with another input`, { details: { runId } })
}
