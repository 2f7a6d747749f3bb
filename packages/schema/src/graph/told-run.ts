import type { EventOf, RunEvent } from '../event.ts'
import type { Graph } from './graph.ts'
import type { ItemState, RunOverlay } from './overlay.ts'
import { cutText } from './cut-text.ts'

/** One occurrence of a step, as its events tell it. */
export interface Occurrence {
  status: ItemState
  attempt: number
  /** Why it failed, or what it waits for. */
  note?: string
  /** Of a loop: how many passes have ended, those that failed too, and of how many at most. */
  passes?: { ended: number; failed: number; readonly of: number }
}

/** All that the events of a run tell of a step, in whatever pass and attempt. */
export interface ToldStep {
  /** By path; the one that was told of last is the last. */
  readonly occurrences: Map<string, Occurrence>
  /** Every list that was taken, by the name that `branch.taken` tells. */
  readonly branches: Set<string>
  /** Of a state machine: how often each state was entered. */
  readonly visits: Map<string, number>
  state?: string
}

/** A run as its events tell it. */
export interface ToldRun {
  status: RunOverlay['run']['status']
  note?: string
  /** By the id that the step has in a graph that is expanded. */
  readonly steps: Map<string, ToldStep>
}

/** Folds the events of a run, in their order. `graph` is expanded. */
export function toldRun(graph: Graph, events: Iterable<RunEvent>): ToldRun {
  const calls = new Set(graph.clusters.filter(({ kind }) => kind === 'call').map(({ id }) => id))
  const waits = new Set(graph.nodes.filter(({ kind }) => waitKinds.has(kind)).map(({ id }) => id))
  const run: ToldRun = { status: 'queued', steps: new Map() }
  const telling: Telling = { run, calls, waits, held: undefined, paused: false }
  for (const event of events) tell(telling, event)
  if (run.status === 'running' && telling.held !== undefined) return { ...run, status: 'blocked', note: telling.held }
  return run.status === 'running' && telling.paused ? { ...run, status: 'paused' } : run
}

const waitKinds: ReadonlySet<string> = new Set(['sleep', 'sleepUntil', 'waitFor', 'ask', 'watch'])

interface Telling {
  readonly run: ToldRun
  readonly calls: ReadonlySet<string>
  readonly waits: ReadonlySet<string>
  held: string | undefined
  paused: boolean
}

const noteMax = 32

function tell(telling: Telling, event: RunEvent): void {
  const { run } = telling
  switch (event.type) {
    case 'run.created':
      run.status = 'running'
      return
    case 'run.blocked':
      telling.held = cutText(event.because.code, noteMax)
      return
    case 'run.unblocked':
      telling.held = undefined
      return
    case 'run.completed':
      run.status = 'completed'
      return
    case 'run.failed':
      run.status = 'failed'
      run.note = cutText(event.failure.code, noteMax)
      return
    case 'run.cancelled':
      run.status = 'cancelled'
      run.note = cutText(event.because.code, noteMax)
      return
    case 'cancel.requested':
      run.status = 'cancelling'
      return
    case 'operator.acted':
      if (event.refused === undefined && event.action === 'pause') telling.paused = true
      if (event.refused === undefined && event.action === 'resume') telling.paused = false
      return
    default:
      if ('path' in event) tellStep(telling, event)
  }
}

type StepEvent = Extract<RunEvent, { readonly path: string }>

function tellStep(telling: Telling, event: StepEvent): void {
  const id = idOf(event.path, telling.calls)
  const step = stepOf(telling.run, id)
  if (event.type === 'branch.taken') step.branches.add(event.branch)
  // The workflow itself has no row; what it waits for and retries is told of its steps.
  if (id === '') return
  switch (event.type) {
    case 'state.entered':
      step.state = event.state
      step.visits.set(event.state, (step.visits.get(event.state) ?? 0) + 1)
      return
    case 'iteration.completed':
    case 'iteration.cancelled':
      return endPass(step, event, 0)
    case 'iteration.failed':
      return endPass(step, event, 1)
    default:
      tellOccurrence(telling, step, { id, event })
  }
}

function stepOf({ steps }: ToldRun, id: string): ToldStep {
  const known = steps.get(id)
  if (known !== undefined) return known
  const step: ToldStep = { occurrences: new Map(), branches: new Set(), visits: new Map() }
  steps.set(id, step)
  return step
}

function tellOccurrence(
  { waits }: Telling,
  step: ToldStep,
  { id, event }: { readonly id: string; readonly event: StepEvent },
): void {
  switch (event.type) {
    case 'step.started':
      return started(step, event, waits.has(id))
    case 'branch.taken':
      return set(step, event.path, { status: 'running', attempt: event.attempt })
    case 'attempt.started':
      return set(step, event.path, { status: waits.has(id) ? 'waiting' : 'running', attempt: event.attempt })
    case 'task.asked':
      return set(step, event.path, { status: 'waiting', attempt: event.attempt })
    case 'attempt.failed':
      return set(step, event.path, { status: 'retrying', note: cutText(event.failure.code, noteMax) })
    case 'attempt.lost':
    case 'attempt.abandoned':
      return set(step, event.path, { status: 'retrying', note: event.type === 'attempt.lost' ? 'lost' : 'abandoned' })
    case 'timer.set':
      return event.purpose === 'sleep' ? set(step, event.path, { status: 'waiting' }) : undefined
    case 'child.started':
      return set(step, event.path, { status: 'running', note: cutText(event.runId, noteMax) })
    case 'step.completed':
      return set(step, event.path, { status: 'completed', ...(event.reused === true && { note: 'reused' }) })
    case 'step.failed':
    case 'step.blocked': {
      const status = event.type === 'step.failed' ? 'failed' : 'blocked'
      return set(step, event.path, { status, attempt: event.attempt, note: cutText(event.failure.code, noteMax) })
    }
    case 'step.skipped':
      return set(step, event.path, { status: 'skipped' })
    case 'step.cancelled':
      return set(step, event.path, { status: 'cancelled' })
    default:
  }
}

function started(step: ToldStep, event: EventOf<'step.started'>, isWait: boolean): void {
  const of = event.count ?? event.max
  const passes = of === undefined ? {} : { passes: { ended: 0, failed: 0, of } }
  set(step, event.path, { status: isWait ? 'waiting' : 'running', attempt: event.attempt, ...passes })
}

// The note of before says nothing of now, and the one that is told of comes last.
function set(step: ToldStep, path: string, change: Partial<Occurrence> & { readonly status: ItemState }): void {
  const key = withoutRetry(path)
  const { note: _, ...before } = step.occurrences.get(key) ?? { attempt: 1 }
  step.occurrences.delete(key)
  step.occurrences.set(key, { ...before, ...change })
}

function endPass(step: ToldStep, { path }: { readonly path: string }, failed: 0 | 1): void {
  const passes = step.occurrences.get(withoutRetry(path))?.passes
  if (passes === undefined) return
  passes.ended++
  passes.failed += failed
}

// A step that an operator tried again goes on under a path of its own: it stays the same occurrence.
function withoutRetry(path: string): string {
  return path.replace(/(?:~\d+)+$/, '')
}

/** The id in the graph of what a path names: what is behind a `call` has the id of the call before its own. */
function idOf(path: string, calls: ReadonlySet<string>): string {
  let prefix = ''
  let id = ''
  for (const segment of path === '' ? [] : path.split('/')) {
    const [, name = '', undo] = /^([^[~.]*)(?:\[\d+\]|~\d+)*(\.undo)?/.exec(segment) ?? []
    id = `${prefix}${name}${undo === undefined ? '' : ':undo'}`
    if (calls.has(id)) prefix = `${id}/`
  }
  return id
}
