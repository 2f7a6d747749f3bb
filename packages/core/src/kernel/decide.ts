import type { Because, BlobRef, Failure, Json, RunEvent } from '@segno/schema/plan'
import { adopt } from './adopt.ts'
import type { Deciding, KnownPlan } from './deciding.ts'
import { emit } from './deciding.ts'
import { childCreated } from './children.ts'
import type { CreationOutcome } from './children.ts'
import { parentTold } from './end-run.ts'
import { attemptSettled } from './attempts.ts'
import type { Blob } from './kept.ts'
import { takeMessages } from './messages.ts'
import type { Message } from './messages.ts'
import type { Plan } from './plan.ts'
import { KernelScope } from './scope.ts'
import type { LoadedBlobs } from './scope.ts'
import { settleAgenda } from './settle.ts'
import { isTerminal } from './state.ts'
import type { AttemptName, RunState } from './state.ts'
import { tick } from './tick.ts'

/** How an attempt ended, as its driver saw it. */
export type AttemptOutcome =
  | {
      readonly kind: 'completed'
      readonly output?: Json
      readonly outputBlob?: Blob
      /** Of a process. */
      readonly exitCode?: number
    }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** No handler could be called: nothing was tried. */
  | { readonly kind: 'impossible'; readonly failure: Failure }

/** Something that happened, for the kernel to say what follows. */
export type Input =
  | { readonly type: 'continue' }
  /** Time has passed: fires what is due. */
  | { readonly type: 'tick' }
  /** The run cannot go on by itself: a value that it needs is lost. Holds it until an operator says otherwise. */
  | { readonly type: 'stuck'; readonly because: Because }
  | { readonly type: 'messages'; readonly messages: readonly Message[] }
  | { readonly type: 'settled'; readonly path: string; readonly attempt: number; readonly outcome: AttemptOutcome }
  /** What became of the creation, or the stopping, of a child run. */
  | { readonly type: 'child'; readonly runId: string; readonly outcome: CreationOutcome }
  /** The parent of this run knows how it ends. */
  | { readonly type: 'told' }
  /**
   * This driver has taken the run over; `crashed` if the one before had not let go of it.
   * `undone` is an attempt of its own whose transaction was not committed: that is a crash too, if a small one.
   */
  | { readonly type: 'adopted'; readonly crashed: boolean; readonly undone?: AttemptName | undefined }

/** The values that come from outside: the kernel has neither clock nor chance. */
export interface Circumstances {
  /** Epoch ms by the store's clock. */
  readonly now: number
  /** Of the lease under which the events are written. */
  readonly token: number
  /** For jitter. What is drawn is recorded, so folding draws nothing. */
  readonly seed: number
  /** Values beside the journal that are at hand, by sha256. The kernel adds those it makes. */
  readonly blobs: LoadedBlobs
  /** Plans that messages in the input want the run to be migrated to. */
  readonly plans?: Pick<ReadonlyMap<string, KnownPlan>, 'get'>
  /** Records what happened and starts nothing: the driver is about to stop. */
  readonly hold?: boolean
}

/**
 * What follows: events, already folded into the state, and the blobs that they
 * name. With `need`, nothing has changed: load these values and ask again.
 */
export interface Decision {
  readonly events: readonly RunEvent[]
  readonly blobs: readonly Blob[]
  readonly need: readonly BlobRef[]
  /** The latest instant for which a timer fired; 0 if none did. The store refuses the batch before it. */
  readonly notBefore: number
}

/**
 * All policy of a run: what follows from `input`, with every retry, choice and
 * consequence, as events. Pure but for `state`, into which each event is folded
 * as it is emitted. A run that has ended decides nothing.
 */
export function decide(plan: Plan, state: RunState, input: Input, circumstances: Circumstances): Decision {
  const { now, token, seed, blobs } = circumstances
  const deciding: Deciding = {
    plan,
    state,
    now,
    token,
    scope: new KernelScope(plan, state, blobs),
    loaded: blobs,
    plans: circumstances.plans ?? new Map(),
    events: nothing,
    blobs: nothing,
    seed,
    need: nothing,
    notBefore: 0,
  }
  if (!isTerminal(state)) {
    apply(deciding, input)
    const mayGoOn = circumstances.hold !== true && deciding.need.length === 0
    if (mayGoOn) settleAgenda(deciding)
  }
  // A value that is missing in the middle stops the slice there; it is asked for when nothing else is left to write.
  const need = deciding.events.length === 0 ? deciding.need : nothing
  return { events: deciding.events, blobs: deciding.blobs, need, notBefore: deciding.notBefore }
}

// Lists grow by copies as long as they are short: nobody adds to this one.
const nothing: never[] = []

function hold(deciding: Deciding, because: Because): void {
  const { state } = deciding
  if (state.status === 'active' && state.blocked === undefined) emit(deciding, 'run.blocked', { because })
}

function apply(deciding: Deciding, input: Input): void {
  switch (input.type) {
    case 'continue':
      return
    case 'tick':
      return tick(deciding)
    case 'messages':
      return takeMessages(deciding, input.messages)
    case 'settled':
      return attemptSettled(deciding, input.path, input.attempt, input.outcome)
    case 'stuck':
      return hold(deciding, input.because)
    case 'child':
      return childCreated(deciding, input.runId, input.outcome)
    case 'told':
      return parentTold(deciding)
    case 'adopted':
      return adopt(deciding, input)
    default:
      return input satisfies never
  }
}
