import type { EffectClass, InputProperty } from './definition.ts'
import type { Failure } from './failure.ts'
import type { Json } from './json.ts'

/**
 * Names one occurrence of a step in a run: `outer[3]/inner[0]~2/step`. `[n]` is
 * the iteration or item, `~n` the block's attempt or the operator's retry from
 * the second on. The run itself is the empty path.
 */
export type StepPath = string

/** A value of more than 16 KiB, kept beside the journal and addressed by its content. */
export interface BlobRef {
  /** Lower-case hex over the UTF-8 bytes of the JSON text. */
  readonly sha256: string
  /** Bytes of that text. */
  readonly size: number
}

/** Why something happened that was not the step's own doing. */
export interface Because {
  readonly code: string
  readonly message?: string
  readonly details?: Json
}

/** The handler that a run was created with. Another major version blocks the run. */
export interface HandlerPin {
  readonly version: string
  /** What a step gets that does not say otherwise. */
  readonly effect?: EffectClass
}

/** What a forked run knows of a step that completed in the run before it. */
export interface ReusedStep {
  /** sha256 of the JSON text of its input: only the same input gives the same output. None for waits. */
  readonly input?: string
  readonly output?: Json
  readonly outputBlob?: BlobRef
  readonly exitCode?: number
  /** Whoever forked the run said what the step gives: whatever its input is, and nothing is done for it. */
  readonly edited?: true
}

/** How a child run ended. */
export interface ChildOutcome {
  readonly status: 'completed' | 'failed' | 'cancelled'
  readonly output?: Json
  readonly outputBlob?: BlobRef
  readonly failure?: Failure
  readonly because?: Because
}

/** What a step that completed, or may have happened, leaves for the step that takes it back. */
export interface Undoable {
  /** The input of its `undo`, evaluated now: later, what it reads may be gone. */
  readonly undo?: Json
  readonly undoBlob?: BlobRef
  /** Why that input could not be evaluated. */
  readonly undoFailure?: Failure
}

/** What every event has. `at` is epoch ms by the store's clock. */
export interface EventEnvelope {
  /** From 1, without a gap, per run. */
  readonly seq: number
  readonly v: 1
  readonly at: number
  readonly runId: string
}

/** The facts of a run, by type. A value above 16 KiB stands in the `…Blob` field instead. */
export interface EventPayloads {
  'run.created': {
    readonly plan: string
    readonly workflow: string
    readonly incarnation: string
    readonly engine: string
    readonly input?: Json
    readonly inputBlob?: BlobRef
    readonly labels: Readonly<Record<string, string>>
    readonly handlers: Readonly<Record<string, HandlerPin>>
    /** The step that started it; `awaited` where that run has to be told how this one ends. */
    readonly parent?: { readonly runId: string; readonly path: StepPath; readonly awaited?: true }
    /** When `limits.duration` ends. */
    readonly deadline?: number
    /** The run that this one does again, and what of it counts here too. */
    readonly forkedFrom?: {
      readonly runId: string
      /** The step from which on nothing was reused. */
      readonly at?: StepPath
      /** Who forked it. */
      readonly by?: string
    }
    readonly reuse?: Readonly<Record<StepPath, ReusedStep>>
    readonly reuseBlob?: BlobRef
    /** A step whose failure would fail the run blocks it instead. */
    readonly onFailure?: 'block'
  }
  /** A process took the run over from one that had not let go of it. */
  'run.adopted': { readonly token: number }
  'run.blocked': { readonly because: Because }
  'run.unblocked': { readonly because: Because }
  /** How a child run ends, before its parent is told: it ends once that is done. */
  'run.settled': ChildOutcome
  'run.completed': { readonly output?: Json; readonly outputBlob?: BlobRef }
  'run.failed': { readonly failure: Failure }
  'run.cancelled': { readonly because: Because }

  /** A block opens, or a wait begins. `attempt` counts a block's own retries. */
  'step.started': {
    readonly path: StepPath
    readonly attempt: number
    readonly deadline?: number
    /** `forEach`: the list, evaluated once. */
    readonly items?: readonly Json[]
    readonly itemsBlob?: BlobRef
    /** `forEach`: how many items there are. */
    readonly count?: number
    /** `forEach`, `parallel`: how many at a time. */
    readonly concurrency?: number
    /** `repeat`: the bound. */
    readonly max?: number
    /** `repeat` with `initial`: the first `previous`. */
    readonly initial?: Json
    readonly initialBlob?: BlobRef
    /** `waitFor`: the name awaited. */
    readonly signal?: string
    /** `call`, `start`: the input of the other workflow, with its defaults. */
    readonly input?: Json
    readonly inputBlob?: BlobRef
    /** `start`: the id of the run that is to be. */
    readonly child?: string
  }
  'step.completed': Undoable & {
    readonly path: StepPath
    readonly output?: Json
    readonly outputBlob?: BlobRef
    /** `exec`, `run`: 0. A process that fails has it in the details of its failure. */
    readonly exitCode?: number
    /** It completed in the run that this one was forked from, with the same input; nothing was done again. */
    readonly reused?: true
  }
  /** `attempt` is 0 where no attempt was made: an input or a condition failed. */
  'step.failed': Undoable & { readonly path: StepPath; readonly attempt: number; readonly failure: Failure }
  'step.skipped': { readonly path: StepPath; readonly because: Because }
  'step.cancelled': Undoable & { readonly path: StepPath; readonly because: Because; readonly failure?: Failure }
  'step.blocked': { readonly path: StepPath; readonly attempt: number; readonly failure: Failure }

  'attempt.started': {
    readonly path: StepPath
    readonly attempt: number
    /** Of the lease that started it. */
    readonly token: number
    readonly effect: EffectClass
    readonly key: string
    readonly deadline?: number
    /** With the first attempt only; later ones get the same. */
    readonly input?: Json
    readonly inputBlob?: BlobRef
  }
  /** An attempt that failed and will be made again at `retryAt`: of a step, or of a block as a whole. */
  'attempt.failed': {
    readonly path: StepPath
    readonly attempt: number
    readonly failure: Failure
    readonly retryAt: number
  }
  /** An attempt whose process is gone. Uses up no retry. */
  'attempt.lost': { readonly path: StepPath; readonly attempt: number; readonly token: number }
  /** An attempt that did not stop within its grace period; its outcome is unknown. */
  'attempt.abandoned': { readonly path: StepPath; readonly attempt: number }

  /**
   * Which list a block runs: `do`, `else`, a case, `default`, `catch[n]`, `finally`; `none` for neither. `undo`: what
   * completed inside is taken back, newest first.
   */
  'branch.taken': {
    readonly path: StepPath
    readonly branch: string
    /** What decided: the value of `if` or `match`, or the failure code caught. */
    readonly value?: Json
    /** `catch`, `finally`: the failure that they see, where it is not that of the list before: a retry's own delay. `undo`: what the block fails with, where its list did not. */
    readonly failure?: Failure
    /** `undo`: of one item alone. */
    readonly index?: number
    readonly attempt: number
    readonly deadline?: number
  }
  'iteration.started': { readonly path: StepPath; readonly index: number }
  'iteration.completed': {
    readonly path: StepPath
    readonly index: number
    readonly output?: Json
    readonly outputBlob?: BlobRef
    /** `repeat`: whether `until` was met. */
    readonly done?: boolean
  }
  'iteration.failed': { readonly path: StepPath; readonly index: number; readonly failure: Failure }
  'iteration.cancelled': { readonly path: StepPath; readonly index: number }

  /** A state machine enters a state: its first, by `next`, on a signal, or after a time. */
  'state.entered': {
    readonly path: StepPath
    readonly state: string
    /** Counts the states entered, from 0. */
    readonly index: number
    readonly by: 'initial' | 'next' | 'signal' | 'after'
    /** The name of the signal, and its data. */
    readonly signal?: string
    readonly data?: Json
    readonly dataBlob?: BlobRef
  }

  'timer.set': { readonly path: StepPath; readonly due: number; readonly purpose: TimerPurpose }
  'timer.fired': { readonly path: StepPath; readonly purpose: TimerPurpose }

  'signal.received': {
    readonly id: string
    readonly name: string
    readonly data?: Json
    readonly dataBlob?: BlobRef
    readonly sender?: string
  }
  'signal.consumed': { readonly path: StepPath; readonly id: string }
  'signal.ignored': { readonly id: string; readonly because: Because }

  /** A step replied to a signal: `id` is that of the message. Each has one reply at most. */
  'signal.replied': {
    readonly path: StepPath
    readonly id: string
    readonly data?: Json
    readonly dataBlob?: BlobRef
  }

  /** A step sent a signal to whoever listens to this run. */
  'signal.emitted': {
    readonly path: StepPath
    readonly name: string
    readonly data?: Json
    readonly dataBlob?: BlobRef
  }

  /** A person is asked. `hash` is over exactly what is shown, and an answer names it. */
  'task.asked': {
    readonly path: StepPath
    readonly attempt: number
    readonly hash: string
    readonly title: string
    readonly body?: string
    readonly choices?: readonly string[]
    readonly form?: Readonly<Record<string, InputProperty>>
    readonly assignees?: readonly string[]
    readonly subject?: Json
    readonly subjectBlob?: BlobRef
    readonly deadline?: number
  }
  /** `answer` is what the step gives: `choice` or `form`, `by`, `at`, `comment`. */
  'task.answered': {
    readonly path: StepPath
    readonly id: string
    readonly answer?: Json
    readonly answerBlob?: BlobRef
  }

  /** The run of a `start` step exists. */
  'child.started': { readonly path: StepPath; readonly child: string }
  'child.settled': ChildOutcome & { readonly path: StepPath; readonly child: string }

  'cancel.requested': {
    readonly id: string
    readonly because: Because
    readonly force: boolean
    readonly actor?: string
  }
  'operator.acted': {
    readonly id: string
    readonly action: 'pause' | 'resume' | 'retry' | 'raise' | 'skip' | 'override' | 'migrate'
    readonly actor?: string
    /** Why, in the words of whoever did it. */
    readonly reason?: string
    /** `retry`, `skip`, `override`: the step; `retry` all that are blocked unless given. */
    readonly path?: StepPath
    /** `retry` of a step that has failed and was passed over: the occurrences that are done again, that one first. */
    readonly again?: readonly StepPath[]
    /** `override`: what the step gives. */
    readonly output?: Json
    readonly outputBlob?: BlobRef
    readonly before?: Json
    readonly after?: Json
    /** What the action could not do, and why; nothing was changed then. */
    readonly refused?: Because
  }
  /** The run goes by another plan from here on. */
  'plan.migrated': {
    readonly id: string
    readonly from: string
    readonly to: string
    /** Those of before, and those that the new plan adds. */
    readonly handlers: Readonly<Record<string, HandlerPin>>
    /** The input of the run with what the new plan adds to it by default, where it adds anything. */
    readonly input?: Json
    readonly inputBlob?: BlobRef
    readonly actor?: string
    readonly reason?: string
  }
}

/** What a timer is for. `grace` ends the wait for a handler that was told to stop. */
export type TimerPurpose = 'sleep' | 'every' | 'after' | 'timeout' | 'retry' | 'grace' | 'duration'

/** The type of an event: dotted, past tense. */
export type EventType = keyof EventPayloads

/** One fact of a run, of a given type. */
export type EventOf<T extends EventType> = {
  readonly [K in T]: EventEnvelope & { readonly type: K } & EventPayloads[K]
}[T]

/** One fact of a run. Its meaning never changes; a new meaning is a new `v`. */
export type RunEvent = EventOf<EventType>
