import type { Definition, EventType, Json, JsonObject, RunEvent } from '@segno/schema/plan'
import type { TypedWorkflow, WorkflowTypes } from '../builder/typed-workflow.ts'
import type { Clock } from '../ports/clock.ts'
import type { Files } from '../ports/files.ts'
import type { Http } from '../ports/http.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { Shell } from '../ports/shell.ts'
import type { RunFilter, RunPage, RunRow, Storage } from '../ports/storage.ts'
import type { AnyHandler } from './handler.ts'
import type { MigrateOptions, MigrationReport, RunsToMigrate } from './migrate-runs.ts'
import type { Plugin } from './plugin.ts'
import type { RetainOptions } from './retention.ts'
import type { RunHandle } from './run-handle.ts'
import type { WorkHandle, WorkOptions } from './work.ts'
import type { WorkflowRun } from './workflow-run.ts'

/** Where the engine and handlers say what they do. Never the truth: that is the journal. */
export interface Logger {
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, details?: Json): void
}

/** What an engine is made of. */
export interface EngineOptions {
  /** Keeps the runs; `memoryStorage()` unless given. */
  readonly storage?: Storage
  /** Handlers by the name that `uses` calls them by. */
  readonly handlers?: Readonly<Record<string, AnyHandler>>
  /** Packages of handlers beside the host's own. Two that bring the same name are refused: `PLUGIN_CONFLICT`. */
  readonly plugins?: readonly Plugin[]
  /**
   * Workflows built in TypeScript whose runs this engine drives: each brings the handlers it was built with. One that is
   * started here brings them too; one whose runs are only taken over has to be among these.
   */
  readonly workflows?: readonly TypedWorkflow[]
  /** Looks for what inputs with `mustExist: true` name, and for the files of `watch` steps; without it, no workflow that has some can be started. */
  readonly files?: Files
  /** Runs the processes of `exec` and `run` steps; without it, no workflow that has some can be started. */
  readonly shell?: Shell
  /** Sends the requests of `http` steps; without it, no workflow that has some can be started. */
  readonly http?: Http
  /** Gives the values of secrets; without it, no workflow that names some can be started. */
  readonly secrets?: Secrets
  /** Real time unless given. */
  readonly clock?: Clock
  /** Silent unless given. */
  readonly logger?: Logger
  /** Who holds the leases; a random name unless given. */
  readonly owner?: string
  readonly limits?: {
    /** Attempts at work at the same time in this engine; as many as there are unless given. */
    readonly attempts?: number
    /** How long a lease holds without being renewed, in milliseconds; 30,000 unless given. */
    readonly leaseMs?: number
    /**
     * For how long the event loop may be blocked until this engine gives up its runs, in milliseconds; 300,000 unless given.
     * Where the storage cannot renew leases from a thread, they run out after `leaseMs`.
     */
    readonly hungAfterMs?: number
  }
}

/** A definition that has been parsed and checked, as `loadWorkflow` and `defineWorkflow` give it. */
export interface Workflow {
  readonly definition: Definition
  readonly hash: string
}

/** How a run is started. */
export interface StartOptions {
  /** The run's id; made up unless given. */
  readonly id?: string
  /** A second start with the same key gives the run of the first, or `RUN_EXISTS` if its input differs. Per workflow. */
  readonly idempotencyKey?: string
  readonly labels?: Readonly<Record<string, string>>
  /**
   * `false` leaves the run to whoever works for the store, as `work` does, here or elsewhere: it is due at once, and this
   * engine does nothing for it. `true` unless given.
   */
  readonly drive?: boolean
  /**
   * `'block'` holds a run that would fail: the step whose failure would be that of the run blocks, everything is kept, and
   * people decide (`retry`, `skip`, `override`, `cancel`).
   */
  readonly onFailure?: 'block'
}

/** How a run is forked. */
export interface ForkOptions {
  /** The id of the new run; made up unless given. */
  readonly id?: string
  /** The path of a step: it, and what comes after it, is done anew, whatever its input is. */
  readonly at?: string
  readonly edits?: ForkEdits
  /** Who forks it, for the journal. */
  readonly actor?: string
  /** As for `start`. */
  readonly onFailure?: 'block'
}

/** What is different in a forked run. */
export interface ForkEdits {
  /** Inputs in the place of those of the run, by name. */
  readonly input?: JsonObject
  /** What steps give, by path, in the place of doing them. */
  readonly outputs?: Readonly<Record<string, Json>>
  /** A newer workflow. Steps are known by their paths; what completed counts where the same is done with the same input. */
  readonly workflow?: TypedWorkflow | Workflow | Definition
}

/** A listener is told what the journal holds already. What it throws goes to the logger. */
export type EventListener<T extends EventType> = (event: Extract<RunEvent, { readonly type: T }>) => void

/** What a run of a typed workflow is started with: its input, unless none of it is required. */
export type GivenAtStart<Input> =
  Readonly<Record<never, never>> extends Input
    ? [input?: Input, options?: StartOptions]
    : [input: Input, options?: StartOptions]

/** Runs workflows inside the host's process. */
export interface Engine extends AsyncDisposable {
  /**
   * Starts a run and drives it until it ends or the engine closes. Throws
   * `DEFINITION_INVALID` with all diagnostics, `INPUT_INVALID` with all
   * problems, `SECRET_MISSING`, `FILES_REQUIRED`, `RUN_EXISTS`. A workflow built in
   * TypeScript brings its handlers along, or throws `HANDLER_CONFLICT`.
   */
  start<T extends WorkflowTypes>(
    workflow: TypedWorkflow<T>,
    ...given: GivenAtStart<T['input']>
  ): Promise<WorkflowRun<T>>
  start(workflow: Workflow | Definition, input?: JsonObject, options?: StartOptions): Promise<RunHandle>
  /**
   * Begins a run again as a new one, of the same plan and input unless `edits` say otherwise; the run itself, ended or
   * not, stays as it is. Work and waits that have completed there are not done again where their input is the
   * same: their outputs are reused, and are recorded as such. So a run that failed goes on from where it failed.
   * Throws `RUN_UNKNOWN`, `PLAN_MISSING`, `EDIT_INVALID`, `INPUT_INVALID`, `DEFINITION_INVALID`, `SECRET_MISSING`.
   */
  fork(runId: string, options?: ForkOptions): Promise<RunHandle>
  /**
   * Lets runs in flight go on by another version of their workflow: those named, or all that fit a filter. Each goes on by
   * it if every step that it knows is there, with the same before it; a look at each comes first, and with `dryRun` that is
   * all. The journal of a run has the last word: `plan.migrated`, or `operator.acted` with what stood against it.
   * Throws `DEFINITION_INVALID`, `RUN_UNKNOWN`.
   */
  migrate(
    runs: RunsToMigrate,
    workflow: TypedWorkflow | Workflow | Definition,
    options?: MigrateOptions,
  ): Promise<readonly MigrationReport[]>
  /** A handle of a run that exists, or may exist. */
  run(runId: string): RunHandle
  /** The same with the types of its workflow, which the host vouches for. */
  run<T extends WorkflowTypes>(runId: string, workflow: TypedWorkflow<T>): WorkflowRun<T>
  list(filter?: RunFilter, page?: { readonly limit?: number; readonly cursor?: string }): Promise<RunPage>
  /**
   * Takes over the runs that are due and that no process drives, also those whose
   * process is known to be dead; with `runIds`, only among these. Gives the ids of
   * those that this engine drives now. One that rests is taken up when its time comes, where it is named, or else once
   * this engine sends it a message. A run whose handlers are missing here blocks
   * and says which; one that cannot be read is left alone, and the logger is told.
   */
  recover(options?: { readonly runIds?: readonly string[] }): Promise<readonly string[]>
  /**
   * Deletes a run that has ended, with the runs that it has started. Throws `RUN_UNKNOWN`, and `RUN_OPEN` where one of
   * them, or the run that started it, has not ended.
   */
  delete(runId: string): Promise<void>
  /**
   * Deletes runs that have ended, by age, by number, or both, each with the runs that it has started. One of which any has
   * not ended stays. Gives the rows of what it deleted, or with `dryRun` would delete. Plans stay.
   */
  retain(options: RetainOptions): Promise<readonly RunRow[]>
  /**
   * Works for the store until it is stopped or the engine closes: takes the runs that are due and that no process drives,
   * longest due first, as many at a time as it may hold: those that were created with `drive: false`, whose time or message
   * has come, whose process is gone. What it takes rests in the store, for whoever works for that. A run whose handlers or
   * secrets are missing here, or that cannot be read, is left to others and asked for ever more rarely; the logger is told.
   */
  work(options?: WorkOptions): WorkHandle
  /** Listens to the events of the runs that this engine drives, by type or all (`*`). Returns how to stop. */
  on<T extends EventType>(type: T, listener: EventListener<T>): () => void
  on(type: '*', listener: (event: RunEvent) => void): () => void
  /** Stops: handlers are told (`STOPPING`), nothing is cancelled or recorded, leases are given back. */
  close(): Promise<void>
}
