import type { Progress, ProgressStatus, StepProgress } from './progress.ts'
import type { DeclaredStep, Lists } from './step-index.ts'

/** The row of a path. A step that an operator tried again goes on under a path of its own: it stays the same row. */
export function stepAt(progress: Progress, path: string): StepProgress | undefined {
  return progress.steps.get(path) ?? progress.steps.get(path.replace(/~\d+$/, ''))
}

/** What comes before the paths of what is inside a row. */
export function insideOf(step: StepProgress): string {
  return `${step.path}${again(step)}/`
}

/** The mark of a block's second and later attempts in the paths of what is inside. */
export function again(step: StepProgress): string {
  return step.attempt > 1 ? `~${step.attempt}` : ''
}

/** Adds a row at the end of those beside it. */
export function add(progress: Progress, step: StepProgress): StepProgress {
  progress.steps.set(step.path, step)
  ;(step.parent ?? progress).children.push(step)
  if (step.declared !== undefined) progress.counts[step.status]++
  return step
}

interface Opened {
  readonly prefix: string
  readonly list: string
  /** What holds the list, where it is not the row itself: a pass of a loop has no lists. */
  readonly of?: DeclaredStep | undefined
}

/** A list that opens shows its steps at once, as pending. */
export function addList(
  progress: Progress,
  parent: StepProgress | undefined,
  { prefix, list, of = parent?.declared }: Opened,
): void {
  const lists: Lists | undefined = parent === undefined ? progress.lists : of?.lists
  for (const declared of lists?.get(list) ?? []) {
    const path = `${prefix}${declared.id}`
    if (progress.steps.has(path)) continue
    const place = { path, label: declared.id, declared, ...(parent && { parent }) }
    add(progress, { ...place, status: 'pending', attempt: 0, children: [] })
  }
}

/** A block that is tried again has a new inside; what never began in the old one never will. */
export function forgetInside(progress: Progress, step: StepProgress): void {
  for (const child of step.children) {
    forgetInside(progress, child)
    if (child.status !== 'pending') continue
    progress.steps.delete(child.path)
    progress.counts.pending--
  }
  step.children = []
  delete step.undoing
}

/** An attempt begins, or a block opens. */
export function begin(
  progress: Progress,
  step: StepProgress,
  { at, attempt, deadline }: { readonly at: number; readonly attempt: number; readonly deadline?: number },
): void {
  step.attempt = attempt
  step.startedAt ??= at
  delete step.note
  delete step.due
  if (deadline === undefined) delete step.deadline
  else step.deadline = deadline
  setStatus(progress, step, 'running')
}

/** A step, or a pass, is over. */
export function end(progress: Progress, step: StepProgress, at: number, status: ProgressStatus): void {
  if (status !== 'skipped') step.startedAt ??= at
  step.endedAt = at
  awaitNothing(step)
  delete step.deadline
  delete step.undoing
  if (status === 'completed') delete step.failure
  setStatus(progress, step, status)
}

/** What it waited for is of no account any more. */
export function awaitNothing(step: StepProgress): void {
  delete step.due
  delete step.signals
  delete step.asked
}

/** Gives a row another status, and keeps the counts. */
export function setStatus(progress: Progress, step: StepProgress, status: ProgressStatus): void {
  if (step.declared !== undefined) {
    progress.counts[step.status]--
    progress.counts[status]++
  }
  step.status = status
  if (settled.has(status)) progress.live.delete(step)
  else progress.live.add(step)
}

const settled: ReadonlySet<ProgressStatus> = new Set(['completed', 'failed', 'skipped', 'cancelled', 'pending'])
