import type { EventOf, Json } from '@segno/schema/plan'
import { enqueue } from './agenda.ts'
import { keptOf } from './kept.ts'
import { runMachine, stepMachine } from './life-cycle.ts'
import type { Plan } from './plan.ts'
import { locate, openFrame } from './frame.ts'
import { addSignal, corrupt, keyPrefixOf, newBlock, newStep } from './state.ts'
import type { RunState } from './state.ts'
import { stopBlock } from './stop.ts'
import { setLimit } from './timers.ts'

export function runCreated(plan: Plan, state: RunState, event: EventOf<'run.created'>): void {
  if (event.plan !== plan.hash) throw corrupt(`the run is pinned to plan ${event.plan}, not to ${plan.hash}`)
  state.status = runMachine.apply(runOf(state), 'create') as RunState['status']
  state.runId = event.runId
  state.incarnation = event.incarnation
  state.keyPrefix = keyPrefixOf(event.incarnation)
  state.planHash = event.plan
  state.workflow = event.workflow
  state.createdAt = event.at
  state.labels = event.labels
  state.handlers = event.handlers
  state.input = keptOf(state, event.input, event.inputBlob) ?? null
  state.reuse = keptOf(state, event.reuse as Json | undefined, event.reuseBlob)
  state.stepsMax = plan.stepsMax
  state.deadline = event.deadline ?? 0
  state.holdsFailures = event.onFailure === 'block'
  if (event.parent?.awaited === true) state.parent = { runId: event.parent.runId, path: event.parent.path }
  const root = newStep(plan.root, undefined, '')
  root.status = stepMachine.next('pending', 'start')
  root.attempt = 1
  root.startedAt = event.at
  root.block = newBlock()
  state.root = root
  openFrame(state, root, plan.root.body)
  setLimit(state, root, state.deadline)
}

// `evolve` lets nothing follow the end of a run.
function runOf(state: RunState): 'queued' | 'active' | 'cancelling' {
  return state.status as 'queued' | 'active' | 'cancelling'
}

export function runEnded(state: RunState, event: EventOf<'run.completed' | 'run.failed' | 'run.cancelled'>): void {
  const from = runOf(state)
  if (event.type === 'run.completed') {
    state.status = runMachine.apply(from, 'complete') as RunState['status']
    state.output = keptOf(state, event.output, event.outputBlob)
  } else if (event.type === 'run.failed') {
    state.status = runMachine.apply(from, 'fail') as RunState['status']
    state.failure = event.failure
  } else {
    state.status = runMachine.apply(from, 'finish') as RunState['status']
    state.cancelBecause = event.because
  }
  state.root = undefined
  state.steps.clear()
  state.frames.clear()
  state.agenda = []
  state.agendaAt = 0
  state.signals.clear()
  state.children.clear()
  state.undoing.clear()
  state.waiters.clear()
}

export function runSettled(state: RunState, event: EventOf<'run.settled'>): void {
  const { status, output, outputBlob, failure, because } = event
  state.errandsChanged = true
  if (status === 'completed') state.settled = { status, output: keptOf(state, output, outputBlob) ?? {} }
  else if (status === 'failed' && failure !== undefined) state.settled = { status, failure }
  else if (status === 'cancelled' && because !== undefined) state.settled = { status, because }
  else throw corrupt(`the run settles as ${status}, and does not say how`)
}

export function runUnblocked(state: RunState): void {
  state.blocked = undefined
  state.pickups = 0
  limitDuration(state)
}

/** The limit of time of the run holds, as it is now: but not for one that is being cancelled, nor for its `finally`. */
export function limitDuration(state: RunState): void {
  const root = locate(state, '')
  if (state.status === 'active' && root.block?.phase !== 'finally') setLimit(state, root, state.deadline)
}

export function signalReceived(state: RunState, event: EventOf<'signal.received'>): void {
  const { id, name } = event
  addSignal(state, { id, name, data: keptOf(state, event.data, event.dataBlob) ?? null, seq: event.seq })
  for (const waiter of state.waiters.get(name) ?? []) enqueue(state, waiter)
}

export function signalLeft(state: RunState, event: EventOf<'signal.consumed' | 'signal.ignored'>): void {
  for (const [name, pending] of state.signals) {
    const at = pending.findIndex((signal) => signal.id === event.id)
    if (at < 0) continue
    pending.splice(at, 1)
    state.signalCount--
    if (pending.length === 0) state.signals.delete(name)
    return
  }
}

export function cancelRequested(state: RunState, event: EventOf<'cancel.requested'>): void {
  const from = runOf(state)
  if (from === 'queued') throw corrupt('a run is cancelled before it is created')
  state.status = runMachine.next(from, 'cancel')
  state.cancelBecause = event.because
  state.forced ||= event.force
  state.paused = false
  state.blocked = undefined
  state.pickups = 0
  state.errandsChanged = true
  const root = locate(state, '')
  setLimit(state, root, 0)
  stopBlock(state, root, { kind: 'cancelled', because: event.because }, event)
}
