import type { EventOf, Failure, Json } from '@segno/schema/plan'
import { enqueue } from './agenda.ts'
import { endingOf, keepsResults } from './inside.ts'
import { Held, keptOf } from './kept.ts'
import type { Kept } from './kept.ts'
import { awaitSignals, begin } from './occurrence.ts'
import type { PlanList } from './plan.ts'
import { failureJson } from './scope.ts'
import { closeFrame, locate, newFrame, openFrame } from './frame.ts'
import { blockOf, corrupt, newBlock } from './state.ts'
import type { BlockState, Ending, Frame, RunState, StepState } from './state.ts'
import { setStatus } from './step-status.ts'
import { stopBlock } from './stop.ts'
import { setLimit, setWait } from './timers.ts'
import { awaitChild } from './evolve-wait.ts'
import { clearUndos, listUndos, undoList, undosWithin } from './undo.ts'

export function stepStarted(state: RunState, event: EventOf<'step.started'>): void {
  const step = begin(state, event.path)
  open(state, step, event)
  const { node } = step
  if (node.kind === 'waitFor') {
    wait(state, step, event.signal)
    return
  }
  if (node.kind === 'start') return awaitChild(state, step, event)
  const block = blockOf(step)
  block.concurrency = event.concurrency ?? 1
  switch (node.kind) {
    case 'do':
    case 'parallel':
    case 'try':
      openFrame(state, step, node.body)
      return
    case 'call':
      // Kept beside the inside: a `finally` also runs where a cancel finds the call between two attempts.
      step.input = keptOf(state, event.input, event.inputBlob)
      openFrame(state, step, node.body)
      return
    case 'states':
      awaitSignals(state, step, node.signals)
      enqueue(state, step)
      return
    case 'forEach':
      block.items = keptOf(state, event.items, event.itemsBlob)
      block.max = event.count ?? event.items?.length ?? 0
      enqueue(state, step)
      return
    case 'repeat':
      block.max = event.max ?? 0
      block.previous = keptOf(state, event.initial, event.initialBlob)
      enqueue(state, step)
      return
    default:
      throw corrupt(`"${event.path}" is a ${node.kind} step, which does not start like this`)
  }
}

// What opening has in common: a new attempt, its time limit, an inside of its own.
function open(
  state: RunState,
  step: StepState,
  event: { readonly at: number; readonly attempt: number; readonly deadline?: number },
): void {
  if (event.attempt !== step.attempt + 1)
    throw corrupt(`attempt ${event.attempt} of "${step.path}" follows ${step.attempt}`)
  setStatus(state, step, step.node.kind === 'waitFor' || step.node.kind === 'start' ? 'wait' : 'start')
  step.attempt = event.attempt
  if (step.startedAt === 0) step.startedAt = event.at
  setWait(state, step, 0)
  setLimit(state, step, event.deadline ?? 0)
  if (step.node.lists.length > 0) step.block = insideOf(step)
}

function insideOf({ redone }: StepState): BlockState {
  return { ...newBlock(), passesBefore: redone }
}

function wait(state: RunState, step: StepState, signal: string | undefined): void {
  if (signal === undefined) throw corrupt(`"${step.path}" waits for no signal`)
  step.signal = signal
  awaitSignals(state, step, [signal])
  enqueue(state, step)
}

export function branchTaken(state: RunState, event: EventOf<'branch.taken'>): void {
  const step = begin(state, event.path)
  if (event.branch === 'undo') return takeBack(state, step, event)
  const list = step.node.lists.find((candidate) => candidate.role === event.branch)
  if (event.branch === 'finally' || event.branch.startsWith('catch[')) {
    if (list === undefined) throw corrupt(`"${event.path}" has no ${event.branch}`)
    nextPhase(state, step, list, event.failure)
    return
  }
  open(state, step, event)
  if (list !== undefined) openFrame(state, step, list)
  else if (event.branch === 'none') enqueue(state, step)
  else throw corrupt(`"${event.path}" has no branch ${event.branch}`)
}

function nextPhase(state: RunState, step: StepState, list: PlanList, failure: Failure | undefined): void {
  // A block that waits for its retry has no inside; a cancel then goes straight to `finally`.
  step.block ??= insideOf(step)
  const block = step.block
  const ending: Ending = failure === undefined ? (step.stopping ?? endingOf(step)) : { kind: 'failed', failure }
  const error = ending.kind === 'failed' ? ending.failure : null
  block.phase = list.role === 'finally' ? 'finally' : 'catch'
  if (block.phase === 'finally') {
    block.result = ending
    setLimit(state, step, 0)
    setWait(state, step, 0)
  }
  block.ending = undefined
  for (const frame of block.frames) closeFrame(state, frame)
  if (block.unwind !== undefined) closeFrame(state, block.unwind)
  block.unwind = undefined
  openFrame(state, step, list).error = error
}

// What was done inside is taken back, the newest first: of one item that fails alone, or of all.
function takeBack(state: RunState, step: StepState, event: EventOf<'branch.taken'>): void {
  const block = blockOf(step)
  const item = event.index === undefined ? undefined : block.iterations.get(event.index)
  const records = (item === undefined ? undosWithin(block) : item.undos).toReversed()
  if (item === undefined) clearUndos(block)
  else item.undos = []
  if (event.failure !== undefined) block.ending ??= { kind: 'failed', failure: event.failure }
  const frame = newFrame(step, undoList(step, records), item?.index ?? -1, item?.pass)
  frame.undoing = records
  frame.undoes = item
  const holder = item ?? block
  if (holder.unwind !== undefined) closeFrame(state, holder.unwind)
  holder.unwind = frame
  listUndos(state, frame)
  enqueue(state, frame)
}

export function stateEntered(state: RunState, event: EventOf<'state.entered'>): void {
  const step = locate(state, event.path)
  const { node } = step
  const block = blockOf(step)
  if (node.kind !== 'states') throw corrupt(`"${event.path}" is no state machine`)
  if (event.index !== block.next) throw corrupt(`state ${event.index} of "${event.path}" follows ${block.next - 1}`)
  const entered = node.states.get(event.state)
  if (entered === undefined) throw corrupt(`"${event.path}" has no state "${event.state}"`)
  const left = block.frames.at(-1)
  if (left !== undefined) {
    closeFrame(state, left)
    for (const kept of left.undos) block.undos.push(kept)
    left.undos = []
  }
  block.next = event.index + 1
  block.enteredAt = event.at
  block.passed = 0
  const { signal } = event
  block.signal =
    signal === undefined ? undefined : { name: signal, data: keptOf(state, event.data, event.dataBlob) ?? null }
  // Who led to a state may be answered while the machine is in it.
  if (event.by !== 'signal') step.taken = undefined
  setWait(state, step, 0)
  state.pickups = 0
  openFrame(state, step, entered.list, { index: event.index })
}

export function iterationStarted(state: RunState, event: EventOf<'iteration.started'>): void {
  const step = locate(state, event.path)
  const { node } = step
  const block = blockOf(step)
  if (node.kind !== 'repeat' && node.kind !== 'forEach') throw corrupt(`"${event.path}" is no loop`)
  if (block.again[0] === event.index) {
    block.again.shift()
    step.redone++
    openFrame(state, step, node.body, { index: event.index, pass: step.attempt + step.redone })
    return
  }
  if (event.index !== block.next) throw corrupt(`iteration ${event.index} of "${event.path}" follows ${block.next - 1}`)
  if (node.kind === 'repeat') block.iterations.clear()
  block.next = event.index + 1
  block.rested = false
  openFrame(state, step, node.body, { index: event.index })
}

type IterationEnd = EventOf<'iteration.completed' | 'iteration.failed' | 'iteration.cancelled'>

export function iterationEnded(state: RunState, event: IterationEnd): void {
  const step = locate(state, event.path)
  const block = blockOf(step)
  const frame = block.iterations.get(event.index)
  if (frame === undefined) throw corrupt(`iteration ${event.index} of "${event.path}" ends before it begins`)
  closeFrame(state, frame)
  if (frame.unwind !== undefined) closeFrame(state, frame.unwind)
  for (const kept of frame.undos) block.undos.push(kept)
  frame.undos = []
  block.ended++
  // The last iteration of a `repeat` stays readable, for the block's output.
  if (step.node.kind === 'forEach') block.iterations.delete(event.index)
  if (event.type === 'iteration.completed') {
    state.pickups = 0
    iterationCompleted(state, step, frame, event)
  } else if (event.type === 'iteration.failed') iterationFailed(state, step, event)
  enqueue(state, step)
}

function iterationCompleted(
  state: RunState,
  step: StepState,
  frame: Frame,
  event: EventOf<'iteration.completed'>,
): void {
  const block = blockOf(step)
  const output = keptOf(state, event.output, event.outputBlob)
  if (frame.ending?.kind === 'returned') block.ending ??= { kind: 'returned' }
  if (step.node.kind === 'repeat') {
    if (step.node.initial !== undefined) block.previous = output
    block.done = event.done === true
  } else if (keepsResults(step)) {
    block.results[event.index] = step.node.kind === 'forEach' && step.node.collect ? collected(output) : output
  }
}

function iterationFailed(state: RunState, step: StepState, event: EventOf<'iteration.failed'>): void {
  const block = blockOf(step)
  if (step.node.kind === 'forEach' && step.node.collect) {
    block.failed.add(event.index)
    if (keepsResults(step)) block.results[event.index] = { ok: false, failure: failureJson(event.failure) }
    return
  }
  if (block.ending !== undefined) {
    block.failures.push(event.failure)
    return
  }
  stopBlock(state, step, { kind: 'failed', failure: event.failure }, { at: event.at, force: false })
}

// A result that lives beside the journal keeps standing by itself; the list is put together when the block ends.
function collected(output: Kept | undefined): Kept | undefined {
  if (output instanceof Held) return output
  const result: Json = output === undefined ? { ok: true } : { ok: true, output }
  return result
}
