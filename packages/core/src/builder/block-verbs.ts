import type { FailureFacts } from './facts.ts'
import type { BlockOut, Condition, Expr, Given, Guard, Out, Ref, Returning, StepRef, Value } from './reference.ts'
import type { RepeatScope, StepScope, ScopeTypes, StateScope } from './scope.ts'
import type { BlockOptions, FailureWord, Missing } from './step-options.ts'

type Literal = string | number | boolean

/** What a `T` is as a key of cases. */
type Text<T> = `${T & (string | number | boolean)}`

// A case for what there is not is refused.
type NoOthers<N extends string, Keys> = { readonly [P in N]: P extends Keys ? unknown : never }

// Of any text or number there is no telling which it can be: that takes a default.
type Known<T> = string extends T ? never : number extends T ? never : Text<T>

/** The part of a union whose tag reads like `Key`. */
type Variant<U, Tag extends keyof U, Key> = U extends unknown ? (Text<U[Tag]> extends Key ? U : never) : never

/** What comes of the callbacks of a map. */
type Branches<K> = BlockOut<ReturnOf<K[keyof K]>>

type ReturnOf<F> = F extends (...given: never) => infer R ? R : never

/** The type of the items of a list. */
type ItemOf<L> = Out<L> extends readonly (infer E)[] ? E : never

/** A list, or what gives one. */
type GivenList = Expr<readonly unknown[]> | readonly Value[]

/** What each item gives where failures are values. */
export type Collected<Output> =
  { readonly ok: true; readonly output: Output } | { readonly ok: false; readonly failure: FailureFacts }

type Join = 'all' | 'any' | { readonly atLeast: number }

// Which of them complete is not known before they do.
type Racing<J> = [J] extends [never] ? never : J extends 'all' ? never : undefined

/** Steps that hold steps. Each callback gets its own `w`, for the steps inside; what it returns, the block gives. */
export interface BlockVerbs<C extends ScopeTypes, M> {
  /** A group. */
  do<const R, F extends FailureWord = never>(
    id: string,
    steps: (w: StepScope<C>) => R,
    options?: BlockOptions<BlockOut<NoInfer<R>>, never, F>,
  ): StepRef<BlockOut<R> | M | Missing<never, F>>

  /** One of two lists. A guard hands the value that it proves to the first of them. */
  if<T, const A, const B = undefined, F extends FailureWord = never>(
    id: string,
    condition: Guard<T>,
    then: (w: StepScope<C>, value: Ref<T>) => A,
    otherwise?: (w: StepScope<C>) => B,
    options?: BlockOptions<BlockOut<NoInfer<A>> | BlockOut<NoInfer<B>>, never, F>,
  ): StepRef<BlockOut<A> | BlockOut<B> | M | Missing<never, F>>
  if<const A, const B = undefined, F extends FailureWord = never>(
    id: string,
    condition: Condition,
    then: (w: StepScope<C>) => A,
    otherwise?: (w: StepScope<C>) => B,
    options?: BlockOptions<BlockOut<NoInfer<A>> | BlockOut<NoInfer<B>>, never, F>,
  ): StepRef<BlockOut<A> | BlockOut<B> | M | Missing<never, F>>

  /** One of several lists, by the tag of a union, with a case for each: a case gets the part of the union that it is for. */
  match<
    U extends object,
    Tag extends keyof U & string,
    N extends string,
    const K extends { readonly [P in Text<NoInfer<U>[NoInfer<Tag>]>]: unknown },
    L extends Literal,
    F extends FailureWord = never,
  >(
    id: string,
    value: Expr<U>,
    tag: Tag,
    cases: K & {
      readonly [P in N]: (w: StepScope<C>, value: Ref<Variant<U, Tag, P>>) => Returning<L>
    } & NoOthers<N, Text<NoInfer<U>[NoInfer<Tag>]>>,
    options?: BlockOptions<Branches<NoInfer<K>>, never, F>,
  ): StepRef<Branches<K> | M | Missing<never, F>>
  /** One of several lists, by a value, and one for all that has no case. */
  match<T extends Literal, const K, const D, L extends Literal, F extends FailureWord = never>(
    id: string,
    value: Expr<T>,
    cases: K & { readonly [P in Text<NoInfer<T>>]?: (w: StepScope<C>) => Returning<L> },
    options: BlockOptions<Branches<NoInfer<K>> | BlockOut<NoInfer<D>>, never, F> & {
      readonly default: (w: StepScope<C>) => D
    },
  ): StepRef<Branches<K> | BlockOut<D> | M | Missing<never, F>>
  /** One of several lists, by a value, with a case for each that it can be. */
  match<
    T extends Literal,
    N extends string,
    const K extends { readonly [P in Text<NoInfer<T>>]: unknown },
    L extends Literal,
    F extends FailureWord = never,
  >(
    id: string,
    value: Expr<T>,
    cases: K & { readonly [P in N]: (w: StepScope<C>) => Returning<L> } & NoOthers<N, Known<NoInfer<T>>>,
    options?: BlockOptions<Branches<NoInfer<K>>, never, F>,
  ): StepRef<Branches<K> | M | Missing<never, F>>

  /** Steps that run together, in the order of their `needs`. With a `join` of fewer than all, each may be missing. */
  parallel<const R, const J extends Join = never, F extends FailureWord = never, If extends Condition = never>(
    id: string,
    children: (w: StepScope<C, Racing<NoInfer<J>>>) => R,
    options?: BlockOptions<BlockOut<NoInfer<R>>, If, F> & ParallelOptions & { readonly join?: J },
  ): StepRef<BlockOut<R> | M | Missing<If, F>>
  /** Lists of steps that run together; what each gives, by its name. */
  parallel<
    L extends Literal,
    const K extends Readonly<Record<string, (w: StepScope<C>) => Returning<L>>>,
    F extends FailureWord = never,
    If extends Condition = never,
  >(
    id: string,
    children: K,
    options?: BlockOptions<{ [P in keyof NoInfer<K>]: BlockOut<ReturnOf<NoInfer<K>[P]>> }, If, F> & ParallelOptions,
  ): StepRef<{ [P in keyof K]: BlockOut<ReturnOf<K[P]>> } | M | Missing<If, F>>

  /** The same steps for each item of a list; gives a list in the same order. */
  forEach<
    const L extends GivenList,
    const R,
    B extends boolean = false,
    F extends FailureWord = never,
    If extends Condition = never,
  >(
    id: string,
    list: L,
    steps: (w: StepScope<C>, item: Ref<ItemOf<NoInfer<L>>>, index: Ref<number>) => R,
    options?: BlockOptions<Listed<NoInfer<R>, NoInfer<B>>, If, F> & {
      /** The name of the item in expressions; `item` unless given, or another where that is taken. */
      readonly as?: string
      /** How many items at a time; one unless given. */
      readonly concurrency?: Given<number>
      /** Whether failures are values; false unless given. */
      readonly collect?: B
    },
  ): StepRef<Listed<R, B> | M | Missing<If, F>>

  /** The same steps again, with a memory: `w.previous` is what the iteration before gave, and first `initial`. */
  repeat<const V extends Value, If extends Condition = never, F extends FailureWord = never>(
    id: string,
    loop: LoopOptions<Given<Remembered<NoInfer<V>>>> & { readonly initial: V },
    steps: (w: RepeatScope<C, Remembered<NoInfer<V>>>) => Given<Remembered<NoInfer<V>>>,
    options?: BlockOptions<Remembered<NoInfer<V>>, If, F>,
  ): StepRef<Remembered<V> | M | Missing<If, F>>
  /** The same steps again, a bounded number of times. */
  repeat<const R, const X extends Value = never, If extends Condition = never, F extends FailureWord = never>(
    id: string,
    loop: LoopOptions<X> & { readonly initial?: never },
    steps: (w: RepeatScope<C, undefined>) => R,
    options?: BlockOptions<BlockOut<NoInfer<R>> | Out<NoInfer<X>>, If, F>,
  ): StepRef<BlockOut<R> | Out<X> | M | Missing<If, F>>

  /** Steps whose failure is handled: by one callback, or by the first of some clauses that fits. */
  try<
    const R,
    L extends Literal,
    const K extends CatchHandler<C, L> | readonly CatchOptions<C, L>[],
    F extends FailureWord = never,
    If extends Condition = never,
  >(
    id: string,
    steps: (w: StepScope<C>) => R,
    handlers: { readonly catch: K; readonly finally?: FinallyHandler<C> },
    options?: BlockOptions<BlockOut<NoInfer<R>> | Caught<NoInfer<K>>, If, F>,
  ): StepRef<BlockOut<R> | Caught<K> | M | Missing<If, F>>
  /** Steps, and others that run once, whatever happened to them. */
  try<const R, F extends FailureWord = never, If extends Condition = never>(
    id: string,
    steps: (w: StepScope<C>) => R,
    handlers: { readonly finally: FinallyHandler<C>; readonly catch?: never },
    options?: BlockOptions<BlockOut<NoInfer<R>>, If, F>,
  ): StepRef<BlockOut<R> | M | Missing<If, F>>

  /** A state machine. It gives what the state returns in which it ends. */
  states<N extends string, const K, L extends Literal, F extends FailureWord = never, If extends Condition = never>(
    id: string,
    initial: NoInfer<N>,
    states: K & { readonly [P in N]: (w: StateScope<C, NoInfer<N>>) => Returning<L> },
    options?: BlockOptions<Final<NoInfer<K>>, If, F> & {
      /** How many states may be entered; 1,000 unless given. */
      readonly max?: number
    },
  ): StepRef<Final<K> | M | Missing<If, F>>
}

/** How children of a `parallel` run. */
export interface ParallelOptions {
  /** How many at a time; all at once unless given. */
  readonly concurrency?: Given<number>
  /** Whether the block stops as soon as it can no longer succeed; true unless given. */
  readonly failFast?: boolean
}

/** How a loop is bounded. */
export interface LoopOptions<X> {
  /** How many iterations at most. */
  readonly max: Given<number>
  /** The wait between two of them. */
  readonly every?: Given<string>
  /** What comes when `max` is reached: the failure `LOOP_EXHAUSTED`, unless given. */
  readonly onExhausted?: 'fail' | { readonly output: X }
}

type CatchHandler<C extends ScopeTypes, L> = (w: StepScope<C>, error: Ref<FailureFacts>) => Returning<L>

/** One handler of failures. */
export interface CatchOptions<C extends ScopeTypes, L = never> {
  /** Failure codes; without it, every failure. */
  readonly on?: readonly string[]
  /** The name of the failure in expressions; `error` unless given. */
  readonly as?: string
  readonly do: CatchHandler<C, L>
}

type FinallyHandler<C extends ScopeTypes> = (w: StepScope<C>, error: Ref<FailureFacts | null>) => unknown

type Caught<K> = K extends readonly { readonly do: infer D }[] ? BlockOut<ReturnOf<D>> : BlockOut<ReturnOf<K>>

type Listed<R, B> = B extends true ? Collected<BlockOut<R>>[] : BlockOut<R>[]

// The state that the machine ends in returns something, or fails: the builder sees to it.
type Final<K> = BlockOut<Exclude<ReturnOf<K[keyof K]>, void>>

/** The type of what a loop remembers: that of its `initial`, of which `0` stands for any number. */
type Remembered<V> = Widened<Out<V>>

type Widened<T> = T extends string
  ? string extends T
    ? T
    : string
  : T extends number
    ? number
    : T extends boolean
      ? boolean
      : T extends null
        ? null
        : { [K in keyof T]: Widened<T[K]> }
