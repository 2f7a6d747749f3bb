import type { Because, EffectClass, Failure, HandlerPin, StepPath } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { FewMap } from './few-map.ts'
import type { FewSet } from './few-map.ts'
import type { Kept } from './kept.ts'
import type { RunStatus, StepStatus } from './life-cycle.ts'
import type { PlanList, PlanNode, StartNode } from './plan.ts'
import { Timers } from './timers.ts'
import type { UndoRecord } from './undo.ts'

/** How a list of steps, or a block, comes to its end. */
export type Ending =
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'cancelled'; readonly because: Because }
  /** A `return` inside. */
  | { readonly kind: 'returned' }

/** Names an attempt of a run. */
export interface AttemptName {
  readonly path: StepPath
  readonly attempt: number
}

/** One occurrence of a step, while the block around it lives. */
export interface StepState {
  readonly node: PlanNode
  /** The list that it is in; none for the run itself. */
  readonly frame: Frame | undefined
  path: StepPath
  status: StepStatus
  /** Counts an operator's retries of a step that is no block, from 1. */
  visit: number
  /** The newest attempt, from 1; 0 before it. */
  attempt: number
  /** The newest attempt that the driver has been told to begin. */
  announced: number
  /** Attempts that count against `retry.max`. */
  failures: number
  startedAt: number
  endedAt: number
  /** Of the lease that started the attempt. */
  token: number
  /** The idempotency key of its attempts. */
  key: string
  effect: EffectClass
  /** Of its attempts; of a `call`, the input of the workflow. */
  input: Kept | undefined
  output: Kept | undefined
  failure: Failure | undefined
  /** Of the process that completed it. */
  exitCode: number | undefined
  /** The time limit, epoch ms; 0 for none. */
  deadline: number
  /** What it waits for, epoch ms: the end of a sleep, a retry, the end of the grace; 0 for nothing. */
  due: number
  /** Set once it has been told to stop: why, and what it ends as. */
  stopping: Ending | undefined
  /** `waitFor`: the name awaited. */
  signal: string | undefined
  /** `ask`: the hash of what is shown. */
  hash: string | undefined
  /** `waitFor`, `states`: the message that it took, or that led to its state. */
  taken: Taken | undefined
  /** `start`: the id of the run. */
  child: string | undefined
  /** What came back and ends the step: a person's answer, the outcome of a child run. */
  reply: Reply | undefined
  /** What an operator has said that it comes to, until that is carried out. */
  verdict: Verdict | undefined
  /** `forEach`: how often an item of it was taken up again, in all its attempts. */
  redone: number
  block: BlockState | undefined
  queued: boolean
}

/** A signal that was taken, and whether it has had its reply. Never changed: a reply puts another in its place. */
export interface Taken {
  readonly id: string
  readonly replied: boolean
}

/** What a step was waiting for: a value, or how a child run ended. */
export type Reply =
  | { readonly kind: 'answer'; readonly output: Kept }
  | { readonly kind: 'completed'; readonly output: Kept | undefined }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'cancelled'; readonly because: Because }

/** What an operator makes of a step. */
export type Verdict =
  | { readonly kind: 'skip'; readonly because: Because }
  | { readonly kind: 'override'; readonly output: Kept | undefined }

/** What is known of a step that is to be done again: its occurrences so far. */
export interface Again {
  readonly visit: number
  /** Of a block: its attempts. */
  readonly attempt: number
  readonly redone: number
}

/** The inside of a block that has not ended. */
export interface BlockState {
  /** The lists opened so far, in a block that is no loop. */
  readonly frames: Frame[]
  /** The passes under way in a loop; the last one of a `repeat` stays until the next begins. */
  readonly iterations: FewMap<number, Frame>
  phase: 'body' | 'catch' | 'finally'
  /** How the body and the catch ended, while `finally` runs. */
  result: Ending | undefined
  /** Set when the block as a whole is being ended: by its time limit, a cancel, a failing child. */
  ending: Ending | undefined
  concurrency: number
  /** `forEach`: the list, and what each item gave. */
  items: Kept | undefined
  results: (Kept | undefined)[]
  /** `forEach`: the next item to start; `repeat`: the number of the iteration. */
  next: number
  /** `forEach`: items that ended. */
  ended: number
  /** `forEach` with `collect`: the items that failed, and those of them that are to be taken up again. */
  failed: Set<number>
  again: number[]
  /** What items that were taken up again in earlier attempts add to the numbers of its passes. */
  passesBefore: number
  /** `repeat`: the bound; `forEach`: how many items there are. */
  max: number
  previous: Kept | undefined
  /** `repeat`: whether the last iteration met `until`, and whether the pause before the next one is over. */
  done: boolean
  rested: boolean
  /** Failures of children, oldest first. */
  readonly failures: Failure[]
  /** What there is to take back of passes that are over. */
  undos: UndoRecord[]
  /** The list that takes back what was done inside, once the block fails or is cancelled. */
  unwind: Frame | undefined
  /** `call`, and the run itself: what a `return` gave. */
  returned: Kept | undefined
  /** `states`: the signal that led here, when the state was entered, and how many of its times have passed. */
  signal: { readonly name: string; readonly data: Kept } | undefined
  enteredAt: number
  passed: number
}

/** One pass through a list of steps. */
export interface Frame {
  readonly owner: StepState
  readonly list: PlanList
  /** The iteration or item; -1 in a block that is no loop. */
  readonly index: number
  /** Which pass it is, as paths count them: the `~n` of its prefix. */
  readonly pass: number
  /** Of the paths of its steps, with the final `/`. */
  readonly prefix: string
  /** By position; those not yet begun are missing. */
  readonly steps: (StepState | undefined)[]
  /** The steps that have begun and not ended. */
  readonly active: FewSet<StepState>
  /** Those that are to be done again and have not begun, by position. */
  readonly again: FewMap<number, Again>
  /** The next step to start, where steps run one after another. */
  cursor: number
  ending: Ending | undefined
  /** The step that ended last, for the implicit output. */
  last: StepState | undefined
  /** `parallel`: what may start, what each child still waits for, and what became of them. */
  ready: number[]
  /** Where `ready` begins; what is before it has begun. */
  readyAt: number
  unmet: number[]
  /** `parallel`: children that can never start, because one that they need failed. */
  dead: Set<number>
  ended: number
  succeeded: number
  /** Inside `finally`: shielded from cancel, and free of limits. */
  readonly shielded: boolean
  /** The failure that a `catch` or `finally` sees; null where nothing failed. */
  error: Failure | null
  queued: boolean
  closed: boolean
  /** What there is to take back of the steps here, oldest first. */
  undos: UndoRecord[]
  /** The list that takes it back, where an item fails alone. */
  unwind: Frame | undefined
  /** In a list that takes back: what each of its steps stands for, newest first, and the item that it is about. */
  undoing: readonly UndoRecord[] | undefined
  undoes: Frame | undefined
}

/** A signal that came and that no step has taken yet. */
export interface PendingSignal {
  readonly id: string
  readonly name: string
  readonly data: Kept
  /** Of the event that brought it. */
  readonly seq: number
}

/** A run that a step started and that has not settled. */
export interface ChildState {
  readonly runId: string
  readonly path: StepPath
  readonly node: StartNode
  readonly attempt: number
  readonly input: Kept
  /** The step that waits for it. */
  step: StepState | undefined
  started: boolean
}

/** How a child run ended, while its parent is being told. */
export type SettledAs =
  | { readonly status: 'completed'; readonly output: Kept }
  | { readonly status: 'failed'; readonly failure: Failure }
  | { readonly status: 'cancelled'; readonly because: Because }

/** A run, folded from its journal. Derived and disposable; changed in place by `evolve` only. */
export interface RunState {
  runId: string
  incarnation: string
  /** What the keys of attempts begin with, where a step says none. */
  keyPrefix: string
  planHash: string
  workflow: string
  createdAt: number
  labels: Readonly<Record<string, string>>
  handlers: Readonly<Record<string, HandlerPin>>
  input: Kept
  /** What a forked run does not do again. */
  reuse: Kept | undefined
  /** `seq` of the last event. */
  seq: number
  status: 'queued' | 'active' | 'cancelling' | 'completed' | 'failed' | 'cancelled'
  paused: boolean
  /** Whether a step whose failure would fail the run blocks instead. */
  holdsFailures: boolean
  /** The limit that holds the run, or another reason why nothing starts. */
  blocked: Because | undefined
  stepsStarted: number
  stepsMax: number
  /** When `limits.duration` ends; 0 for never. */
  deadline: number
  /** What an operator raised the bound of state machines to; 0 for what each says itself. */
  transitionsMax: number
  /** The run that has to be told how this one ends. */
  parent: { readonly runId: string; readonly path: StepPath } | undefined
  settled: SettledAs | undefined
  readonly children: FewMap<string, ChildState>
  /** Steps that take something back, by path, before they begin. */
  readonly undoing: FewMap<StepPath, { readonly frame: Frame; readonly position: number }>
  undoCount: number
  /** Pickups after a crash since the run last got further. */
  pickups: number
  cancelBecause: Because | undefined
  /** Whether the cancel leaves out what `finally` would still do. */
  forced: boolean
  output: Kept | undefined
  failure: Failure | undefined
  root: StepState | undefined
  /** Steps that have begun and not ended. */
  readonly steps: FewMap<StepPath, StepState>
  /** Open lists, by the prefix of their steps. */
  readonly frames: FewMap<string, Frame>
  /** What has to be decided next, in order. */
  agenda: (Frame | StepState)[]
  /** Where the agenda begins; what is before it is done. */
  agendaAt: number
  /** The length at which the agenda is swept. */
  agendaSweepAt: number
  readonly counts: { running: number; blocked: number }
  /** Limits of attempts: these pass whatever holds the run. */
  readonly attemptTimers: Timers
  /** All other timers: these rest while the run is held. */
  readonly restTimers: Timers
  readonly signals: FewMap<string, PendingSignal[]>
  signalCount: number
  readonly waiters: FewMap<string, Set<StepState>>
  /** Whether any value in state has ever lived in the blob store: until then no expression can need one. */
  holdsBlobs: boolean
  /** Attempts begun, told to stop and ended since the driver last asked. */
  started: StepState[]
  readonly stopped: Set<StepState>
  ended: AttemptName[]
  /** Runs to be created since then, and whether others may have to be told something now. */
  newChildren: ChildState[]
  errandsChanged: boolean
}

/** A state before the first event. */
export function emptyState(): RunState {
  return {
    runId: '',
    incarnation: '',
    keyPrefix: '',
    planHash: '',
    workflow: '',
    createdAt: 0,
    labels: {},
    handlers: {},
    input: null,
    reuse: undefined,
    seq: 0,
    status: 'queued',
    paused: false,
    holdsFailures: false,
    blocked: undefined,
    stepsStarted: 0,
    stepsMax: 0,
    deadline: 0,
    transitionsMax: 0,
    parent: undefined,
    settled: undefined,
    children: new FewMap(),
    undoing: new FewMap(),
    undoCount: 0,
    pickups: 0,
    cancelBecause: undefined,
    forced: false,
    output: undefined,
    failure: undefined,
    root: undefined,
    steps: new FewMap(),
    frames: new FewMap(),
    agenda: [],
    agendaAt: 0,
    agendaSweepAt: 64,
    counts: { running: 0, blocked: 0 },
    attemptTimers: new Timers(),
    restTimers: new Timers(),
    signals: new FewMap(),
    signalCount: 0,
    waiters: new FewMap(),
    holdsBlobs: false,
    started: [],
    stopped: new Set(),
    ended: [],
    newChildren: [],
    errandsChanged: false,
  }
}

/** Follows from the name of the run: of whose attempts a key is. */
export function keyPrefixOf(incarnation: string): string {
  return `${incarnation}/`
}

export function newStep(node: PlanNode, frame: Frame | undefined, path: StepPath): StepState {
  return {
    node,
    frame,
    path,
    status: 'pending',
    visit: 1,
    attempt: 0,
    announced: 0,
    failures: 0,
    startedAt: 0,
    endedAt: 0,
    token: 0,
    key: '',
    effect: 'idempotent',
    input: undefined,
    output: undefined,
    failure: undefined,
    exitCode: undefined,
    deadline: 0,
    due: 0,
    stopping: undefined,
    signal: undefined,
    hash: undefined,
    taken: undefined,
    child: undefined,
    reply: undefined,
    verdict: undefined,
    redone: 0,
    block: undefined,
    queued: false,
  }
}

export function newBlock(): BlockState {
  return {
    frames: [],
    iterations: new FewMap(),
    phase: 'body',
    result: undefined,
    ending: undefined,
    concurrency: 1,
    items: undefined,
    results: [],
    next: 0,
    ended: 0,
    failed: new Set(),
    again: [],
    passesBefore: 0,
    max: 0,
    previous: undefined,
    done: false,
    rested: false,
    failures: [],
    undos: [],
    unwind: undefined,
    returned: undefined,
    signal: undefined,
    enteredAt: 0,
    passed: 0,
  }
}

/** Keeps a signal until a step takes it. */
export function addSignal(state: RunState, signal: PendingSignal): void {
  const pending = state.signals.get(signal.name)
  if (pending === undefined) state.signals.set(signal.name, [signal])
  else pending.push(signal)
  state.signalCount++
}

export function blockOf(step: StepState): BlockState {
  if (step.block === undefined) throw corrupt(`"${step.path}" is not an open block`)
  return step.block
}

/** Whether nothing new may start: an operator paused the run, or it hit a limit. A cancel ends that. */
export function isHeld(state: RunState): boolean {
  return state.paused || state.blocked !== undefined
}

export function isTerminal({ status }: { readonly status: RunState['status'] | RunStatus }): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

export function corrupt(message: string): SegnoError {
  return new SegnoError('JOURNAL_CORRUPT', `The journal cannot go on like this: ${message}`)
}
