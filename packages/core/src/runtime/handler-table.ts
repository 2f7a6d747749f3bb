import { reservedHandlers } from '@segno/schema/plan'
import type { HandlerPin } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { EngineOptions } from './engine-options.ts'
import type { AnyHandler, HandlerDefinition } from './handler.ts'

/** What a handler's version is unless it says another. */
export const versionDefault = '1.0.0'

const reserved: ReadonlySet<string> = new Set(reservedHandlers)

/** The handlers of an engine with their contracts, and what runs record of them. */
export interface HandlerTable {
  readonly handlers: ReadonlyMap<string, HandlerDefinition<never, unknown>>
  readonly pins: Readonly<Record<string, HandlerPin>>
}

/** Checks at the door that everything that is called a handler can be called. */
export function handlerTable(given: NonNullable<EngineOptions['handlers']>): HandlerTable {
  const handlers = new Map<string, HandlerDefinition<never, unknown>>()
  const pins: Record<string, HandlerPin> = {}
  for (const [name, handler] of Object.entries(given)) {
    if (reserved.has(name)) {
      throw new SegnoError('ARGUMENT_INVALID', `A handler cannot be called "${name}": that is a verb of the language`)
    }
    const definition = definitionOf(name, handler)
    handlers.set(name, definition)
    const { version = versionDefault, effect } = definition
    if (!/^\d+\.\d+\.\d+/.test(version)) {
      throw new SegnoError(
        'ARGUMENT_INVALID',
        `The version ${JSON.stringify(version)} of the handler "${name}" is not semantic`,
      )
    }
    pins[name] = { version, ...(effect === undefined ? {} : { effect }) }
  }
  return { handlers, pins }
}

function definitionOf(name: string, handler: AnyHandler): HandlerDefinition<never, unknown> {
  const definition = typeof handler === 'function' ? { perform: handler } : handler
  if (typeof definition?.perform !== 'function') {
    throw new SegnoError(
      'ARGUMENT_INVALID',
      `The handler "${name}" is neither a function nor an object with \`perform\``,
    )
  }
  for (const side of ['input', 'output'] as const) {
    const schema = definition[side]
    if (schema === undefined || typeof schema['~standard']?.validate === 'function') continue
    throw new SegnoError('ARGUMENT_INVALID', `\`${side}\` of the handler "${name}" is not a Standard Schema`)
  }
  // What `input` lets through is what `perform` takes: the type of the definition said so.
  return definition as HandlerDefinition<never, unknown>
}
