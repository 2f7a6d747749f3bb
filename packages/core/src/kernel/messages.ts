import { isJsonObject } from '@segno/schema/plan'
import type { Json } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { emit, stored } from './deciding.ts'
import { takeAnswer } from './ask.ts'
import { childSettled } from './children.ts'
import { migrateTo } from './migrate-to.ts'
import { hold, override, raise, retry, skip } from './operate.ts'
import type { Command } from './operate.ts'
import { NoValue } from './scope.ts'

/** How many signals a run keeps that no step has taken. */
export const signalsMax = 10_000

/** Commands travel through the inbox like signals; their names start like this. */
export const commandPrefix = 'segno.'

/** The plan that a message wants the run to be migrated to: it has to be at hand when the message is decided about. */
export function planWanted({ name, payload }: Message): string | undefined {
  if (name !== `${commandPrefix}migrate`) return undefined
  const { plan } = isJsonObject(payload) ? payload : {}
  return typeof plan === 'string' ? plan : undefined
}

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

function takeCommand(deciding: Deciding, { id, name, payload, sender }: Message): void {
  const fields: Command['fields'] = isJsonObject(payload) ? payload : {}
  const { reason } = fields
  const by = { ...(sender === undefined ? {} : { actor: sender }), ...(typeof reason === 'string' ? { reason } : {}) }
  const command: Command = { id, fields, by }
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
    case 'skip':
      return skip(deciding, command)
    case 'override':
      return override(deciding, command)
    case 'migrate':
      return migrateTo(deciding, command)
    case 'answer':
      return takeAnswer(deciding, { id, sender, fields })
    case 'child':
      return childSettled(deciding, id, fields)
    default:
      emit(deciding, 'signal.ignored', { id, because: { code: 'COMMAND_UNKNOWN', message: `"${name}" is no command` } })
  }
}

function cancel(deciding: Deciding, { id, fields, by: { actor, reason } }: Command): void {
  const { force } = fields
  const message = reason ?? 'cancelled on request'
  emit(deciding, 'cancel.requested', {
    id,
    because: { code: 'CANCELLED', message },
    force: force === true,
    ...(actor === undefined ? {} : { actor }),
  })
}
