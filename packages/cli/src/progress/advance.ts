import { isJsonObject, type EventOf, type Json, type RunEvent, type StepKind } from '@segno/schema'
import { enterState, leaveState, restWhereDone } from './machine-rows.ts'
import type { Progress, ProgressStatus, StepProgress } from './progress.ts'
import {
  add,
  addList,
  awaitNothing,
  begin,
  beginPass,
  end,
  forgetInside,
  insideOf,
  passAt,
  redoItems,
  setStatus,
  settleRedo,
  stepAt,
} from './rows.ts'
import { beginUndo, undoAt } from './undo-rows.ts'

/** Folds one event into what is shown of a run, in place. Of the same events it makes the same, whenever that is. */
export function advance(progress: Progress, event: RunEvent): void {
  progress.seq = event.seq
  switch (event.type) {
    case 'run.created':
      return created(progress, event)
    case 'run.blocked':
      progress.held = event.because.message ?? event.because.code
      return
    case 'run.unblocked':
      delete progress.held
      return
    case 'run.completed':
      if (event.output !== undefined) progress.output = event.output
      if (event.outputBlob !== undefined) progress.outputBlob = event.outputBlob
      return ended(progress, event.at, 'completed')
    case 'run.failed':
      progress.failure = event.failure
      return ended(progress, event.at, 'failed')
    case 'run.cancelled':
      progress.reason = event.because.message ?? event.because.code
      return ended(progress, event.at, 'cancelled')
    case 'cancel.requested':
      if (progress.status === 'running') progress.status = 'cancelling'
      return
    case 'operator.acted':
      if (event.refused === undefined && event.action === 'pause') progress.paused = true
      if (event.refused === undefined && event.action === 'resume') progress.paused = false
      return redoItems(progress, event.again ?? [])
    // How a child run ends is told to its parent first: its own end follows.
    case 'run.settled':
    case 'signal.received':
    case 'signal.consumed':
    case 'signal.ignored':
    case 'run.adopted':
    case 'plan.migrated':
      return
    default:
      return advanceStep(progress, event)
  }
}

type StepEvent = Exclude<Extract<RunEvent, { readonly path: string }>, EventOf<'signal.consumed'>>

// Every event of a step names its path; the empty one is the run itself.
function advanceStep(progress: Progress, event: StepEvent): void {
  if (event.path === '') {
    if (event.type === 'branch.taken') openBranch(progress, undefined, event)
    return
  }
  const step = stepAt(progress, event.path) ?? undoAt(progress, event.path)
  if (step === undefined) return
  switch (event.type) {
    case 'step.started':
      return opened(progress, step, event)
    case 'branch.taken':
      return openBranch(progress, step, event)
    case 'step.completed':
      if (event.reused === true) step.note = 'reused'
      return over(progress, step, event.at, 'completed')
    case 'step.failed':
      step.failure = event.failure
      step.attempt = Math.max(step.attempt, event.attempt)
      return over(progress, step, event.at, 'failed')
    case 'step.skipped':
      step.note = event.because.message ?? event.because.code.toLowerCase()
      return over(progress, step, event.at, 'skipped')
    case 'step.cancelled':
      step.note = event.because.message ?? event.because.code.toLowerCase()
      return over(progress, step, event.at, 'cancelled')
    case 'step.blocked':
      step.occurrence = event.path
      step.failure = event.failure
      awaitNothing(step)
      // The limit was of the attempt: nothing ends a block but somebody.
      delete step.deadline
      return setStatus(progress, step, 'blocked')
    case 'iteration.started':
    case 'iteration.failed':
    case 'iteration.completed':
    case 'iteration.cancelled':
      return advancePass(progress, step, event)
    default:
      return advanceAttempt(progress, step, event)
  }
}

type AttemptEvent = Extract<
  StepEvent,
  { readonly type: `${'attempt' | 'timer' | 'task' | 'child' | 'signal' | 'state'}.${string}` }
>

function advanceAttempt(progress: Progress, step: StepProgress, event: AttemptEvent): void {
  switch (event.type) {
    case 'attempt.started':
      step.occurrence = event.path
      begin(progress, step, event)
      step.about ??= aboutOf(step.declared?.kind, event.input)
      return
    case 'attempt.failed':
      step.failure = event.failure
      leaveState(progress, step, { at: event.at, status: 'failed' })
      awaitNothing(step)
      delete step.deadline
      step.due = event.retryAt
      return setStatus(progress, step, 'retrying')
    case 'attempt.lost':
    case 'attempt.abandoned':
      step.note = event.type === 'attempt.lost' ? 'its process was lost' : 'did not stop in time'
      return setStatus(progress, step, 'retrying')
    case 'timer.set':
      return timerSet(progress, step, event)
    case 'timer.fired':
      if (event.purpose !== 'timeout') delete (step.state?.pass ?? step).due
      return
    case 'task.asked':
      begin(progress, step, event)
      Object.assign(step, { note: event.title, asked: true })
      return setStatus(progress, step, 'waiting')
    case 'task.answered':
      awaitNothing(step)
      step.note = answerText(event.answer)
      return
    case 'child.started':
      return
    case 'child.settled':
      return childSettled(progress, step, event)
    case 'signal.replied':
      step.about = 'reply'
      return
    case 'signal.emitted':
      step.about = `signal ${event.name}`
      return
    case 'state.entered':
      return enterState(progress, step, event)
    default:
      event satisfies never
  }
}

// A machine that ends leaves its state, and one whose state has done all that it does rests.
function over(progress: Progress, step: StepProgress, at: number, status: ProgressStatus & EndStatus): void {
  leaveState(progress, step, { at, status: status === 'skipped' ? 'completed' : status })
  end(progress, step, at, status)
  restWhereDone(progress, step.parent?.parent)
}

type EndStatus = 'completed' | 'failed' | 'skipped' | 'cancelled'

type PassEvent = EventOf<'iteration.started' | 'iteration.completed' | 'iteration.failed' | 'iteration.cancelled'>

function advancePass(progress: Progress, loop: StepProgress, event: PassEvent): void {
  const path = event.type === 'iteration.started' ? beginPass(progress, loop, event.index) : passAt(loop, event.index)
  switch (event.type) {
    case 'iteration.started': {
      const label = `${loop.label}[${event.index}]`
      const pass = add(progress, { path, label, parent: loop, status: 'pending', attempt: 0, children: [] })
      begin(progress, pass, { at: event.at, attempt: 1 })
      return addList(progress, pass, { prefix: `${path}/`, list: 'do', of: loop.declared })
    }
    case 'iteration.failed': {
      const pass = progress.steps.get(path)
      if (pass !== undefined) pass.failure = event.failure
      return endPass(progress, pass, event.at, 'failed')
    }
    case 'iteration.completed':
      return endPass(progress, progress.steps.get(path), event.at, 'completed')
    case 'iteration.cancelled':
      return endPass(progress, progress.steps.get(path), event.at, 'cancelled')
    default:
      event satisfies never
  }
}

function endPass(progress: Progress, pass: StepProgress | undefined, at: number, status: ProgressStatus): void {
  if (pass !== undefined) end(progress, pass, at, status)
}

function created(progress: Progress, event: EventOf<'run.created'>): void {
  progress.runId = event.runId
  progress.startedAt = event.at
  progress.status = 'running'
  addList(progress, undefined, { prefix: '', list: 'do' })
}

function ended(progress: Progress, at: number, status: 'completed' | 'failed' | 'cancelled'): void {
  progress.status = status
  progress.endedAt = at
}

/** A block takes a list: its first, after which it is a new attempt, or one that goes on where the first has ended. */
function openBranch(progress: Progress, step: StepProgress | undefined, event: EventOf<'branch.taken'>): void {
  const { branch } = event
  if (branch === 'undo') return beginUndo(progress, step, event)
  if (step === undefined) {
    progress.undoing = false
    return addList(progress, undefined, { prefix: '', list: branch })
  }
  const goesOn = branch === 'finally' || branch.startsWith('catch[')
  delete step.undoing
  if (!goesOn) reopen(progress, step, event)
  if (branch !== 'none') step.note = branch.replace(/^case:/, '')
  addList(progress, step, { prefix: insideOf(step), list: branch })
}

function opened(progress: Progress, step: StepProgress, event: EventOf<'step.started'>): void {
  reopen(progress, step, event)
  const { child, signal, path } = event
  if (child !== undefined) {
    progress.runs.set(child, { runId: child, path: step.path, isLetGo: step.declared?.isLetGo === true })
    Object.assign(step, { note: `run ${child}`, occurrence: path })
    return setStatus(progress, step, 'waiting')
  }
  if (signal !== undefined) {
    Object.assign(step, { note: `signal ${signal}`, signals: [signal] })
    return setStatus(progress, step, 'waiting')
  }
  const passes = event.count ?? event.max
  if (passes === undefined) return addList(progress, step, { prefix: insideOf(step), list: 'do' })
  step.passes = passes
}

function reopen(
  progress: Progress,
  step: StepProgress,
  event: { readonly at: number; readonly attempt: number; readonly deadline?: number },
): void {
  forgetInside(progress, step)
  settleRedo(step)
  awaitNothing(step)
  begin(progress, step, event)
}

function timerSet(progress: Progress, step: StepProgress, { at, due, purpose }: EventOf<'timer.set'>): void {
  switch (purpose) {
    case 'every':
      step.due = due
      return
    case 'after':
      ;(step.state?.pass ?? step).due = due
      return
    case 'sleep':
      step.due = due
      step.startedAt ??= at
      return setStatus(progress, step, 'waiting')
    case 'timeout':
      step.deadline = due
      return
    case 'retry':
    case 'grace':
    case 'duration':
      return
    default:
      purpose satisfies never
  }
}

function childSettled(progress: Progress, step: StepProgress, { child, status }: EventOf<'child.settled'>): void {
  const run = progress.runs.get(child)
  if (run !== undefined) run.outcome = status
  if (step.note === `run ${child}`) step.note = `run ${child} ${status}`
}

/** What a step asks of the world, where its kind says that in few words. Only the first attempt tells its input. */
function aboutOf(kind: StepKind | undefined, input: Json | undefined): string | undefined {
  const { method = 'GET', url, glob, signal, to } = isJsonObject(input) ? input : {}
  switch (kind) {
    case 'http':
      return typeof url === 'string' && typeof method === 'string' ? `${method} ${url}` : undefined
    case 'watch':
      return typeof glob === 'string' ? glob : undefined
    case 'emit':
      return typeof signal === 'string' && typeof to === 'string' ? `signal ${signal} to ${to}` : undefined
    default:
      return undefined
  }
}

function answerText(answer: Json | undefined): string {
  const { choice, by } = isJsonObject(answer) ? answer : {}
  const what = typeof choice === 'string' ? choice : 'answered'
  return typeof by === 'string' ? `${what} by ${by}` : what
}
