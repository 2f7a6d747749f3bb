import type { EffectClass, JsonObject, JsonSchema } from '@segno/schema/plan'
import { sourcedHandlers } from './handler-table.ts'
import type { HandlerOptions, SourcedHandler } from './handler-table.ts'
import type { StandardSchema } from './handler.ts'
import { NotJson, copyJson } from './json-copy.ts'

/** What tools may know of a handler: plain JSON, nothing that can be called. */
export interface HandlerContract {
  readonly name: string
  readonly version: string
  /** None for a handler of the host's own. */
  readonly plugin?: { readonly name: string; readonly version: string }
  /** Of steps that do not say otherwise. */
  readonly effect: EffectClass
  readonly title?: string
  readonly description?: string
  /** What `with` has to fit. None where anything is taken, or where `untold` says why. */
  readonly input?: JsonSchema
  /** What steps get. None where anything may come, or where `untold` says why. */
  readonly output?: JsonSchema
  /** Of a side that is validated, but by a validator that gives no JSON Schema: why not. */
  readonly untold?: { readonly input?: string; readonly output?: string }
}

/** What a step gets of its handler unless one of the two says otherwise. */
const effectDefault = 'idempotent' satisfies EffectClass

/**
 * The contracts of all handlers that an engine of these options has: the host's own
 * first, then plugin by plugin. JSON Schemas are those that validators give by the
 * Standard JSON Schema interface, as those of zod do. Throws what `createEngine`
 * would: `ARGUMENT_INVALID`, `PLUGIN_CONFLICT`.
 */
export function handlerContracts(options: HandlerOptions): readonly HandlerContract[] {
  return [...sourcedHandlers(options)].map(([name, handler]) => contractOf(name, handler))
}

function contractOf(name: string, { definition, plugin }: SourcedHandler): HandlerContract {
  const { version, effect = effectDefault, title, description } = definition
  const input = contractSide(definition.input, 'input')
  const output = contractSide(definition.output, 'output')
  const untold = {
    ...(input.reason !== undefined && { input: input.reason }),
    ...(output.reason !== undefined && { output: output.reason }),
  }
  return {
    name,
    version,
    ...(plugin && { plugin: { name: plugin.name, version: plugin.version } }),
    effect,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(input.schema !== undefined && { input: input.schema }),
    ...(output.schema !== undefined && { output: output.schema }),
    ...(Object.keys(untold).length > 0 && { untold }),
  }
}

/** The JSON Schema of one side of a contract. */
export interface ContractSide {
  readonly schema?: JsonObject
  /** Why there is none, of a side that has a validator. */
  readonly reason?: string
}

/** The Standard JSON Schema interface (version 1), as far as it is used here. */
interface Converter {
  readonly input: (options: { readonly target: 'draft-2020-12' }) => unknown
  readonly output: (options: { readonly target: 'draft-2020-12' }) => unknown
}

// What goes into the validator of the input is what a step writes; what comes out of that of the output is what it gets.
/** The JSON Schema that a validator gives by the Standard JSON Schema interface, or why it gives none. */
export function contractSide(
  validator: StandardSchema<never> | StandardSchema | undefined,
  side: 'input' | 'output',
): ContractSide {
  if (validator === undefined) return {}
  const standard = validator['~standard'] as { readonly vendor?: unknown; readonly jsonSchema?: Partial<Converter> }
  const vendor = typeof standard.vendor === 'string' ? standard.vendor : 'unnamed'
  const convert = standard.jsonSchema?.[side]
  if (typeof convert !== 'function') return { reason: `its validator (${vendor}) gives no JSON Schema` }
  try {
    const schema = copyJson(convert({ target: 'draft-2020-12' }))
    if (isObject(schema)) return { schema }
    const what = schema instanceof NotJson ? schema.message : 'it is not an object'
    return { reason: `what its validator (${vendor}) gives is no JSON Schema: ${what}` }
  } catch (error) {
    // The interface says so: not everything that can be validated can be told.
    const message = error instanceof Error ? error.message : String(error)
    return { reason: `its validator (${vendor}) gives no JSON Schema: ${message}` }
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NotJson)
}
