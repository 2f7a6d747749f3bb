import type { ScriptShell } from '@segno/schema/plan'
import type { StandardSchema } from '../runtime/handler.ts'
import type { HandlerRef } from './define-handler.ts'
import type { Condition, Given, Out, PlainGiven, Secret, StepRef, Value } from './reference.ts'
import type { InputOf } from './schema-types.ts'
import type {
  BaseOptions,
  CallOptions,
  CaptureOptions,
  Captured,
  FailureWord,
  HttpAnswer,
  HttpOptions,
  Missing,
  ProcessWorkOptions,
  GivenRequest,
  StartOptionsOf,
  Started,
  WorkOptions,
} from './step-options.ts'
import type { TypedWorkflow, WorkflowTypes } from './typed-workflow.ts'

/** Steps that do something. Of each, `M` is part of what it gives where it is not sure to complete. */
export interface WorkVerbs<M> {
  /** Calls a handler. */
  step<Output, If extends Condition = never, F extends FailureWord = never>(
    id: string,
    handler: HandlerRef<void, Output>,
    input?: undefined,
    options?: WorkOptions<Output, If, F>,
  ): StepRef<Output | M | Missing<If, F>>
  step<Input, Output, If extends Condition = never, F extends FailureWord = never>(
    id: string,
    handler: HandlerRef<Input, Output>,
    input: Given<NoInfer<Input>, Secret>,
    options?: WorkOptions<NoInfer<Output>, If, F>,
  ): StepRef<Output | M | Missing<If, F>>

  /** Runs a program, without a shell: each item of the list is exactly one argument. */
  exec<const K extends CaptureOptions = never, If extends Condition = never, F extends FailureWord = never>(
    id: string,
    argv: readonly Given<string | number | boolean>[],
    options?: ProcessWorkOptions<Captured<NoInfer<K>>, K, If, F>,
  ): StepRef<Captured<K> | M | Missing<If, F>>

  /** Runs a script; values reach it by `env` only. */
  run<const K extends CaptureOptions = never, If extends Condition = never, F extends FailureWord = never>(
    id: string,
    script: string,
    options?: ProcessWorkOptions<Captured<NoInfer<K>>, K, If, F> & { readonly shell?: ScriptShell },
  ): StepRef<Captured<K> | M | Missing<If, F>>

  /** Makes a request. */
  http<S extends StandardSchema = never, If extends Condition = never, F extends FailureWord = never>(
    id: string,
    request: GivenRequest,
    options?: HttpOptions<HttpAnswer<Body<NoInfer<S>>>, S, If, F>,
  ): StepRef<HttpAnswer<Body<S>> | M | Missing<If, F>>

  /** Runs another workflow as a part of this run. */
  call<T extends WorkflowTypes, If extends Condition = never, F extends FailureWord = never>(
    id: string,
    workflow: TypedWorkflow<T>,
    input: PlainGiven<NoInfer<T['input']>>,
    options?: CallOptions<NoInfer<T['output']>, If, F>,
  ): StepRef<T['output'] | M | Missing<If, F>>

  /** Starts another workflow as a run of its own. */
  start<
    T extends WorkflowTypes,
    W extends boolean = never,
    If extends Condition = never,
    F extends FailureWord = never,
  >(
    id: string,
    workflow: TypedWorkflow<T>,
    input: PlainGiven<NoInfer<T['input']>>,
    options?: StartOptionsOf<Started<NoInfer<T['output']>, NoInfer<W>>, W, If, F>,
  ): StepRef<Started<T['output'], W> | M | Missing<If, F>>

  /** Computes values. */
  set<const V extends { readonly [name: string]: Value }, If extends Condition = never>(
    id: string,
    values: V,
    options?: BaseOptions<If>,
  ): StepRef<Out<V> | Missing<If, never>>

  /** Fails with `ASSERTION_FAILED` unless its condition is true. */
  assert<If extends Condition = never>(
    id: string,
    condition: Condition,
    options?: BaseOptions<If> & { readonly message?: Given<string> },
  ): StepRef<undefined>
}

type Body<S> = [S] extends [never] ? unknown : S extends StandardSchema ? InputOf<S> : never
