import type { EventOf, RunEvent } from '@segno/schema'
import type { Progress, ProgressStatus, StepProgress } from './progress.ts'
import type { DeclaredStep } from './step-index.ts'

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
      return
    case 'signal.received':
    case 'signal.consumed':
    case 'signal.ignored':
    case 'run.adopted':
      return
    default:
      return advanceStep(progress, event)
  }
}

type StepEvent = Extract<RunEvent, { readonly path: string }>

// Every event of a step names its path; the empty one is the run itself.
function advanceStep(progress: Progress, event: Exclude<StepEvent, EventOf<'signal.consumed'>>): void {
  if (event.path === '') {
    if (event.type === 'branch.taken') addList(progress, undefined, { prefix: '', list: event.branch })
    return
  }
  const step = stepAt(progress, event.path)
  if (step === undefined) return
  switch (event.type) {
    case 'step.started':
    case 'branch.taken':
      return opened(progress, step, event)
    case 'attempt.started':
      step.occurrence = event.path
      begin(progress, step, event)
      return
    case 'attempt.failed':
      step.failure = event.failure
      step.due = event.retryAt
      return setStatus(progress, step, 'retrying')
    case 'attempt.lost':
    case 'attempt.abandoned':
      step.note = event.type === 'attempt.lost' ? 'its process was lost' : 'did not stop in time'
      return setStatus(progress, step, 'retrying')
    case 'step.completed':
      if (event.reused === true) step.note = 'reused'
      return end(progress, step, event.at, 'completed')
    case 'step.failed':
      step.failure = event.failure
      step.attempt = Math.max(step.attempt, event.attempt)
      return end(progress, step, event.at, 'failed')
    case 'step.skipped':
      step.note = event.because.message ?? event.because.code.toLowerCase()
      return end(progress, step, event.at, 'skipped')
    case 'step.cancelled':
      step.note = event.because.message ?? event.because.code.toLowerCase()
      return end(progress, step, event.at, 'cancelled')
    case 'step.blocked':
      step.occurrence = event.path
      step.failure = event.failure
      delete step.due
      return setStatus(progress, step, 'blocked')
    case 'timer.set':
      return timerSet(progress, step, event)
    case 'timer.fired':
      return
    default:
      return advancePass(progress, step, event)
  }
}

type PassEvent = EventOf<'iteration.started' | 'iteration.completed' | 'iteration.failed' | 'iteration.cancelled'>

function advancePass(progress: Progress, loop: StepProgress, event: PassEvent): void {
  const path = `${loop.path}[${event.index}]${again(loop)}`
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

function opened(
  progress: Progress,
  step: StepProgress,
  event: EventOf<'step.started'> | EventOf<'branch.taken'>,
): void {
  const goesOn = event.type === 'branch.taken' && (event.branch === 'finally' || event.branch.startsWith('catch['))
  if (!goesOn) {
    forgetInside(progress, step)
    begin(progress, step, event)
  }
  if (event.type === 'branch.taken') {
    if (event.branch !== 'none') step.note = event.branch.replace(/^case:/, '')
    return addList(progress, step, { prefix: `${step.path}${again(step)}/`, list: event.branch })
  }
  if (event.signal !== undefined) {
    step.note = `signal ${event.signal}`
    step.signal = event.signal
    return setStatus(progress, step, 'waiting')
  }
  const passes = event.count ?? event.max
  if (passes === undefined) return addList(progress, step, { prefix: `${step.path}${again(step)}/`, list: 'do' })
  step.passes = passes
}

// A block that is tried again has a new inside; what never began in the old one never will.
function forgetInside(progress: Progress, step: StepProgress): void {
  for (const child of step.children) {
    forgetInside(progress, child)
    if (child.status !== 'pending') continue
    progress.steps.delete(child.path)
    progress.counts.pending--
  }
  step.children = []
}

function timerSet(progress: Progress, step: StepProgress, { at, due, purpose }: EventOf<'timer.set'>): void {
  if (purpose !== 'sleep' && purpose !== 'every') return
  step.due = due
  if (purpose === 'every') return
  step.startedAt ??= at
  setStatus(progress, step, 'waiting')
}

function begin(
  progress: Progress,
  step: StepProgress,
  { at, attempt, deadline }: { readonly at: number; readonly attempt: number; readonly deadline?: number },
): void {
  step.attempt = attempt
  step.startedAt ??= at
  delete step.note
  if (deadline === undefined) delete step.due
  else step.due = deadline
  setStatus(progress, step, 'running')
}

function end(progress: Progress, step: StepProgress, at: number, status: ProgressStatus): void {
  if (status !== 'skipped') step.startedAt ??= at
  step.endedAt = at
  delete step.due
  if (status === 'completed') delete step.failure
  setStatus(progress, step, status)
}

function setStatus(progress: Progress, step: StepProgress, status: ProgressStatus): void {
  if (step.declared !== undefined) {
    progress.counts[step.status]--
    progress.counts[status]++
  }
  step.status = status
  if (settled.has(status)) progress.live.delete(step)
  else progress.live.add(step)
}

const settled: ReadonlySet<ProgressStatus> = new Set(['completed', 'failed', 'skipped', 'cancelled', 'pending'])

/** The mark of a block's second and later attempts in the paths of what is inside. */
function again(step: StepProgress): string {
  return step.attempt > 1 ? `~${step.attempt}` : ''
}

// A list that opens shows its steps at once, as pending.
function addList(
  progress: Progress,
  parent: StepProgress | undefined,
  { prefix, list, of = parent?.declared }: { prefix: string; list: string; of?: DeclaredStep | undefined },
): void {
  const lists = parent === undefined ? progress.lists : of?.lists
  for (const declared of lists?.get(list) ?? []) {
    const path = `${prefix}${declared.id}`
    if (progress.steps.has(path)) continue
    const place = { path, label: declared.id, declared, ...(parent && { parent }) }
    add(progress, { ...place, status: 'pending', attempt: 0, children: [] })
  }
}

function add(progress: Progress, step: StepProgress): StepProgress {
  progress.steps.set(step.path, step)
  ;(step.parent ?? progress).children.push(step)
  if (step.declared !== undefined) progress.counts[step.status]++
  return step
}

// A step that an operator tried again goes on under a path of its own: it stays the same row.
function stepAt(progress: Progress, path: string): StepProgress | undefined {
  return progress.steps.get(path) ?? progress.steps.get(path.replace(/~\d+$/, ''))
}
