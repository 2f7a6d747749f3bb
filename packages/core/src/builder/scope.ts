import type { BlockVerbs } from './block-verbs.ts'
import type { FailureFacts, RunFacts } from './facts.ts'
import type { Condition, Ended, Given, Ref, Secret } from './reference.ts'
import type { TypedSignal } from './signal.ts'
import type { BaseOptions } from './step-options.ts'
import type { WaitVerbs } from './wait-verbs.ts'
import type { WorkVerbs } from './work-verbs.ts'

/** What the compiler knows inside of a workflow. */
export interface ScopeTypes {
  readonly input: unknown
  /** What the whole workflow gives. */
  readonly output: unknown
  /** The data of the signals that it declares, by name. */
  readonly signals: object
  readonly secrets: string
}

/**
 * What a list of steps is written with: each call of a verb adds a step at its end,
 * and gives a reference to what the step will give. `M` is `undefined` where no step
 * of the list is sure to complete.
 */
export interface StepScope<C extends ScopeTypes, M = never> extends WorkVerbs<M>, WaitVerbs<M>, BlockVerbs<C, M> {
  /** The inputs of the run. */
  readonly input: Ref<C['input']>
  /** What is known of the run itself. */
  readonly thisRun: Ref<RunFacts>
  /** The secrets that the workflow declares. */
  readonly secrets: { readonly [N in C['secrets']]: Secret }
  /** The signals that the workflow declares. */
  readonly signals: { readonly [N in keyof C['signals']]: TypedSignal<C['signals'][N]> }

  /** Ends the workflow as completed, with these outputs. */
  return(id: string, outputs: Given<C['output']>, options?: EndOptions): Ended
  /** Fails here. */
  fail(id: string, failure: GivenFailure, options?: EndOptions): Ended
}

/** What an end may say. One under `if` is a step in an `if` block. */
export interface EndOptions extends Omit<BaseOptions, 'if'> {
  readonly if?: never
}

/** What a step fails with. */
export interface GivenFailure {
  readonly code: string
  readonly message: Given<string>
  readonly data?: unknown
}

/** What the steps of a whole workflow are written with. */
export interface WorkflowScope<C extends ScopeTypes> extends StepScope<C> {
  /** Steps that run once when all others have completed, failed or been cancelled. */
  finally(steps: (w: StepScope<C>, error: Ref<FailureFacts | null>) => unknown): void
}

/** What the steps of a loop are written with. */
export interface RepeatScope<C extends ScopeTypes, P> extends StepScope<C> {
  /** From 0. */
  readonly iteration: Ref<number>
  /** What the iteration before gave, and first `initial`. */
  readonly previous: Ref<P>
  /** Tested after an iteration; sees its steps. */
  until(condition: Condition): void
  /** Tested before an iteration; sees none of its steps. */
  while(condition: Condition): void
}

/** What the steps of a state are written with, and what leads out of it. A state without a way out ends the machine. */
export interface StateScope<C extends ScopeTypes, N extends string> extends StepScope<C> {
  /** The name of the state. */
  readonly state: Ref<N>
  /** Leads on as soon as the steps have ended. */
  next(to: N, options?: { readonly if?: Condition }): void
  /** Leads on when the signal comes while the machine rests. */
  on<Data>(signal: TypedSignal<Data>, to: N, options?: { readonly if?: (data: Ref<NoInfer<Data>>) => Condition }): void
  /** Leads on when this time has passed since the state was entered. */
  after(duration: string, to: N, options?: { readonly if?: Condition }): void
  /** The data of the signal that led to this state; missing where something else did. */
  dataOf<Data>(signal: TypedSignal<Data>): Ref<Data | undefined>
}
