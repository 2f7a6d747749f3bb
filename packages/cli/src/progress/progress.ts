import type { BlobRef, Definition, Failure, Json } from '@segno/schema'
import { declaredLists, type DeclaredStep } from './step-index.ts'

/** What a step, or one pass of a loop, is doing. */
export type ProgressStatus =
  | 'pending'
  | 'running'
  | 'retrying'
  | 'waiting'
  | 'blocked'
  | 'cancelling'
  | 'completed'
  | 'failed'
  | 'skipped'
  | 'cancelled'

/** One occurrence of a step, or one pass of a loop, as its events tell it. */
export interface StepProgress {
  readonly path: string
  /** What a row calls it: the id, with the number of the pass in a loop. */
  readonly label: string
  /** None for a pass of a loop. */
  readonly declared?: DeclaredStep
  readonly parent?: StepProgress
  status: ProgressStatus
  attempt: number
  /** The path that its last events tell: an operator's retry gives a step another one. */
  occurrence?: string
  startedAt?: number
  endedAt?: number
  failure?: Failure
  /** Why it was skipped or cancelled, or what it waits for. */
  note?: string
  /** The name of the signal that it waits for. */
  signal?: string
  /** When it goes on, or is ended, by itself. */
  due?: number
  /** `forEach`: how many items; `repeat`: the bound. */
  passes?: number
  children: StepProgress[]
}

/** The status of a run that is not over. */
export type RunProgressStatus = 'queued' | 'running' | 'cancelling' | 'completed' | 'failed' | 'cancelled'

/** A run as its events tell it. Folded by `advance`, and by nothing else. */
export interface Progress {
  readonly workflow: string
  readonly version?: string
  readonly lists: ReadonlyMap<string, readonly DeclaredStep[]>
  runId: string
  status: RunProgressStatus
  /** `seq` of the last event. */
  seq: number
  startedAt: number
  endedAt?: number
  /** Of a completed run: itself, or where it is kept beside the journal because it is so large. */
  output?: Json
  outputBlob?: BlobRef
  failure?: Failure
  reason?: string
  /** Why nothing new starts. */
  held?: string
  paused: boolean
  /** The steps of the workflow itself. */
  readonly children: StepProgress[]
  /** Steps and passes by path, in the order in which they came. */
  readonly steps: Map<string, StepProgress>
  /** How many steps, passes not counted, are in each status. */
  readonly counts: Record<ProgressStatus, number>
  /** What is neither pending nor over. */
  readonly live: Set<StepProgress>
}

/** A run before its first event. */
export function newProgress(definition: Definition): Progress {
  return {
    workflow: definition.name,
    ...(definition.version !== undefined && { version: definition.version }),
    lists: declaredLists(definition),
    ...{ runId: '', status: 'queued', seq: 0, startedAt: 0, paused: false, children: [] },
    steps: new Map(),
    counts: {
      ...{ pending: 0, running: 0, retrying: 0, waiting: 0, blocked: 0, cancelling: 0 },
      ...{ completed: 0, failed: 0, skipped: 0, cancelled: 0 },
    },
    live: new Set(),
  }
}

/**
 * Whether the run cannot go on by itself: what is not over is blocked or
 * awaits a signal, and no time limit ends the wait.
 */
export function isStuck(progress: Progress): boolean {
  if (progress.status !== 'running') return false
  const held = progress.held !== undefined || progress.paused
  let stopped = held
  for (const step of progress.live) {
    if (isAtWork(step)) return false
    // Of a held run, nothing that is due starts.
    if (!held && (step.due !== undefined || step.status === 'retrying')) return false
    if (step.status === 'blocked' || step.status === 'waiting') stopped = true
  }
  return stopped
}

// A block, or a pass of a loop, does nothing itself: what is inside does.
function isAtWork(step: StepProgress): boolean {
  return step.status === 'running' && step.children.length === 0 && step.declared !== undefined
}

/**
 * The step that a failed run failed at: the deepest one that failed with the
 * run's own failure; the first of them in the order of the journal.
 */
export function failedStep(progress: Progress): StepProgress | undefined {
  const { failure } = progress
  if (failure === undefined) return undefined
  let list: readonly StepProgress[] = progress.children
  let found: StepProgress | undefined
  for (;;) {
    const next = list.find(
      (step) =>
        step.status === 'failed' && step.failure?.code === failure.code && step.failure.message === failure.message,
    )
    if (next === undefined) return found
    if (next.declared !== undefined) found = next
    list = next.children
  }
}
