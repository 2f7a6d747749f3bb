import { parseInstant } from '@segno/schema/plan'
import type { EventPayloads, Failure, Json, Template } from '@segno/schema/plan'
import { ask } from './ask.ts'
import { startChild } from './children.ts'
import { completeStep, undoOf } from './complete.ts'
import type { Deciding } from './deciding.ts'
import {
  deadlineOf,
  describe,
  emit,
  emitAttempt,
  emitFailed,
  evaluate,
  evaluateCount,
  evaluateTest,
  isDecided,
  loadedValue,
  stored,
  typeMismatch,
} from './deciding.ts'
import type {
  AssertNode,
  BlockNode,
  CallNode,
  EmitNode,
  FailNode,
  ForEachNode,
  IfNode,
  MatchNode,
  ParallelNode,
  PlanNode,
  RepeatNode,
  SleepNode,
  WorkNode,
  WaitForNode,
} from './plan.ts'
import { inputsOf } from './place.ts'
import type { Place } from './place.ts'
import { replyToSignal } from './reply.ts'
import { processInput } from './process-input.ts'
import { hashOf, reuse, reuseEdited } from './reuse.ts'
import { Held, isSmall } from './kept.ts'
import { NoValue } from './scope.ts'
import { nextOf, nextStep } from './frame.ts'
import type { Frame, StepState } from './state.ts'
import { recordOf, undosMax } from './undo.ts'
import type { UndoRecord } from './undo.ts'

/**
 * Begins the step at `node` in an open list: skips it, completes it at once,
 * starts an attempt, or opens it. False when that has to wait: a value is to
 * be loaded, or the run has reached its limit.
 */
export function beginStep(deciding: Deciding, frame: Frame, node: PlanNode): boolean {
  const { state } = deciding
  const place = nextOf(frame, node)
  if (node.condition !== undefined) {
    const holds = evaluateTest(deciding, node.condition, frame)
    if (holds instanceof NoValue) return notBegun(deciding, node, place, holds)
    if (!holds) {
      emit(deciding, 'step.skipped', { path: place.path, because: { code: 'CONDITION' } })
      return true
    }
  }
  if (state.stepsStarted >= state.stepsMax && !frame.shielded) {
    const message = `the run has started ${state.stepsStarted} steps, its limit`
    const details = { limit: 'steps', value: state.stepsMax }
    emit(deciding, 'run.blocked', { because: { code: 'LIMIT_EXCEEDED', message, details } })
    return false
  }
  if (node.undo !== undefined && state.undoCount >= undosMax) {
    const message = `the run keeps ${undosMax} steps that may have to be taken back, its limit`
    const failure = { code: 'LIMIT_EXCEEDED', message, retryable: false, details: { limit: 'undos', value: undosMax } }
    return notBegun(deciding, node, place, new NoValue(failure))
  }
  const stop = perform(deciding, node, place)
  return stop === undefined || notBegun(deciding, node, place, stop)
}

/** Begins a step again that has begun before: after a loss, a retry, or an operator's word. */
export function beginAgain(deciding: Deciding, step: StepState, frame: Frame): boolean {
  const { node, path, attempt } = step
  const place: Place = { frame, path, attempt: attempt + 1 }
  const stop =
    node.kind === 'work' && step.input !== undefined
      ? startAttempt(deciding, node, place, {})
      : perform(deciding, node, place)
  return stop === undefined || notBegun(deciding, node, place, stop)
}

// An input or a condition that fails is the step's own failure, without an attempt.
function notBegun(deciding: Deciding, node: PlanNode, { path }: Place, stop: NoValue): boolean {
  if (stop.failure === undefined) return isDecided(deciding, stop)
  emitFailed(deciding, node, { path, attempt: 0, failure: stop.failure })
  return true
}

function perform(deciding: Deciding, node: PlanNode, place: Place): NoValue | undefined {
  const { path, frame } = place
  const edited = reuseEdited(deciding, { node, frame, path })
  if (edited !== false) return edited
  switch (node.kind) {
    case 'work': {
      const record = recordOf(frame, node)
      if (record !== undefined) return takeBack(deciding, node, place, record)
      const input =
        node.process === undefined ? evaluate(deciding, node.input, frame) : processInput(deciding, node, frame)
      if (input instanceof NoValue) return input
      const reused = reuse(deciding, { node, frame, path }, () => hashOf(input))
      if (reused !== false) return reused
      // Written out like the facts of a step, of which it is a part.
      const field = isSmall(input) ? { input } : stored(deciding, 'input', input)
      return field instanceof NoValue ? field : startAttempt(deciding, node, place, field)
    }
    case 'set':
    case 'return': {
      const values = evaluate(deciding, node.values, frame)
      return values instanceof NoValue ? values : complete(deciding, node, place, values)
    }
    case 'assert':
      return assertion(deciding, node, place)
    case 'fail':
      return fail(deciding, node, place)
    case 'ask':
      return ask(deciding, node, place)
    case 'emit':
      return node.signal === undefined
        ? replyToSignal(deciding, node, place)
        : emitSignal(deciding, node, node.signal, place)
    case 'start':
      return startChild(deciding, node, place)
    case 'sleep':
    case 'waitFor': {
      const reused = reuse(deciding, { node, frame, path })
      if (reused !== false) return reused
      return node.kind === 'sleep' ? sleep(deciding, node, place) : wait(deciding, node, place)
    }
    case 'workflow':
      return undefined
    default:
      return openBlock(deciding, node, place)
  }
}

// What it needs was evaluated when the step that it takes back had ended.
function takeBack(
  deciding: Deciding,
  node: WorkNode,
  place: Place,
  { input, failure }: UndoRecord,
): NoValue | undefined {
  if (failure !== undefined) return new NoValue(failure)
  if (input instanceof Held) return startAttempt(deciding, node, place, { inputBlob: input.ref })
  return startAttempt(deciding, node, place, { input: input ?? null })
}

type InputField = Pick<EventPayloads['attempt.started'], 'input' | 'inputBlob'>

function startAttempt(deciding: Deciding, node: WorkNode, place: Place, input: InputField): NoValue | undefined {
  const { state, token } = deciding
  const deadline = deadlineOf(deciding, node.timeout, place.frame)
  if (deadline instanceof NoValue) return deadline
  const { frame, path, attempt } = place
  const effect = node.effect ?? state.handlers[node.handler]?.effect ?? 'idempotent'
  const known = state.steps.get(path)
  const key = keyOf(deciding, node, place, known)
  if (key instanceof NoValue) return key
  if (deadline === undefined && input.input !== undefined && frame.undoing === undefined) {
    const step = known ?? nextStep(frame, node, path)
    emitAttempt(deciding, { path, attempt, token, effect, key, input: input.input }, step)
  } else {
    const limit = deadline === undefined ? {} : { deadline }
    emit(deciding, 'attempt.started', { path, attempt, token, effect, key, ...limit, ...input })
  }
  return undefined
}

// Evaluated once: every attempt of an occurrence has the key of the first.
function keyOf(
  deciding: Deciding,
  node: WorkNode,
  { path, frame }: Place,
  known: StepState | undefined,
): string | NoValue {
  if (known !== undefined && known.key !== '') return known.key
  if (node.idempotencyKey === undefined) return deciding.state.keyPrefix + path
  const key = evaluate(deciding, node.idempotencyKey, frame)
  if (key instanceof NoValue) return key
  return typeof key === 'string' && key !== ''
    ? key
    : typeMismatch(`\`idempotencyKey\` is ${describe(key)}; expected a text`)
}

/** Completes a step with a value, wherever that has to live. */
function complete(deciding: Deciding, node: PlanNode, place: Place, output: Json | undefined): NoValue | undefined {
  const field = output === undefined ? {} : stored(deciding, 'output', output)
  if (field instanceof NoValue) return field
  const { frame, path } = place
  return completeStep(deciding, { node, frame, path }, field)
}

// An `emit` without `to`: what it says is in the journal, and so with everybody who listens.
function emitSignal(deciding: Deciding, node: EmitNode, signal: Template, { path, frame }: Place): NoValue | undefined {
  const name = evaluate(deciding, signal, frame)
  if (name instanceof NoValue) return name
  if (typeof name !== 'string' || name === '') return typeMismatch(`\`signal\` is ${describe(name)}; expected a name`)
  const data = node.data === undefined ? undefined : evaluate(deciding, node.data, frame)
  if (data instanceof NoValue) return data
  const field = data === undefined ? {} : stored(deciding, 'data', data)
  if (field instanceof NoValue) return field
  const undo = undoOf(deciding, { node, frame, path }, { status: 'completed' })
  if (undo instanceof NoValue) return undo
  emit(deciding, 'signal.emitted', { path, name, ...field })
  emit(deciding, 'step.completed', { path, ...undo })
  return undefined
}

function assertion(deciding: Deciding, node: AssertNode, place: Place): NoValue | undefined {
  const { frame } = place
  const holds = evaluateTest(deciding, node.test, frame)
  if (holds instanceof NoValue) return holds
  if (holds) return complete(deciding, node, place, undefined)
  const message = evaluate(deciding, node.message, frame)
  if (message instanceof NoValue) return message
  return failed('ASSERTION_FAILED', message === '' ? `"${node.test.source}" is false` : String(message))
}

function fail(deciding: Deciding, node: FailNode, { frame }: Place): NoValue {
  const message = evaluate(deciding, node.message, frame)
  if (message instanceof NoValue) return message
  const details = node.data === undefined ? undefined : evaluate(deciding, node.data, frame)
  if (details instanceof NoValue) return details
  return failed(node.code, typeof message === 'string' ? message : JSON.stringify(message), details)
}

function failed(code: string, message: string, details?: Json): NoValue {
  const failure: Failure = { code, message, retryable: true, ...(details === undefined ? {} : { details }) }
  return new NoValue(failure)
}

function sleep(deciding: Deciding, node: SleepNode, { path, frame }: Place): NoValue | undefined {
  const due =
    node.until === undefined ? deadlineOf(deciding, node.duration, frame) : instant(deciding, node.until, frame)
  if (due instanceof NoValue) return due
  const deadline = deadlineOf(deciding, node.timeout, frame)
  if (deadline instanceof NoValue) return deadline
  emit(deciding, 'timer.set', { path, due: due ?? deciding.now, purpose: 'sleep' })
  if (deadline !== undefined) emit(deciding, 'timer.set', { path, due: deadline, purpose: 'timeout' })
  return undefined
}

function instant(deciding: Deciding, until: Template, frame: Frame): number | NoValue {
  const text = evaluate(deciding, until, frame)
  if (text instanceof NoValue) return text
  const at = typeof text === 'string' ? parseInstant(text) : undefined
  if (at !== undefined) return Math.max(at, deciding.now)
  const message = `${describe(text)} is not an instant such as 2026-01-31T06:00:00Z`
  return new NoValue({ code: 'TIMESTAMP_INVALID', message, retryable: false })
}

function wait(deciding: Deciding, node: WaitForNode, { path, frame, attempt }: Place): NoValue | undefined {
  const signal = evaluate(deciding, node.signal, frame)
  if (signal instanceof NoValue) return signal
  if (typeof signal !== 'string' || signal === '') {
    return typeMismatch(`\`signal\` is ${describe(signal)}; expected a name`)
  }
  const deadline = deadlineOf(deciding, node.timeout, frame)
  if (deadline instanceof NoValue) return deadline
  emit(deciding, 'step.started', { path, attempt, signal, ...(deadline === undefined ? {} : { deadline }) })
  return undefined
}

function openBlock(
  deciding: Deciding,
  node: Exclude<BlockNode, { kind: 'workflow' }>,
  place: Place,
): NoValue | undefined {
  const { path, attempt, frame } = place
  const ends = deadlineOf(deciding, node.timeout, frame)
  if (ends instanceof NoValue) return ends
  const opening: Opening = { path, attempt, ...(ends === undefined ? {} : { deadline: ends }) }
  switch (node.kind) {
    case 'do':
    case 'try':
    case 'states':
      emit(deciding, 'step.started', opening)
      return undefined
    case 'if':
      return openIf(deciding, node, opening, frame)
    case 'match':
      return openMatch(deciding, node, opening, frame)
    case 'parallel':
      return openParallel(deciding, node, opening, frame)
    case 'forEach':
      return openForEach(deciding, node, opening, frame)
    case 'repeat':
      return openRepeat(deciding, node, opening, frame)
    case 'call':
      return openCall(deciding, node, opening, frame)
    default:
      return node satisfies never
  }
}

function openCall(deciding: Deciding, node: CallNode, opening: Opening, frame: Frame): NoValue | undefined {
  const record = recordOf(frame, node)
  if (record?.failure !== undefined) return new NoValue(record.failure)
  const given = record === undefined ? evaluate(deciding, node.input, frame) : loadedValue(deciding, record.input ?? {})
  if (given instanceof NoValue) return given
  const input = inputsOf(node.unit.definition, given)
  if (input instanceof NoValue) return input
  const field = stored(deciding, 'input', input)
  if (field instanceof NoValue) return field
  emit(deciding, 'step.started', { ...opening, ...field })
  return undefined
}

interface Opening {
  readonly path: string
  readonly attempt: number
  readonly deadline?: number
}

function openIf(deciding: Deciding, node: IfNode, opening: Opening, frame: Frame): NoValue | undefined {
  const holds = evaluateTest(deciding, node.test, frame)
  if (holds instanceof NoValue) return holds
  const branch = holds ? 'do' : node.otherwise === undefined ? 'none' : 'else'
  emit(deciding, 'branch.taken', { ...opening, branch, value: holds })
  return undefined
}

function openMatch(deciding: Deciding, node: MatchNode, opening: Opening, frame: Frame): NoValue | undefined {
  const value = evaluate(deciding, node.subject, frame)
  if (value instanceof NoValue) return value
  if (typeof value === 'object' && value !== null) {
    return typeMismatch(`\`match\` gives ${describe(value)}; cases are text, numbers and booleans`)
  }
  const key = String(value)
  const list = node.cases.get(key) ?? node.otherwise
  if (list === undefined) {
    const cases = [...node.cases.keys()].join(', ')
    return failed('NO_MATCH', `no case fits ${describe(value)}; the cases are ${cases}, and there is no default`)
  }
  emit(deciding, 'branch.taken', { ...opening, branch: list.role, value })
  return undefined
}

function openParallel(deciding: Deciding, node: ParallelNode, opening: Opening, frame: Frame): NoValue | undefined {
  const concurrency = evaluateCount(deciding, node.concurrency, frame, { what: 'concurrency', least: 1 })
  if (concurrency instanceof NoValue) return concurrency
  emit(deciding, 'step.started', { ...opening, concurrency })
  return undefined
}

function openForEach(deciding: Deciding, node: ForEachNode, opening: Opening, frame: Frame): NoValue | undefined {
  const items = evaluate(deciding, node.items, frame)
  if (items instanceof NoValue) return items
  if (!Array.isArray(items)) return typeMismatch(`\`in\` gives ${describe(items)}; expected a list`)
  const concurrency = evaluateCount(deciding, node.concurrency, frame, { what: 'concurrency', least: 1 })
  if (concurrency instanceof NoValue) return concurrency
  const list = items as readonly Json[]
  const field = stored(deciding, 'items', list)
  if (field instanceof NoValue) return field
  emit(deciding, 'step.started', {
    ...opening,
    ...(field as { readonly items?: readonly Json[] }),
    count: list.length,
    concurrency,
  })
  return undefined
}

function openRepeat(deciding: Deciding, node: RepeatNode, opening: Opening, frame: Frame): NoValue | undefined {
  const max = evaluateCount(deciding, node.max, frame, { what: 'max', least: 0 })
  if (max instanceof NoValue) return max
  const initial = node.initial === undefined ? undefined : evaluate(deciding, node.initial, frame)
  if (initial instanceof NoValue) return initial
  const field = initial === undefined ? {} : stored(deciding, 'initial', initial)
  if (field instanceof NoValue) return field
  emit(deciding, 'step.started', { ...opening, max, ...field })
  return undefined
}
