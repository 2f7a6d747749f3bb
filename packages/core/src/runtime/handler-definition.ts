import { reservedHandlers } from '@segno/schema/plan'
import type { EffectClass } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { AnyHandler, HandlerDefinition } from './handler.ts'
import { isSemanticVersion } from './semantic-version.ts'

const reserved: ReadonlySet<string> = new Set(reservedHandlers)

const effects: readonly unknown[] = ['pure', 'idempotent', 'once', 'tx'] satisfies readonly EffectClass[]

// What `uses` can name. `@` parts the name from the major version that a step wants.
const namePattern = /^[A-Za-z0-9][\w./:-]{0,127}$/

/**
 * A handler with its contract, however it was given. Throws `ARGUMENT_INVALID`
 * for a name that no step can call, and for what is no handler. `owner` says in
 * messages where it comes from: empty, or a text such as ` of @acme/mail 1.2.0`.
 */
export function handlerDefinition(name: string, handler: AnyHandler, owner = ''): HandlerDefinition<never, unknown> {
  const said = `${JSON.stringify(name)}${owner}`
  if (reserved.has(name)) throw invalid(`A handler cannot be called ${said}: that is a verb of the language`)
  if (!namePattern.test(name)) {
    throw invalid(`A handler cannot be called ${said}: no \`uses\` can name it; expected a name such as "mail.send"`)
  }
  const definition = typeof handler === 'function' ? { perform: handler } : handler
  if (typeof definition?.perform !== 'function') {
    throw invalid(`The handler ${said} is neither a function nor an object with \`perform\``)
  }
  const { version, effect } = definition
  if (version !== undefined && !isSemanticVersion(version)) {
    throw invalid(`The version ${JSON.stringify(version)} of the handler ${said} is not semantic`)
  }
  if (effect !== undefined && !effects.includes(effect)) {
    throw invalid(`The effect ${JSON.stringify(effect)} of the handler ${said} is none of ${effects.join(', ')}`)
  }
  for (const field of ['title', 'description'] as const) {
    const text: unknown = definition[field]
    if (text !== undefined && typeof text !== 'string')
      throw invalid(`\`${field}\` of the handler ${said} is not a text`)
  }
  for (const side of ['input', 'output'] as const) {
    const schema = definition[side]
    if (schema === undefined || typeof schema['~standard']?.validate === 'function') continue
    throw invalid(`\`${side}\` of the handler ${said} is not a Standard Schema`)
  }
  // What `input` lets through is what `perform` takes: the type of the definition said so.
  return definition as HandlerDefinition<never, unknown>
}

function invalid(message: string): SegnoError {
  return new SegnoError('ARGUMENT_INVALID', message)
}
