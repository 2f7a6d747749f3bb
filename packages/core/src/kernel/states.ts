import { validateJson } from '@segno/schema/plan'
import type { EventPayloads, Json } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { emit, evaluateTest, isDecided, loadedValue, sliceEventsMax } from './deciding.ts'
import { endSection, failBlock } from './end.ts'
import { Held } from './kept.ts'
import type { PlanState, PlanTransition, StatesNode } from './plan.ts'
import { NoValue } from './scope.ts'
import type { Extras } from './scope.ts'
import { blockOf } from './state.ts'
import type { Frame, PendingSignal, StepState } from './state.ts'
import { isUnwinding } from './undo.ts'

/** Decides where a state machine goes. False when that has to wait: for a value, or for an operator. */
export function nextState(deciding: Deciding, step: StepState): boolean {
  const node = step.node as StatesNode
  const { ending, frames } = blockOf(step)
  const frame = frames.at(-1)
  if (frame === undefined) {
    return ending === undefined ? enter(deciding, step, node.initial, { by: 'initial' }) : endSection(deciding, step)
  }
  if (frame.active.size > 0 || isUnwinding(frame)) return true
  if (frame.ending !== undefined || ending !== undefined) return endSection(deciding, step)
  return frame.cursor < frame.list.nodes.length || afterState(deciding, step, frame)
}

// What the state does is over: it leads on, or the machine rests in it.
function afterState(deciding: Deciding, step: StepState, frame: Frame): boolean {
  const node = step.node as StatesNode
  const state = node.states.get(nameOf(frame))
  const rests = state !== undefined && (state.on.size > 0 || state.after.length > 0)
  if (state === undefined || (!rests && state.next.length === 0)) return endSection(deciding, step)
  const next = firstOf(deciding, state.next, frame)
  if (next !== undefined) return follow(deciding, step, next, { by: 'next' })
  if (rests) return rest(deciding, step, frame, state)
  const message = `the state "${nameOf(frame)}" of "${step.path}" leads nowhere: none of its conditions holds`
  return failBlock(deciding, step, { code: 'NO_TRANSITION', message, retryable: false })
}

function rest(deciding: Deciding, step: StepState, frame: Frame, state: PlanState): boolean {
  const { passed, enteredAt } = blockOf(step)
  for (const { transitions } of state.after.slice(0, passed)) {
    const due = firstOf(deciding, transitions, frame)
    if (due !== undefined) return follow(deciding, step, due, { by: 'after' })
  }
  const taken = takeSignal(deciding, step, frame, state)
  if (taken !== undefined) return taken
  const later = state.after[passed]
  if (step.due === 0 && later !== undefined) {
    const due = Math.max(enteredAt + later.ms, deciding.now)
    emit(deciding, 'timer.set', { path: step.path, due, purpose: 'after' })
  }
  return true
}

// The oldest signal that any state names: this one takes it, or nobody does.
function takeSignal(deciding: Deciding, step: StepState, frame: Frame, state: PlanState): boolean | undefined {
  for (;;) {
    const signal = oldest(deciding, step.node as StatesNode)
    if (signal === undefined) return undefined
    if (deciding.events.length >= sliceEventsMax) return false
    const { id, name, data } = signal
    const value = loadedValue(deciding, data)
    if (value instanceof NoValue) return isDecided(deciding, value)
    const fitting = (state.on.get(name) ?? []).filter(({ schema }) => fits(schema, value))
    const found = firstOf(deciding, fitting, frame, { signal: { name, data: value } })
    // A condition that cannot be evaluated does not hold: whoever sends a signal must not be able to break the machine.
    const failure = found instanceof NoValue ? found.failure : undefined
    if (found !== undefined && failure === undefined) {
      return follow(deciding, step, found, { by: 'signal', from: signal })
    }
    const because =
      failure === undefined
        ? reasonAgainst(name, nameOf(frame), { known: state.on.has(name), fits: fitting.length > 0 })
        : { code: failure.code, message: failure.message }
    emit(deciding, 'signal.ignored', { id, because })
  }
}

function oldest({ state }: Deciding, { signals }: StatesNode): PendingSignal | undefined {
  let first: PendingSignal | undefined
  for (const name of signals) {
    const signal = state.signals.get(name)?.[0]
    if (signal !== undefined && (first === undefined || signal.seq < first.seq)) first = signal
  }
  return first
}

function fits(schema: PlanTransition['schema'], value: Json): boolean {
  return schema === undefined || validateJson(schema, value).length === 0
}

function reasonAgainst(
  signal: string,
  state: string,
  { known, fits: hasFit }: { readonly known: boolean; readonly fits: boolean },
): EventPayloads['signal.ignored']['because'] {
  if (!known) return { code: 'NOT_AWAITED', message: `the state "${state}" does not wait for "${signal}"` }
  if (!hasFit) return { code: 'INPUT_INVALID', message: `the data of signal "${signal}" does not fit` }
  return { code: 'NOT_AWAITED', message: `no condition of the state "${state}" holds for "${signal}"` }
}

function firstOf(
  deciding: Deciding,
  transitions: readonly PlanTransition[],
  frame: Frame,
  extras?: Extras,
): PlanTransition | NoValue | undefined {
  for (const transition of transitions) {
    const holds = transition.test === undefined || evaluateTest(deciding, transition.test, frame, extras)
    if (holds instanceof NoValue) return holds
    if (holds) return transition
  }
  return undefined
}

type Cause = { readonly by: 'initial' | 'next' | 'after' } | { readonly by: 'signal'; readonly from: PendingSignal }

// A condition that fails is the failure of the machine.
function follow(deciding: Deciding, step: StepState, found: PlanTransition | NoValue, cause: Cause): boolean {
  if (!(found instanceof NoValue)) return enter(deciding, step, found.to, cause)
  if (found.failure !== undefined) return failBlock(deciding, step, found.failure)
  return isDecided(deciding, found)
}

function enter(deciding: Deciding, step: StepState, to: string, cause: Cause): boolean {
  const { path } = step
  const { next } = blockOf(step)
  const max = Math.max((step.node as StatesNode).max, deciding.state.transitionsMax)
  if (next >= max) {
    const message = `"${path}" has entered ${next} states, its limit`
    const details = { limit: 'transitions', value: max, path }
    emit(deciding, 'run.blocked', { because: { code: 'LIMIT_EXCEEDED', message, details } })
    return false
  }
  const entered = { path, state: to, index: next, by: cause.by }
  if (cause.by !== 'signal') {
    emit(deciding, 'state.entered', entered)
    return true
  }
  const { id, name, data } = cause.from
  emit(deciding, 'signal.consumed', { path, id })
  const field = data instanceof Held ? { dataBlob: data.ref } : { data }
  emit(deciding, 'state.entered', { ...entered, signal: name, ...field })
  return true
}

function nameOf(frame: Frame): string {
  return frame.list.role.slice('state:'.length)
}
