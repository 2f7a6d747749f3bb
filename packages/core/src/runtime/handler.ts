import type { EffectClass, Json } from '@segno/schema/plan'
import type { Sql } from '../ports/storage.ts'

/** What a handler gets beside its input. */
export interface HandlerContext {
  readonly runId: string
  /** The occurrence of the step, such as `loop[3]/review`. */
  readonly path: string
  /** From 1; 2 and more are retries and attempts after a crash. */
  readonly attempt: number
  /** The same for every attempt of this occurrence, never for another: give it to the outside world. */
  readonly idempotencyKey: string
  /** Aborted with a coded reason (`reason.code`) when the attempt has to stop; 5 s later it is given up. */
  readonly signal: AbortSignal
  /**
   * Values of the secrets that the step, or a block around it, lists in `secrets`.
   * Rejects for any other, and for one that the host has no value for. Masked in
   * all that the handler returns, throws and logs.
   */
  readonly secrets: { get(name: string): Promise<string> }
  /**
   * SQL in the database of the store, for a step with `effect: tx`: what is written is committed
   * with the record that the step completed, or not at all. Absent for all other steps.
   */
  readonly sql?: Sql
  /** To the engine's logger, with run, path and attempt. */
  readonly log: (message: string, details?: Json) => void
}

/** Performs attempts of a step. Never replayed: it is called once per attempt. */
export type Handler<Input = never, Output = unknown> = (
  context: HandlerContext,
  input: Input,
) => Promise<Output> | Output

/**
 * A validator as the Standard Schema specification (version 1) defines it: what
 * zod, valibot and arktype schemas are.
 */
export interface StandardSchema<Output = unknown, Input = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a Standard Schema's `validate` gives. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
      }[]
    }

/** A handler with its contract. */
export interface HandlerDefinition<Input = unknown, Output = unknown> {
  /** Semantic version; runs in flight refuse another major one. That of its plugin, or else `1.0.0`, unless given. */
  readonly version?: string
  /** For tools that list handlers: a name for people. */
  readonly title?: string
  /** For tools that list handlers: what it does, and for what. */
  readonly description?: string
  readonly input?: StandardSchema<Input>
  readonly output?: StandardSchema<Output>
  /** What a step gets unless it says otherwise; `idempotent` unless given. */
  readonly effect?: EffectClass
  readonly perform: Handler<Input, Output>
}

/** A handler of any input and output, as an engine takes it: bare, or with its contract. */
export type AnyHandler =
  Handler<never, unknown> | (Omit<HandlerDefinition<never, unknown>, 'input'> & { readonly input?: StandardSchema })
