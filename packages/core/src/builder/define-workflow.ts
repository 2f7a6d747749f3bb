import type { Defaults, Definition, Json, Limits } from '@segno/schema/plan'
import { buildWorkflow } from './build-workflow.ts'
import type { GivenHeader } from './build-workflow.ts'
import type { StandardSchema } from '../runtime/handler.ts'
import type { Ended, Given } from './reference.ts'
import type { Fielded, Filled, InputOf, Seen, Whole } from './schema-types.ts'
import type { ScopeTypes, WorkflowScope } from './scope.ts'
import type { TypedSignal } from './signal.ts'
import type { TypedWorkflow } from './typed-workflow.ts'

/** What a workflow says of itself, beside its steps. */
export interface WorkflowHeader<I, O, G, N> {
  readonly version?: string
  readonly description?: string
  /** What a run is given: a schema for each input, or one of an object. */
  readonly input?: I
  /** What a run gives: a schema for each output, or one of an object. */
  readonly output?: O
  /** Signals that hosts may send by their name: a schema for the data of each, or the signal itself. */
  readonly signals?: G
  /** Names of secrets that steps use. */
  readonly secrets?: readonly N[]
  /** For every `uses`, `exec`, `run` and `http` step that does not say otherwise. */
  readonly defaults?: Defaults
  readonly limits?: Limits
  readonly labels?: Readonly<Record<string, string>>
  readonly on?: NonNullable<Definition['on']>
  readonly [extension: `x-${string}`]: Json
}

/** Signals by name. */
export type Signals = Readonly<Record<string, StandardSchema | TypedSignal<unknown>>>

/** The data of signals by name. */
export type SignalData<G> = {
  readonly [K in keyof G]: G[K] extends StandardSchema ? InputOf<G[K]> : G[K] extends TypedSignal<infer D> ? D : never
}

interface Types<I, O, G, N extends string> extends ScopeTypes {
  readonly input: Seen<I>
  readonly output: Whole<O>
  readonly signals: SignalData<G>
  readonly secrets: N
}

/** The types of a workflow, as hosts and callers know it. */
export interface TypesOf<I, O, G> {
  readonly input: Filled<I>
  readonly output: Whole<O>
  readonly signals: SignalData<G>
}

/** What the callback of a workflow returns: its outputs, as far as it has some. */
export type Returned<O> = keyof Whole<O> extends never ? unknown : Given<Whole<O>> | Ended

/** No fields. */
export type None = Readonly<Record<never, never>>

/**
 * A workflow, written with types: `build` calls the verbs of `w`, each of which adds
 * a step and gives a reference to what the step will give. It gives the same
 * definition as YAML does. What `build` returns are the outputs. It is called once,
 * at once, and decides nothing at run time. Throws `ARGUMENT_INVALID` for what
 * cannot be written down; the rest is checked when a run is started.
 */
export function defineWorkflow<
  I extends Fielded = None,
  O extends Fielded = None,
  G extends Signals = None,
  const N extends string = never,
>(
  name: string,
  header: WorkflowHeader<I, O, G, N>,
  build: (w: WorkflowScope<Types<I, O, G, N>>) => Returned<O>,
): TypedWorkflow<TypesOf<I, O, G>>
export function defineWorkflow(
  name: string,
  header: WorkflowHeader<Fielded, Fielded, Signals, string>,
  build: (w: never) => unknown,
): TypedWorkflow {
  return buildWorkflow(name, header as GivenHeader, build as (w: object) => unknown)
}
