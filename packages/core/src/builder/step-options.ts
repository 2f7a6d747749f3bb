import type { EffectClass, Json, OnFailure, Retry, ScriptShell, StartStep, UsesStep } from '@segno/schema/plan'
import type { StandardSchema } from '../runtime/handler.ts'
import type { HandlerRef } from './define-handler.ts'
import type { TypedWorkflow, WorkflowTypes } from './typed-workflow.ts'
import type { Given, PlainGiven, Ref, Secret, StepMark } from './reference.ts'
import type { InputOf } from './schema-types.ts'

/** What a failed step does to the list around it. */
export type FailureWord = OnFailure

/** What is left of a step that may be skipped, or fail and be passed over: perhaps nothing. */
export type Missing<If, Failing> = [If] extends [never] ? ('continue' extends Failing ? undefined : never) : undefined

/** What every step may say. With `if`, what it gives may be missing. */
export interface BaseOptions<If = never> {
  readonly title?: string
  readonly description?: string
  readonly labels?: Readonly<Record<string, string>>
  /** Inside `parallel`: steps beside it that end first. */
  readonly needs?: readonly StepMark[]
  /** The step is skipped when this is false. */
  readonly if?: If
  readonly [extension: `x-${string}`]: Json
}

/** What steps that take time may say. With `onFailure: 'continue'`, what they give may be missing. */
export interface TimedOptions<Output, If = never, Failing = never> extends BaseOptions<If> {
  /** `5m`, or what gives such a text. */
  readonly timeout?: Given<string>
  readonly onFailure?: Failing
  /** Takes back what the step did, when a block around it fails or is cancelled. */
  readonly undo?: (undo: UndoScope, output: Ref<Output>) => Undoing
}

/** Retries of a step. */
export interface RetryOptions extends Omit<Retry, 'delay' | 'maxDelay'> {
  readonly delay?: Given<string>
  readonly maxDelay?: Given<string>
}

/** What work and blocks may say. */
export interface RetriedOptions<Output, If = never, Failing = never> extends TimedOptions<Output, If, Failing> {
  readonly retry?: RetryOptions
  /** Secrets for the step by name, and on a block for all inside. */
  readonly secrets?: readonly string[]
}

/** A value of a variable of a process. */
export type EnvValue = Given<string | number | boolean, Secret>

/** What the processes of a step are started with, and on a block those of all inside. */
export interface ProcessOptions {
  readonly env?: Readonly<Record<string, EnvValue>>
  readonly workspace?: { readonly cwd?: string }
}

interface Outside {
  readonly effect?: EffectClass
  readonly idempotencyKey?: Given<string>
}

/** What a block may say. */
export interface BlockOptions<Output, If = never, Failing = never>
  extends RetriedOptions<Output, If, Failing>, ProcessOptions {}

/** What a call of a handler may say. */
export interface WorkOptions<Output, If = never, Failing = never> extends RetriedOptions<Output, If, Failing>, Outside {
  /** Which major version of the handler is wanted; any unless given. */
  readonly major?: number
  /** What the handler has to return, beside its own contract. */
  readonly output?: UsesStep['output']
}

/** What a process may say. */
export interface ProcessWorkOptions<Output, Capture = never, If = never, Failing = never>
  extends RetriedOptions<Output, If, Failing>, ProcessOptions, Outside {
  /** What becomes of what it prints or leaves; without it, it gives nothing. */
  readonly output?: Capture
}

/** What becomes of what a process prints or leaves. */
export interface CaptureOptions {
  readonly from: 'stdout' | 'lines' | 'json' | 'file' | 'files'
  readonly path?: Given<string>
  readonly schema?: StandardSchema
  readonly maxSize?: number | string
}

/** What a process gives. */
export type Captured<C> = [C] extends [never]
  ? undefined
  : C extends { readonly schema: infer S extends StandardSchema }
    ? InputOf<S>
    : C extends { readonly from: 'stdout' | 'file' }
      ? string
      : C extends { readonly from: 'lines' | 'files' }
        ? string[]
        : unknown

/** What a request may say. */
export interface HttpOptions<Output, S = never, If = never, Failing = never>
  extends RetriedOptions<Output, If, Failing>, Outside {
  /** What the body of the answer has to be. */
  readonly output?: { readonly schema: S }
}

/** What is asked of a server. */
export interface GivenRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  readonly url: Given<string>
  readonly headers?: Readonly<Record<string, Given<string, Secret>>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly redirects?: number
  readonly maxSize?: number | string
}

/** What a server answered. */
export interface HttpAnswer<Body> {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Body
}

/** What a call of another workflow may say. */
export interface CallOptions<Output, If = never, Failing = never> extends TimedOptions<Output, If, Failing> {
  readonly retry?: RetryOptions
  /** The name of the import; that of the workflow unless given. */
  readonly as?: string
}

/** What the start of another workflow may say. */
export interface StartOptionsOf<Output, Wait = never, If = never, Failing = never>
  extends CallOptions<Output, If, Failing>, Pick<StartStep, 'detached'> {
  /** Whether the step waits for the outcome; true unless given. */
  readonly wait?: Wait
}

/** What `start` gives. */
export type Started<Output, Wait> = [Wait] extends [never]
  ? Output
  : Wait extends false
    ? { readonly runId: string }
    : Output

/** The one step that takes back another. */
export interface UndoScope {
  step<I>(handler: HandlerRef<I, unknown>, input?: Given<NoInfer<I>, Secret>, options?: UndoOptions): Undoing
  exec(argv: readonly Given<string | number | boolean>[], options?: UndoOptions & ProcessOptions): Undoing
  run(script: string, options?: UndoOptions & ProcessOptions & { readonly shell?: ScriptShell }): Undoing
  http(request: GivenRequest, options?: UndoOptions): Undoing
  call<T extends WorkflowTypes>(
    workflow: TypedWorkflow<T>,
    input: PlainGiven<NoInfer<T['input']>>,
    options?: UndoOptions,
  ): Undoing
}

/** What a step that takes back may say; its durations are written out. */
export interface UndoOptions {
  readonly id?: string
  readonly title?: string
  readonly timeout?: string
  readonly retry?: Retry
  readonly effect?: EffectClass
}

/** What takes a step back, as a call of the callback's argument gives it. */
export interface Undoing {
  readonly undo: object
}
