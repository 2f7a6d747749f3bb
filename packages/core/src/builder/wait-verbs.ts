import type { TypedQuestion } from './question.ts'
import type { Condition, Given, Ref, StepMark, StepRef } from './reference.ts'
import type { TypedSignal } from './signal.ts'
import type { FailureWord, Missing, TimedOptions } from './step-options.ts'

/** Steps that wait, `emit` and `reply`. */
export interface WaitVerbs<M> {
  /** Waits for a while: `10m`, or what gives such a text. */
  sleep<If extends Condition = never, F extends FailureWord = never>(
    id: string,
    duration: Given<string>,
    options?: TimedOptions<undefined, If, F>,
  ): StepRef<undefined>

  /** Waits until an instant: RFC 3339 text, or what gives one. */
  sleepUntil<If extends Condition = never, F extends FailureWord = never>(
    id: string,
    instant: Given<string>,
    options?: TimedOptions<undefined, If, F>,
  ): StepRef<undefined>

  /** Waits for a signal, and gives its data. One for whose data `where` is false is left for others. */
  waitFor<Data, If extends Condition = never, F extends FailureWord = never>(
    id: string,
    signal: TypedSignal<Data>,
    options?: TimedOptions<NoInfer<Data>, If, F> & {
      readonly where?: (data: Ref<NoInfer<Data>>) => Condition
      /** The name of the signal where it depends on values; that of the signal unless given. */
      readonly name?: Given<string>
    },
  ): StepRef<Data | M | Missing<If, F>>

  /** Asks a person. */
  ask<Output, If extends Condition = never, F extends FailureWord = never>(
    id: string,
    question: TypedQuestion<unknown, Output>,
    shown: Shown,
    options?: TimedOptions<NoInfer<Output>, If, F>,
  ): StepRef<Output | M | Missing<If, F>>

  /** Waits until files are there. */
  watch<If extends Condition = never, F extends FailureWord = never>(
    id: string,
    watch: { readonly glob: Given<string>; readonly minCount?: Given<number>; readonly every?: Given<string> },
    options?: TimedOptions<WatchedFiles, If, F>,
  ): StepRef<WatchedFiles | M | Missing<If, F>>

  /** Sends a signal: to who listens to this run, or to the run of which `to` is the id. */
  emit<Data, If extends Condition = never, F extends FailureWord = never>(
    id: string,
    signal: TypedSignal<Data>,
    data: Given<NoInfer<Data>>,
    options?: TimedOptions<undefined, If, F> & {
      readonly to?: Given<string>
      /** The name of the signal where it depends on values; that of the signal unless given. */
      readonly name?: Given<string>
    },
  ): StepRef<undefined>

  /**
   * Answers whoever sent the signal that a `waitFor` took: the result of it, as `waitFor`
   * gave it. Inside of a state machine, `'signal'` is what led to the state.
   */
  reply<If extends Condition = never, F extends FailureWord = never>(
    id: string,
    to: StepMark | 'signal',
    data?: unknown,
    options?: TimedOptions<undefined, If, F>,
  ): StepRef<undefined>
}

/** What a person is shown. */
export interface Shown {
  readonly title: Given<string>
  readonly body?: Given<string>
  readonly assignees?: readonly Given<string>[]
  /** What the question is about: any value. */
  readonly subject?: unknown
}

/** What `watch` gives. */
export interface WatchedFiles {
  readonly files: readonly string[]
}
