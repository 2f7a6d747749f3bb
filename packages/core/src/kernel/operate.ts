import type { EventPayloads, Json, StepPath } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { emit, stored } from './deciding.ts'
import { blockedSteps } from './evolve-operator.ts'
import { outputProblem } from './output-problem.ts'
import { redoOf } from './redo.ts'
import { NoValue } from './scope.ts'
import type { RunState, StepState } from './state.ts'
import { isInFlight } from './step-status.ts'

/** What an operator asks for, as it came to the inbox. */
export interface Command {
  readonly id: string
  readonly by: { readonly actor?: string; readonly reason?: string }
  readonly fields: { readonly [key: string]: Json | undefined }
}

/** Lets what runs end and starts nothing new, or goes on. */
export function hold(deciding: Deciding, { id, by }: Command, pause: boolean): void {
  const { state } = deciding
  const action = pause ? 'pause' : 'resume'
  const refusal =
    state.status === 'cancelling'
      ? 'the run is being cancelled'
      : state.paused === pause
        ? `the run is ${pause ? 'already' : 'not'} paused`
        : undefined
  emit(deciding, 'operator.acted', { id, action, ...by, ...refused(refusal) })
}

/** Tries again what is blocked, or what has failed and was passed over. */
export function retry(deciding: Deciding, { id, fields, by }: Command): void {
  const { state } = deciding
  const path = pathIn(fields)
  const heldBack = path === undefined ? state.blocked : undefined
  const isBlocked = blockedSteps(state, path).length > 0 || heldBack !== undefined
  const redo = isBlocked || path === undefined ? undefined : redoOf(state, path, fields['downstream'] === true)
  const nothing = path === undefined ? 'nothing is blocked' : `"${path}" is not blocked`
  const refusal = isBlocked ? undefined : redo === undefined ? nothing : 'refusal' in redo ? redo.refusal : undefined
  const again = redo === undefined || 'refusal' in redo ? {} : { again: redo.again }
  emit(deciding, 'operator.acted', { id, action: 'retry', ...target(path), ...by, ...again, ...refused(refusal) })
  if (heldBack !== undefined) emit(deciding, 'run.unblocked', { because: { code: 'OPERATOR', message: 'retry' } })
}

/** Ends a step that waits or is blocked as if it had been left out. */
export function skip(deciding: Deciding, { id, fields, by }: Command): void {
  const path = pathIn(fields)
  const step = endable(deciding.state, path)
  const refusal = typeof step === 'string' ? step : undefined
  emit(deciding, 'operator.acted', { id, action: 'skip', ...target(path), ...by, ...refused(refusal) })
}

/** Ends a step that waits or is blocked with an output that the operator gives. */
export function override(deciding: Deciding, { id, fields, by }: Command): void {
  const path = pathIn(fields)
  const { output } = fields
  const acted = { id, action: 'override' as const, ...target(path), ...by }
  const step = endable(deciding.state, path)
  if (typeof step === 'string') return emit(deciding, 'operator.acted', { ...acted, ...refused(step) })
  const field = output === undefined ? {} : stored(deciding, 'output', output)
  const because = field instanceof NoValue ? field.failure : misfit(outputProblem(step.node, output))
  if (because !== undefined) {
    const { code, message } = because
    emit(deciding, 'operator.acted', { ...acted, refused: { code, message } })
  } else if (!(field instanceof NoValue)) emit(deciding, 'operator.acted', { ...acted, ...field })
}

function misfit(problem: string | undefined): { readonly code: string; readonly message: string } | undefined {
  return problem === undefined ? undefined : { code: 'OUTPUT_INVALID', message: problem }
}

function pathIn(fields: Command['fields']): StepPath | undefined {
  const { path } = fields
  return typeof path === 'string' ? path : undefined
}

function target(path: StepPath | undefined): { readonly path?: StepPath } {
  return path === undefined ? {} : { path }
}

// The step that an operator may end; or why there is none.
function endable(state: RunState, path: StepPath | undefined): StepState | string {
  if (path === undefined) return 'no step is named'
  const step = state.steps.get(path)
  if (step === undefined) return `"${path}" has not begun, or has ended`
  if (step.block !== undefined) return `"${path}" is open${insideText(state, step)}`
  if (isInFlight(step)) return `"${path}" is at work; it can be ended when it waits or is blocked`
  return step.stopping === undefined ? step : `"${path}" is being stopped`
}

function insideText(state: RunState, { path }: StepState): string {
  const inside = [...state.steps.values()].find((step) => step.status === 'blocked' && isInside(step, path))
  return inside === undefined ? '; what waits in it can be ended' : `; blocked in it is "${inside.path}"`
}

function isInside({ frame }: StepState, path: StepPath): boolean {
  for (let owner = frame?.owner; owner !== undefined; owner = owner.frame?.owner) if (owner.path === path) return true
  return false
}

/** Raises limits, and lets a run go on that has reached one. */
export function raise(deciding: Deciding, { id, fields, by }: Command): void {
  const { state } = deciding
  const { steps, durationMs, transitions } = fields
  const before = { steps: state.stepsMax, deadline: state.deadline, ...told(state.transitionsMax) }
  const after = {
    ...told(typeof transitions === 'number' ? transitions : state.transitionsMax),
    steps: typeof steps === 'number' ? steps : before.steps,
    deadline: typeof durationMs === 'number' ? state.createdAt + durationMs : before.deadline,
  }
  const refusal = refusalToRaise(deciding, before, after)
  emit(deciding, 'operator.acted', { id, action: 'raise', ...by, before, after, ...refused(refusal) })
  if (refusal === undefined && state.blocked?.code === 'LIMIT_EXCEEDED') {
    emit(deciding, 'run.unblocked', { because: { code: 'OPERATOR', message: 'limit raised' } })
  }
}

// Told only once it was raised: most runs have no state machine.
function told(transitions: number): { readonly transitions?: number } {
  return transitions === 0 ? {} : { transitions }
}

interface Limits {
  readonly steps: number
  readonly transitions?: number
  /** 0 for none. */
  readonly deadline: number
}

function refusalToRaise({ state }: Deciding, before: Limits, after: Limits): string | undefined {
  if (state.status === 'cancelling') return 'the run is being cancelled'
  const lower = before.deadline === 0 ? after.deadline !== 0 : after.deadline < before.deadline
  const [transitions, more] = [before.transitions ?? 0, after.transitions ?? 0]
  if (lower || after.steps < before.steps || more < transitions) return 'a limit can only be raised'
  const same = after.steps === before.steps && after.deadline === before.deadline && more === transitions
  return same ? 'no limit is raised' : undefined
}

function refused(message: string | undefined): Pick<EventPayloads['operator.acted'], 'refused'> {
  return message === undefined ? {} : { refused: { code: 'REFUSED', message } }
}
