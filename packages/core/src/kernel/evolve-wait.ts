import type { EventOf } from '@segno/schema/plan'
import { enqueue } from './agenda.ts'
import { locate } from './frame.ts'
import { keptOf } from './kept.ts'
import { begin } from './occurrence.ts'
import { blockOf, corrupt } from './state.ts'
import type { Reply, RunState, StepState } from './state.ts'
import { setStatus } from './step-status.ts'
import { setLimit, setWait } from './timers.ts'

export function taskAsked(state: RunState, event: EventOf<'task.asked'>): void {
  const step = begin(state, event.path)
  setStatus(state, step, 'wait')
  step.attempt = event.attempt
  if (step.startedAt === 0) step.startedAt = event.at
  step.hash = event.hash
  setWait(state, step, 0)
  setLimit(state, step, event.deadline ?? 0)
}

export function taskAnswered(state: RunState, event: EventOf<'task.answered'>): void {
  const step = locate(state, event.path)
  step.reply = { kind: 'answer', output: keptOf(state, event.answer, event.answerBlob) ?? null }
  // Who has answered has answered in time.
  setLimit(state, step, 0)
  enqueue(state, step)
}

/** A child run is to be: the step waits for it, as far as it is told to. */
export function awaitChild(state: RunState, step: StepState, event: EventOf<'step.started'>): void {
  const { child: runId, path, attempt } = event
  const { node } = step
  if (runId === undefined || node.kind !== 'start') throw corrupt(`"${path}" starts no run`)
  step.child = runId
  step.reply = undefined
  step.stopping = undefined
  const input = keptOf(state, event.input, event.inputBlob) ?? {}
  const child = { runId, path, node, attempt, input, step, started: false }
  state.children.set(runId, child)
  state.newChildren.push(child)
}

export function childStarted(state: RunState, event: EventOf<'child.started'>): void {
  const child = state.children.get(event.child)
  if (child?.step === undefined) throw corrupt(`no step starts the run ${event.child}`)
  const { step } = child
  child.started = true
  if (step.stopping !== undefined || step.verdict !== undefined) state.errandsChanged = true
  state.pickups = 0
  enqueue(state, step)
}

export function childSettled(state: RunState, event: EventOf<'child.settled'>): void {
  const child = state.children.get(event.child)
  if (child === undefined) throw corrupt(`no step waits for the run ${event.child}`)
  state.children.delete(event.child)
  const { step } = child
  if (step !== undefined) {
    step.reply = replyOf(state, event)
    setLimit(state, step, 0)
    enqueue(state, step)
    return
  }
  // The run itself may be waiting for its last child.
  for (const frame of blockOf(locate(state, '')).frames) enqueue(state, frame)
}

function replyOf(state: RunState, event: EventOf<'child.settled'>): Reply {
  const { status, output, outputBlob, failure, because } = event
  if (status === 'completed') return { kind: 'completed', output: keptOf(state, output, outputBlob) }
  if (status === 'failed' && failure !== undefined) return { kind: 'failed', failure }
  return { kind: 'cancelled', because: because ?? { code: 'CANCELLED' } }
}
