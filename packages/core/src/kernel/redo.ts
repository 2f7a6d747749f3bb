import type { StepPath } from '@segno/schema/plan'
import { dependentsOf } from './dependents.ts'
import { openPlace } from './frame.ts'
import { stepMachine } from './life-cycle.ts'
import { blockOf } from './state.ts'
import type { Frame, RunState, StepState } from './state.ts'
import { isInFlight } from './step-status.ts'
import { isUnwinding } from './undo.ts'

/** The newest occurrence of a step in an open list, also one that has ended. */
export function occurrenceAt(state: RunState, path: StepPath): StepState | undefined {
  const place = openPlace(state, path)
  const step = place?.frame.steps[place.node.position]
  return step?.path === path ? step : undefined
}

/** The item of an open `forEach` that failed alone, by its own path or by that of anything in it. */
export function itemAt(
  state: RunState,
  path: StepPath,
): { readonly path: StepPath; readonly step: StepState; readonly index: number } | undefined {
  for (const match of [...path.matchAll(/\[(\d+)\]/g)].toReversed()) {
    const step = state.steps.get(path.slice(0, match.index))
    const index = Number(match[1])
    if (step?.block?.failed.has(index) === true) return { path: `${step.path}[${index}]`, step, index }
  }
  return undefined
}

/**
 * What is done again when an operator retries a step that has failed and was
 * passed over; or why it cannot be. `undefined` where no such step is there.
 */
export function redoOf(
  state: RunState,
  path: StepPath,
  downstream: boolean,
): { readonly again: readonly StepPath[] } | { readonly refusal: string } | undefined {
  const item = itemAt(state, path)
  if (item !== undefined) {
    return blockOf(item.step).ending === undefined
      ? { again: [item.path] }
      : { refusal: `the list around "${item.path}" is ending` }
  }
  const step = occurrenceAt(state, path)
  if (step?.frame === undefined || !stepMachine.isFinal(step.status)) return undefined
  const { frame } = step
  if (step.status !== 'failed') return { refusal: `"${path}" is ${step.status}; only what has failed is done again` }
  if (frame.ending !== undefined || blockOf(frame.owner).ending !== undefined) {
    return { refusal: `the list that "${path}" is in is ending` }
  }
  if (isUnwinding(frame)) return { refusal: `what was done after "${path}" is being taken back` }
  const later = laterThan(frame, step)
  for (const one of later) {
    const refusal = refusalOf(state, one, downstream)
    if (refusal !== undefined) return { refusal }
  }
  return { again: [step, ...(downstream ? later : [])].map((one) => one.path) }
}

// What follows a step in its list and has begun: after it, or where steps run together, what needs it.
function laterThan(frame: Frame, { node }: StepState): StepState[] {
  const { owner, steps } = frame
  if (owner.node.kind !== 'parallel') {
    return steps.slice(node.position + 1).filter((step) => step !== undefined)
  }
  const found = dependentsOf(owner.node, node.position)
  return steps.filter((step) => step !== undefined).filter((step) => found.has(step.node.position))
}

function refusalOf(state: RunState, step: StepState, downstream: boolean): string | undefined {
  const { path, node, status } = step
  if (stepMachine.isFinal(status)) return undefined
  const isBusy = isInFlight(step) || step.block !== undefined || (node.kind === 'start' && status === 'waiting')
  if (isBusy && downstream) return `"${path}" comes after it and has not ended; wait until it has, or stop it`
  if (isBusy) return state.paused ? undefined : `"${path}" comes after it and is under way; pause the run first`
  if (!downstream) return undefined
  if (step.failure?.code === 'OUTCOME_UNKNOWN' || (status === 'ready' && step.attempt > 0 && node.kind === 'work')) {
    return `nobody knows what "${path}", which comes after it, has done; retry, skip or override that first`
  }
  const owesFinally = status === 'retrying' && node.lists.some(({ role }) => role === 'finally')
  return owesFinally ? `"${path}" comes after it and has not ended` : undefined
}
