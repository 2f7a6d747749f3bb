import { isJsonObject } from '@segno/schema/plan'
import type { EventOf, Json, StepPath } from '@segno/schema/plan'
import { enqueue } from './agenda.ts'
import { keptOf } from './kept.ts'
import { limitDuration } from './evolve-run.ts'
import { pathOf } from './frame.ts'
import { takeUpAgain } from './evolve-redo.ts'
import { corrupt } from './state.ts'
import type { RunState, StepState, Verdict } from './state.ts'
import { setStatus } from './step-status.ts'
import { setLimit, setWait } from './timers.ts'

export function operatorActed(state: RunState, event: EventOf<'operator.acted'>): void {
  if (event.refused !== undefined) return
  const { action, path = '', reason } = event
  switch (action) {
    case 'pause':
      state.paused = true
      return
    case 'resume':
      state.paused = false
      return
    case 'retry':
      if (event.again !== undefined) return takeUpAgain(state, event.again)
      for (const step of blockedSteps(state, event.path)) makeReady(state, step)
      return
    case 'raise':
      return raise(state, event.after)
    case 'skip':
      return decided(state, path, {
        kind: 'skip',
        because: { code: 'OPERATOR', message: reason ?? 'skipped on request' },
      })
    case 'override':
      return decided(state, path, { kind: 'override', output: keptOf(state, event.output, event.outputBlob) })
    case 'migrate':
      // What it changes stands in `plan.migrated`; only one that is refused is told like this.
      throw corrupt('a run is migrated without the plan that it goes on by')
    default:
      return action satisfies never
  }
}

/** The blocked steps of a run: the one at `path`, or all. */
export function blockedSteps(state: RunState, path: StepPath | undefined): StepState[] {
  const candidates = path === undefined ? [...state.steps.values()] : [state.steps.get(path)]
  return candidates.filter((step) => step !== undefined).filter((step) => step.status === 'blocked')
}

function makeReady(state: RunState, step: StepState): void {
  setStatus(state, step, 'ready')
  step.failures = 0
  step.failure = undefined
  step.verdict = undefined
  // A block counts its attempts itself; a step without an inside gets a new path, and so a new key.
  if (step.node.lists.length === 0) {
    rename(state, step)
  }
  enqueue(state, step)
}

// The step goes to the end of the open ones, in its list as in the run: both keep one order.
function rename(state: RunState, step: StepState): void {
  const { frame, path } = step
  state.steps.delete(path)
  step.visit++
  step.attempt = 0
  step.announced = 0
  step.key = ''
  step.path = pathOf(step.frame, step.node, step.visit)
  state.steps.set(step.path, step)
  frame?.active.delete(step)
  frame?.active.add(step)
}

// What the operator said ends the step when it is its turn: nothing that it waited for counts any more.
function decided(state: RunState, path: StepPath, verdict: Verdict): void {
  const step = state.steps.get(path)
  if (step === undefined) throw corrupt(`an operator decides about "${path}", which is not open`)
  step.verdict = verdict
  setLimit(state, step, 0)
  setWait(state, step, 0)
  if (step.node.kind === 'start') state.errandsChanged = true
  enqueue(state, step)
}

function raise(state: RunState, after: Json | undefined): void {
  if (!isJsonObject(after)) return
  const { steps, deadline, transitions } = after
  if (typeof transitions === 'number') state.transitionsMax = transitions
  if (typeof steps === 'number') state.stepsMax = steps
  if (typeof deadline === 'number') {
    state.deadline = deadline
    limitDuration(state)
  }
}
