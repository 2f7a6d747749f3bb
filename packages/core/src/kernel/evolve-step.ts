import type { EventOf, Failure } from '@segno/schema/plan'
import { enqueue } from './agenda.ts'
import { grown } from './grown.ts'
import { closeInside, endingOf } from './inside.ts'
import { runsTogether } from './frame.ts'
import { keptOf } from './kept.ts'
import type { Kept } from './kept.ts'
import { begin, endWait, settle, unwait } from './occurrence.ts'
import { childEndedInParallel } from './parallel.ts'
import { locate } from './frame.ts'
import { blockOf, corrupt } from './state.ts'
import type { Ending, Frame, RunState, StepState } from './state.ts'
import { setStatus } from './step-status.ts'
import { beginGrace, stopBlock, stopFrame } from './stop.ts'
import { setLimit, setWait } from './timers.ts'
import { clearUndos, recordOf, undosWithin } from './undo.ts'
import type { UndoRecord } from './undo.ts'

export function attemptStarted(state: RunState, event: EventOf<'attempt.started'>, known?: StepState): void {
  const step = begin(state, event.path, known)
  if (event.attempt !== step.attempt + 1)
    throw corrupt(`attempt ${event.attempt} of "${event.path}" follows ${step.attempt}`)
  setStatus(state, step, 'start')
  step.attempt = event.attempt
  step.token = event.token
  step.effect = event.effect
  step.key = event.key
  if (step.startedAt === 0) step.startedAt = event.at
  if (event.input !== undefined || event.inputBlob !== undefined)
    step.input = keptOf(state, event.input, event.inputBlob)
  setWait(state, step, 0)
  step.stopping = undefined
  setLimit(state, step, event.deadline ?? 0)
  state.started = grown(state.started, step)
}

export function attemptFailed(state: RunState, event: EventOf<'attempt.failed'>): void {
  const step = locate(state, event.path)
  settle(state, step)
  closeInside(state, step)
  setStatus(state, step, 'retry')
  step.failures++
  step.failure = event.failure
  step.stopping = undefined
  endWait(state, step)
  setLimit(state, step, 0)
  setWait(state, step, event.retryAt)
}

export function attemptLost(state: RunState, event: EventOf<'attempt.lost' | 'attempt.abandoned'>): void {
  const step = locate(state, event.path)
  settle(state, step)
  setStatus(state, step, 'lose')
  setWait(state, step, 0)
  setLimit(state, step, 0)
  enqueue(state, step)
}

export function stepBlocked(state: RunState, event: EventOf<'step.blocked'>): void {
  const step = begin(state, event.path)
  settle(state, step)
  closeInside(state, step)
  unwait(state, step)
  endWait(state, step)
  setStatus(state, step, 'block')
  step.failure = event.failure
  // One whose time was up has stopped.
  step.stopping = undefined
  setLimit(state, step, 0)
  setWait(state, step, 0)
}

type EndEvent = EventOf<'step.completed' | 'step.failed' | 'step.skipped' | 'step.cancelled'>

export function stepEnded(state: RunState, event: EndEvent, known?: StepState): void {
  const step = begin(state, event.path, known)
  const { frame } = step
  if (frame === undefined) throw corrupt('the run itself ends with an event of its own')
  settle(state, step)
  unwait(state, step)
  const ending = endOf(state, step, frame, event)
  handOn(state, step, frame, event)
  closeInside(state, step)
  endWait(state, step)
  if (step.startedAt === 0 && event.type !== 'step.skipped') step.startedAt = event.at
  step.endedAt = event.at
  setLimit(state, step, 0)
  setWait(state, step, 0)
  step.input = undefined
  state.steps.delete(step.path)
  frame.active.delete(step)
  if (event.type !== 'step.skipped' && event.type !== 'step.cancelled') state.pickups = 0
  if (event.type !== 'step.cancelled') endedLast(frame, step)
  if (runsTogether(frame)) childEndedInParallel(state, frame, step, { ending, at: event.at })
  else if (ending.kind === 'completed') while (frame.steps[frame.cursor] !== undefined) frame.cursor++
  else stopFrame(state, frame, ending, { at: event.at, force: false })
  enqueue(state, frame)
}

// What an operator has taken up again may end after a later step of its list, and does not come after it for that.
function endedLast(frame: Frame, step: StepState): void {
  const { last } = frame
  if (last === undefined || runsTogether(frame) || last.node.position <= step.node.position) frame.last = step
}

// Sets what the step keeps of its end, and tells what that means for the list around it.
function endOf(state: RunState, step: StepState, frame: Frame, event: EndEvent): Ending {
  switch (event.type) {
    case 'step.completed': {
      // A `finally` that ran after a `return` has an ending of its own; what it was entered with counts.
      const inside = step.block === undefined ? undefined : (step.block.result ?? endingOf(step))
      const returned = step.node.kind === 'return' || (inside?.kind === 'returned' && step.node.kind !== 'call')
      setStatus(state, step, 'complete')
      // What an attempt before has failed with is in the journal: a step that has completed has no failure.
      step.failure = undefined
      const output = keptOf(state, event.output, event.outputBlob)
      if (step.node.kind === 'return') keepReturned(frame, output)
      if (step.node.outputRead) step.output = output
      step.exitCode = event.exitCode
      return returned ? { kind: 'returned' } : { kind: 'completed' }
    }
    case 'step.failed':
      setStatus(state, step, 'fail')
      step.failure = event.failure
      return step.node.onFailure === 'continue' ? { kind: 'completed' } : failed(event.failure)
    case 'step.skipped':
      // One that an operator skips has begun, and counts.
      if (step.status === 'pending' && !frame.shielded) state.stepsStarted--
      setStatus(state, step, 'skip')
      step.failure = undefined
      return { kind: 'completed' }
    case 'step.cancelled':
      setStatus(state, step, 'cancel')
      step.failure = event.failure
      return { kind: 'cancelled', because: event.because }
    default:
      return event satisfies never
  }
}

// A `return` ends the workflow that it stands in: the run, or what a step called.
function keepReturned(frame: Frame, output: Kept | undefined): void {
  let { owner } = frame
  while (owner.frame !== undefined && owner.node.kind !== 'call') owner = owner.frame.owner
  blockOf(owner).returned = output
}

// What completed may have to be taken back by the block around it, with all that completed inside.
function handOn(state: RunState, step: StepState, frame: Frame, event: EndEvent): void {
  const { block, node, path } = step
  const record = recordOf(frame, node)
  if (record !== undefined) {
    state.undoing.delete(record.path)
    state.undoCount--
  }
  const kept: UndoRecord[] = []
  if (event.type === 'step.completed' && block !== undefined) {
    kept.push(...undosWithin(block))
    clearUndos(block)
  }
  if (node.undo !== undefined && event.type !== 'step.skipped') {
    const { undo, undoBlob, undoFailure } = event
    if (undo !== undefined || undoBlob !== undefined || undoFailure !== undefined) {
      const input = keptOf(state, undo, undoBlob)
      kept.push({ node: node.undo, path: `${path}.undo`, input, failure: undoFailure, seq: event.seq })
      state.undoCount++
    }
  }
  // What takes back is not taken back itself.
  if (frame.undoing !== undefined) state.undoCount -= kept.length
  else for (const one of kept) frame.undos.push(one)
}

function failed(failure: Failure): Ending {
  return { kind: 'failed', failure }
}

export function timerSet(state: RunState, event: EventOf<'timer.set'>): void {
  const step = begin(state, event.path)
  if (event.purpose === 'timeout') {
    setLimit(state, step, event.due)
    return
  }
  if (event.purpose === 'sleep') {
    setStatus(state, step, 'wait')
    step.startedAt = event.at
  }
  setWait(state, step, event.due)
}

export function timerFired(state: RunState, event: EventOf<'timer.fired'>): void {
  const step = locate(state, event.path)
  state.pickups = 0
  if (event.purpose !== 'timeout') {
    setWait(state, step, 0)
    if (step.block !== undefined) {
      step.block.rested = true
      if (event.purpose === 'after') step.block.passed++
    }
    enqueue(state, step)
    return
  }
  setLimit(state, step, 0)
  const failure: Failure = { code: 'TIMEOUT', message: `"${event.path}" took longer than its timeout`, retryable: true }
  const ending: Ending = { kind: 'failed', failure }
  if (step.node.lists.length > 0) {
    stopBlock(state, step, ending, { at: event.at, force: false })
  } else if (step.node.kind === 'start') {
    step.stopping = ending
    state.errandsChanged = true
    enqueue(state, step)
  } else if (step.status === 'running') {
    step.stopping = ending
    setStatus(state, step, 'stop')
    beginGrace(state, step, event.at)
  }
}
