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

/** The path of a pass of a loop: of an item that an operator has done again, of its newest one. */
export function passAt(loop: StepProgress, index: number): string {
  return loop.redo?.rows.get(index) ?? passPath(loop, index, loop.attempt + (loop.redo?.before ?? 0))
}

/** An item begins: where it is done again, as a pass of its own, in the place of the one before. */
export function beginPass(progress: Progress, loop: StepProgress, index: number): string {
  const { redo } = loop
  if (redo?.items.delete(index) !== true) return passAt(loop, index)
  const before = passAt(loop, index)
  loop.children = loop.children.filter(({ path }) => path !== before)
  redo.count += 1
  const path = passPath(loop, index, loop.attempt + redo.count)
  redo.rows.set(index, path)
  return path
}

/** An operator wants items of a loop to be done again: their paths end with their places. */
export function redoItems(progress: Progress, paths: readonly string[]): void {
  for (const path of paths) {
    const [, loopPath, index] = /^(.*)\[(\d+)\]$/.exec(path) ?? []
    const loop = loopPath === undefined ? undefined : stepAt(progress, loopPath)
    if (loop === undefined) continue
    loop.redo ??= { items: new Set(), before: 0, count: 0, rows: new Map() }
    loop.redo.items.add(Number(index))
  }
}

/** A loop begins anew: what was done again in its attempt before counts on, so that no path comes twice. */
export function settleRedo({ redo }: StepProgress): void {
  if (redo === undefined) return
  redo.items.clear()
  redo.rows.clear()
  redo.before = redo.count
}

function passPath({ path }: StepProgress, index: number, pass: number): string {
  return `${path}[${index}]${pass > 1 ? `~${pass}` : ''}`
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
