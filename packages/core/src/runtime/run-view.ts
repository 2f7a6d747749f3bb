import type { Because, BlobRef, Failure, Json } from '@segno/schema/plan'
import type { RunStatus } from '../ports/storage.ts'

/** A step of the outermost list as expressions see it. */
export interface ViewedStep {
  /** `pending`, `running`, `waiting`, `completed`, `failed`, `skipped` or `cancelled`. */
  readonly status: string
  /** Attempts begun so far. */
  readonly attempts: number
  /** Kept only where something reads it. */
  readonly output?: Json
  /** An output above 16 KiB, where values were not asked for. */
  readonly outputBlob?: BlobRef
  readonly failure?: Failure
  /** Epoch ms by the store's clock. */
  readonly startedAt?: number
  readonly endedAt?: number
}

/** What a run waits for. `path` is that of the step; instants are epoch ms by the store's clock. */
export type ViewedWait =
  /** One of these signals; `until` is when the wait fails, or a state machine goes on by itself. */
  | {
      readonly kind: 'signal'
      readonly path: string
      readonly names: readonly string[]
      readonly until?: number
    }
  | {
      readonly kind: 'timer'
      readonly path: string
      readonly due: number
      readonly purpose: 'sleep' | 'retry' | 'pause'
    }
  /** A person's answer: `tasks()` has what is asked. */
  | { readonly kind: 'task'; readonly path: string; readonly hash: string; readonly until?: number }
  /** The end of a run that it has started. */
  | { readonly kind: 'run'; readonly path: string; readonly runId: string; readonly until?: number }

/** What an operator has to help with: a step, or with the empty path the run as a whole. */
export interface ViewedBlock {
  readonly path: string
  readonly because: Because
}

/** A run as it stands: what it declares, as far as it is known. */
export interface RunView<Output = Readonly<Record<string, Json>>> {
  readonly id: string
  readonly workflow: string
  readonly status: RunStatus
  /** `seq` of the last event that it knows of. */
  readonly seq: number
  /** Epoch ms by the store's clock. */
  readonly createdAt: number
  /** The declared outputs that can be told already; of a run that has completed, all of them. */
  readonly output: Partial<Output>
  /** Of a run that failed. */
  readonly failure?: Failure
  /** Why it was cancelled, or is being cancelled. */
  readonly because?: Because
  /** The steps of the outermost list, by id. */
  readonly steps: Readonly<Record<string, ViewedStep>>
  /** The attempts under way. */
  readonly running: readonly { readonly path: string; readonly attempt: number; readonly handler: string }[]
  readonly waits: readonly ViewedWait[]
  readonly blocked: readonly ViewedBlock[]
  /** How far it is from its limits. */
  readonly usage: {
    readonly steps: { readonly started: number; readonly max: number }
    /** When `limits.duration` ends. */
    readonly deadline?: number
    /** Signals that no step has taken yet, also those that it has not read. */
    readonly signals: number
  }
}
