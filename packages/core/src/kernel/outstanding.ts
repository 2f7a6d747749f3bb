import type { EffectClass, StepPath } from '@segno/schema/plan'
import type { Kept } from './kept.ts'
import type { RunStatus } from './life-cycle.ts'
import { stopOf } from './children.ts'
import type { StartNode, WorkNode } from './plan.ts'
import { agendaHead } from './agenda.ts'
import { grown } from './grown.ts'
import { isHeld, isTerminal } from './state.ts'
import type { AttemptName, ChildState, RunState, SettledAs, StepState } from './state.ts'
import { isInFlight } from './step-status.ts'

/** What the kernel wants to be happening now. */
export type Effect =
  /** A handler at work on an attempt. */
  | {
      readonly type: 'attempt'
      readonly path: StepPath
      readonly attempt: number
      readonly node: WorkNode
      /** Which major version of it: what the step asks for, or what the run began with. */
      readonly major: string | undefined
      readonly effect: EffectClass
      readonly key: string
      readonly input: Kept
      readonly deadline: number
    }
  /** A handler that has been told to stop. */
  | {
      readonly type: 'abort'
      readonly path: StepPath
      readonly attempt: number
      readonly code: 'CANCELLED' | 'TIMED_OUT'
    }
  /** A wake-up: the earliest instant at which `tick` has something to fire. */
  | { readonly type: 'timer'; readonly due: number }
  /** Signals of this name end a wait. */
  | { readonly type: 'signal'; readonly name: string }
  /** A run that is to exist. */
  | {
      readonly type: 'child'
      readonly runId: string
      readonly path: StepPath
      readonly child: StartNode['child']
      readonly input: Kept
      /** Whether it has to say how it ends. */
      readonly awaited: boolean
      /** Those of this run: who finds it by them finds its children too. */
      readonly labels: RunState['labels']
    }
  /** A run that has to stop. */
  | { readonly type: 'stopChild'; readonly runId: string; readonly reason: string; readonly force: boolean }
  /** How this run ends, for the one that started it. */
  | { readonly type: 'tell'; readonly runId: string; readonly outcome: SettledAs }
  /** More follows at once from what is known. */
  | { readonly type: 'continue' }

/** Something to be done about another run. Doing it again changes nothing. */
export type Errand = Extract<Effect, { type: 'child' | 'stopChild' | 'tell' }>

/** Attempts to begin, to abort, and to think of no more, since the last time this was asked. */
export interface Changes {
  readonly added: readonly Effect[]
  readonly removed: readonly AttemptName[]
}

/** What should be happening now: a function of the state, never "sent once". In plan order, then by seq. */
export function outstanding(state: RunState): Effect[] {
  if (isTerminal(state)) return []
  const effects: Effect[] = []
  for (const step of state.steps.values()) {
    const { node } = step
    if (node.kind !== 'work') continue
    if (isInFlight(step)) effects.push(attemptOf(state, step, node))
    if (step.status === 'cancelling') effects.push(abortOf(step))
  }
  const due = wakeAt(state)
  if (due !== null) effects.push({ type: 'timer', due })
  effects.push(...[...state.children.values()].flatMap((child) => creationOf(state, child)), ...messagesToSend(state))
  for (const name of state.waiters.keys()) effects.push({ type: 'signal', name })
  if (wantsContinue(state)) effects.push({ type: 'continue' })
  return effects
}

/**
 * The same incrementally, for attempts: what became due and what fell away
 * since the last call. Summed up, the changes are what is outstanding.
 */
export function changes(state: RunState): Changes {
  const { started, stopped, ended, newChildren, errandsChanged } = state
  let added: Effect[] = []
  for (const step of started) {
    // An attempt that was lost and begun again since then stands there twice.
    const { node } = step
    if (node.kind !== 'work' || !isInFlight(step) || step.announced === step.attempt) continue
    step.announced = step.attempt
    added = grown(added, attemptOf(state, step, node))
  }
  // Most decisions change one thing: what is empty is not made anew.
  if (started.length > 0) state.started = []
  const removed = ended.length > 0 ? ended : nothing
  if (removed === ended) state.ended = []
  if (stopped.size > 0) {
    for (const step of stopped) if (step.status === 'cancelling') added.push(abortOf(step))
    stopped.clear()
  }
  if (newChildren.length > 0) {
    for (const child of newChildren) added.push(...creationOf(state, child))
    state.newChildren = []
  }
  if (errandsChanged) {
    added.push(...messagesToSend(state))
    state.errandsChanged = false
  }
  return { added, removed }
}

const nothing: Changes['removed'] = []

function creationOf({ labels }: RunState, { runId, path, node, input, started }: ChildState): Errand[] {
  if (started) return []
  const awaited = node.wait || !node.detached
  return [{ type: 'child', runId, path, child: node.child, input, awaited, labels }]
}

function messagesToSend(state: RunState): Errand[] {
  const stops = [...state.children.values()].flatMap((child): Errand[] => {
    const stop = child.started ? stopOf(state, child) : undefined
    return stop === undefined ? [] : [{ type: 'stopChild', runId: child.runId, ...stop }]
  })
  const { parent, settled } = state
  if (parent === undefined || settled === undefined) return stops
  return [...stops, { type: 'tell', runId: parent.runId, outcome: settled }]
}

/** When the run next has something to do by itself; `null` while it waits for others or is over. */
export function wakeAt(state: RunState): number | null {
  if (isTerminal(state)) return null
  const attempt = state.attemptTimers.next()?.due ?? Number.POSITIVE_INFINITY
  const rest = isHeld(state) ? undefined : state.restTimers.next()?.due
  const first = Math.min(attempt, rest ?? Number.POSITIVE_INFINITY)
  return first === Number.POSITIVE_INFINITY ? null : first
}

/** Whether something can be decided at once. */
export function wantsContinue(state: RunState): boolean {
  return agendaHead(state) !== undefined && !isHeld(state)
}

/** Whether any attempt is in flight, told to stop or not. */
export function hasAttempts(state: RunState): boolean {
  return state.counts.running > 0
}

/** The status of the run as the list of runs shows it: it is running while something can be decided at once, but for one that nobody has begun. */
export function runStatus(state: RunState): RunStatus {
  const status = statusOf(state)
  if (status !== 'waiting' || !wantsContinue(state)) return status
  return state.seq === 1 ? 'queued' : 'running'
}

/** The status of the run as its steps give it. */
export function statusOf(state: RunState): RunStatus {
  switch (state.status) {
    case 'active':
    case 'cancelling':
      break
    case 'queued':
    case 'completed':
    case 'failed':
    case 'cancelled':
      return state.status
    default:
      return state.status satisfies never
  }
  if (state.paused) return 'paused'
  if (state.blocked !== undefined) return 'blocked'
  const { running, blocked } = state.counts
  if (running === 0 && blocked > 0) return 'blocked'
  if (state.status === 'cancelling') return 'cancelling'
  return running > 0 ? 'running' : 'waiting'
}

function attemptOf(state: RunState, step: StepState, node: WorkNode): Effect {
  const { path, attempt, effect, key, deadline } = step
  return {
    type: 'attempt',
    path,
    attempt,
    node,
    major: node.major ?? majorOf(state.handlers[node.handler]?.version),
    effect,
    key,
    input: step.input ?? null,
    deadline,
  }
}

/** The major version that a run is bound to by the one it has recorded. */
export function majorOf(version: string | undefined): string | undefined {
  return version?.slice(0, version.indexOf('.'))
}

/** What a handler is told that has to stop: its time is up, or its step is cancelled. */
export function abortOf({ path, attempt, stopping }: StepState): Extract<Effect, { type: 'abort' }> {
  return { type: 'abort', path, attempt, code: stopping?.kind === 'failed' ? 'TIMED_OUT' : 'CANCELLED' }
}
