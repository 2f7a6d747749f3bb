import type { Json } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { emit, stored } from './deciding.ts'
import { takeAnswer } from './ask.ts'
import { childSettled } from './children.ts'
import { blockedSteps } from './evolve-run.ts'
import { NoValue } from './scope.ts'

/** How many signals a run keeps that no step has taken. */
export const signalsMax = 10_000

/** Commands travel through the inbox like signals; their names start like this. */
export const commandPrefix = 'segno.'

/** A message to a run: a signal, or a command, whose name starts with `segno.`. */
export interface Message {
  /** Unique per run; a second delivery of the same id is a `duplicate`, also after it was consumed. */
  readonly id: string
  readonly name: string
  readonly payload: Json
  readonly sender?: string
}

/** Takes in what came to the inbox, in order. */
export function takeMessages(deciding: Deciding, messages: readonly Message[]): void {
  for (const message of messages) {
    if (message.name.startsWith(commandPrefix)) takeCommand(deciding, message)
    else takeSignal(deciding, message)
  }
}

function takeSignal(deciding: Deciding, { id, name, payload, sender }: Message): void {
  if (deciding.state.signalCount >= signalsMax) {
    const message = `the run already keeps ${signalsMax} signals that no step has taken`
    emit(deciding, 'signal.ignored', { id, because: { code: 'LIMIT_EXCEEDED', message } })
    return
  }
  const field = stored(deciding, 'data', payload)
  if (!(field instanceof NoValue)) {
    emit(deciding, 'signal.received', { id, name, ...field, ...(sender === undefined ? {} : { sender }) })
  } else if (field.failure !== undefined) {
    const { code, message } = field.failure
    emit(deciding, 'signal.ignored', { id, because: { code, message: `signal "${name}": ${message}` } })
  }
}

interface Command {
  readonly id: string
  readonly actor: { readonly actor?: string }
  readonly fields: { readonly [key: string]: Json | undefined }
}

function takeCommand(deciding: Deciding, { id, name, payload, sender }: Message): void {
  const isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload)
  const fields = isObject ? (payload as Command['fields']) : {}
  const command: Command = { id, fields, actor: sender === undefined ? {} : { actor: sender } }
  switch (name.slice(commandPrefix.length)) {
    case 'cancel':
      return cancel(deciding, command)
    case 'pause':
    case 'resume':
      return hold(deciding, command, name === 'segno.pause')
    case 'retry':
      return retry(deciding, command)
    case 'raise':
      return raise(deciding, command)
    case 'answer':
      return takeAnswer(deciding, { id, sender, fields })
    case 'child':
      return childSettled(deciding, id, fields)
    default:
      emit(deciding, 'signal.ignored', { id, because: { code: 'COMMAND_UNKNOWN', message: `"${name}" is no command` } })
  }
}

function cancel(deciding: Deciding, { id, fields, actor }: Command): void {
  const { reason, force } = fields
  const message = typeof reason === 'string' ? reason : 'cancelled on request'
  emit(deciding, 'cancel.requested', { id, because: { code: 'CANCELLED', message }, force: force === true, ...actor })
}

function hold(deciding: Deciding, { id, actor }: Command, pause: boolean): void {
  const { state } = deciding
  const action = pause ? 'pause' : 'resume'
  const refusal =
    state.status === 'cancelling'
      ? 'the run is being cancelled'
      : state.paused === pause
        ? `the run is ${pause ? 'already' : 'not'} paused`
        : undefined
  emit(deciding, 'operator.acted', { id, action, ...actor, ...refused(refusal) })
}

function retry(deciding: Deciding, { id, fields, actor }: Command): void {
  const { state } = deciding
  const path = typeof fields['path'] === 'string' ? fields['path'] : undefined
  const target = path === undefined ? {} : { path }
  const heldBack = path === undefined ? state.blocked : undefined
  const nothing = blockedSteps(state, path).length === 0 && heldBack === undefined
  const refusal = nothing ? (path === undefined ? 'nothing is blocked' : `"${path}" is not blocked`) : undefined
  emit(deciding, 'operator.acted', { id, action: 'retry', ...target, ...actor, ...refused(refusal) })
  if (heldBack !== undefined) emit(deciding, 'run.unblocked', { because: { code: 'OPERATOR', message: 'retry' } })
}

function raise(deciding: Deciding, { id, fields, actor }: Command): void {
  const { state } = deciding
  const { steps, durationMs, transitions } = fields
  const before = { steps: state.stepsMax, deadline: state.deadline, ...told(state.transitionsMax) }
  const after = {
    ...told(typeof transitions === 'number' ? transitions : state.transitionsMax),
    steps: typeof steps === 'number' ? steps : before.steps,
    deadline: typeof durationMs === 'number' ? state.createdAt + durationMs : before.deadline,
  }
  const refusal = refusalToRaise(deciding, before, after)
  emit(deciding, 'operator.acted', { id, action: 'raise', ...actor, before, after, ...refused(refusal) })
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

function refused(message: string | undefined): {
  readonly refused?: { readonly code: string; readonly message: string }
} {
  return message === undefined ? {} : { refused: { code: 'REFUSED', message } }
}
