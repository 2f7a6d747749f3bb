import type { BlobRef, Definition, Failure, Json } from '@segno/schema'
import { declaredLists, type DeclaredStep, type Lists } from './step-index.ts'

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
  /** None for a pass of a loop, and for a state that a machine has entered. */
  readonly declared?: DeclaredStep
  readonly parent?: StepProgress
  status: ProgressStatus
  attempt: number
  /** The path that its last events tell: an operator's retry gives a step another one. */
  occurrence?: string
  startedAt?: number
  endedAt?: number
  failure?: Failure
  /** What it asks of the world: the request, the files, the signal. */
  about?: string | undefined
  /** Why it was skipped or cancelled, or what it waits for. */
  note?: string
  /** The names of the signals of which it waits for one. */
  signals?: readonly string[]
  /** Whether it waits for the answer of a person. */
  asked?: true
  /** When it goes on by itself. */
  due?: number
  /** When it is ended by itself. */
  deadline?: number
  /** Of a state machine: the state that it is in, and the pass through it. */
  state?: { readonly name: string; readonly pass: StepProgress }
  /** Whether what completed inside is being taken back. */
  undoing?: true
  /** `forEach`: how many items; `repeat`: the bound. */
  passes?: number
  /** Of a loop: the items that are to be done again, how many were before its present attempt and up to now, and the rows of those. */
  redo?: { readonly items: Set<number>; before: number; count: number; readonly rows: Map<number, string> }
  children: StepProgress[]
}

/** The status of a run that is not over. */
export type RunProgressStatus = 'queued' | 'running' | 'cancelling' | 'completed' | 'failed' | 'cancelled'

/** A run that a step has started. */
export interface ChildProgress {
  readonly runId: string
  /** Of the step. */
  readonly path: string
  /** Whether it goes on when this run ends, and this run does not hear how it ends. */
  readonly isLetGo: boolean
  /** How it ended, as far as this run has heard. */
  outcome?: 'completed' | 'failed' | 'cancelled'
}

/** A run as its events tell it. Folded by `advance`, and by nothing else. */
export interface Progress {
  readonly workflow: string
  readonly version?: string
  readonly lists: Lists
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
  /** Whether what completed is being taken back, because the run has failed or is cancelled. */
  undoing: boolean
  /** The steps of the workflow itself. */
  readonly children: StepProgress[]
  /** Steps and passes by path, in the order in which they came. */
  readonly steps: Map<string, StepProgress>
  /** How many steps, passes not counted, are in each status. */
  readonly counts: Record<ProgressStatus, number>
  /** What is neither pending nor over. */
  readonly live: Set<StepProgress>
  /** The runs that its steps have started, by id. */
  readonly runs: Map<string, ChildProgress>
}

/** A run before its first event. */
export function newProgress(definition: Definition): Progress {
  return {
    workflow: definition.name,
    ...(definition.version !== undefined && { version: definition.version }),
    lists: declaredLists(definition),
    ...{ runId: '', status: 'queued', seq: 0, startedAt: 0, paused: false, undoing: false, children: [] },
    steps: new Map(),
    counts: {
      ...{ pending: 0, running: 0, retrying: 0, waiting: 0, blocked: 0, cancelling: 0 },
      ...{ completed: 0, failed: 0, skipped: 0, cancelled: 0 },
    },
    live: new Set(),
    runs: new Map(),
  }
}

/**
 * Whether the run cannot go on by itself: what is not over is blocked, awaits a
 * signal or an answer, and no time limit ends the wait. Where it waits for runs
 * that it has started, that is so as long as none of those can go on.
 */
export function isStuck(progress: Progress): boolean {
  if (progress.status !== 'running') return false
  const held = progress.held !== undefined || progress.paused
  let stopped = held || awaitedRuns(progress).length > 0
  for (const step of progress.live) {
    if (isAtWork(step)) return false
    // Of a held run, nothing that is due starts.
    const goesOn = step.due !== undefined || step.deadline !== undefined || step.status === 'retrying'
    if (!held && goesOn) return false
    if (step.status === 'blocked' || step.status === 'waiting') stopped = true
  }
  return stopped
}

/** The ids of the runs that it has started, and that have not ended as far as it has heard, but for those that it let go of. */
export function awaitedRuns({ runs }: Progress): readonly string[] {
  return [...runs.values()].flatMap(({ runId, outcome, isLetGo }) => (outcome === undefined && !isLetGo ? [runId] : []))
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
