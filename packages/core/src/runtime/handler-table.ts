import type { HandlerPin } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { TypedWorkflow } from '../builder/typed-workflow.ts'
import type { EngineOptions } from './engine-options.ts'
import { handlerDefinition } from './handler-definition.ts'
import type { AnyHandler, HandlerDefinition } from './handler.ts'
import { checkPlugins, pluginText } from './plugin.ts'
import type { Plugin } from './plugin.ts'

/** What a handler's version is unless it, or the plugin that brings it, says another. */
export const versionDefault = '1.0.0'

/** Where an engine's handlers come from: the host itself, and the packages and workflows that it hands in. */
export type HandlerOptions = Pick<EngineOptions, 'handlers' | 'plugins' | 'workflows'>

/** A handler that says its version, and who brings it. */
export interface SourcedHandler {
  readonly definition: HandlerDefinition<never, unknown> & { readonly version: string }
  /** None for a handler of the host's own. */
  readonly plugin?: Plugin
  /** What a workflow has brought, as it was given. */
  readonly given?: AnyHandler
}

/** The handlers of an engine with their contracts, and what runs record of them. */
export interface HandlerTable {
  readonly handlers: Map<string, HandlerDefinition<never, unknown>>
  readonly pins: Record<string, HandlerPin>
}

/** Two that would bring the same: a handler of one name, or a plugin of one name. */
export interface PluginConflict {
  /** The handler that both bring; none where a plugin is given twice. */
  readonly handler?: string
  /** Each as a message tells it: `@acme/mail 1.2.0`, or `handlers` for the host's own. */
  readonly between: readonly [string, string]
  /** The whole sentence. */
  readonly message: string
}

/**
 * Checks at the door that everything that is called a handler can be called, and
 * that each name has one. Throws `ARGUMENT_INVALID`, or `PLUGIN_CONFLICT` with all conflicts.
 */
export function handlerTable(options: HandlerOptions): HandlerTable {
  const handlers = new Map<string, HandlerDefinition<never, unknown>>()
  const pins: Record<string, HandlerPin> = {}
  for (const [name, { definition }] of sourcedHandlers(options)) {
    handlers.set(name, definition)
    const { version, effect } = definition
    pins[name] = { version, ...(effect === undefined ? {} : { effect }) }
  }
  return { handlers, pins }
}

/**
 * The names of all handlers that an engine of these options has: what
 * `loadWorkflow` takes as `handlers`. Throws what `createEngine` would:
 * `ARGUMENT_INVALID`, `HANDLER_CONFLICT`, `PLUGIN_CONFLICT`.
 */
export function handlerNames(options: HandlerOptions): readonly string[] {
  return [...sourcedHandlers(options).keys()]
}

/** Every handler by its name: the host's own first, then plugin by plugin, then workflow by workflow. */
export function sourcedHandlers({
  handlers = {},
  plugins = [],
  workflows = [],
}: HandlerOptions): ReadonlyMap<string, SourcedHandler> {
  checkPlugins(plugins)
  const found = new Map<string, SourcedHandler>()
  const conflicts: PluginConflict[] = repeated(plugins)
  for (const [name, handler] of Object.entries(handlers)) {
    found.set(name, { definition: versioned(handlerDefinition(name, handler), versionDefault) })
  }
  for (const plugin of plugins) {
    for (const [name, handler] of Object.entries(plugin.handlers)) {
      const other = found.get(name)
      // Of a plugin that is given twice, its handlers are no news.
      if (other !== undefined && other.plugin?.name !== plugin.name) conflicts.push(sameHandler(name, other, plugin))
      const definition = handlerDefinition(name, handler, ` of ${pluginText(plugin)}`)
      if (other === undefined) found.set(name, { definition: versioned(definition, plugin.version), plugin })
    }
  }
  if (conflicts.length > 0) {
    throw new SegnoError('PLUGIN_CONFLICT', conflicts.map(({ message }) => message).join('\n'), { details: conflicts })
  }
  for (const workflow of workflows) bring(found, handlers, workflow)
  return found
}

// Of two workflows that call one handler, both bring it.
function bring(
  found: Map<string, SourcedHandler>,
  own: NonNullable<HandlerOptions['handlers']>,
  { definition: { name: workflow }, handlers }: TypedWorkflow,
): void {
  for (const [name, handler] of Object.entries(handlers)) {
    const known = found.get(name)
    if (known === undefined) {
      found.set(name, { definition: versioned(handlerDefinition(name, handler), versionDefault), given: handler })
    } else if (![known.given, own[name], known.plugin?.handlers[name]].includes(handler)) {
      const other = known.plugin === undefined ? 'the one that the engine has' : `that of ${pluginText(known.plugin)}`
      const message = `The workflow ${workflow} brings a handler ${JSON.stringify(name)} that is not ${other}`
      throw new SegnoError('HANDLER_CONFLICT', message)
    }
  }
}

function versioned(definition: HandlerDefinition<never, unknown>, versionElse: string): SourcedHandler['definition'] {
  const { version = versionElse } = definition
  // Not a copy of its fields: a handler may be an instance, whose `perform` says `this`.
  const perform = definition.perform.bind(definition)
  // Defined, not assigned: over a frozen handler nothing can be assigned.
  return Object.create(definition, {
    version: { value: version, enumerable: true },
    perform: { value: perform, enumerable: true },
  }) as SourcedHandler['definition']
}

function repeated(plugins: readonly Plugin[]): PluginConflict[] {
  return plugins.flatMap((plugin, index) => {
    const first = plugins.slice(0, index).find(({ name }) => name === plugin.name)
    if (first === undefined) return []
    const between = [pluginText(first), pluginText(plugin)] as const
    return [{ between, message: `The plugin ${plugin.name} is given twice: ${between.join(' and ')}` }]
  })
}

function sameHandler(name: string, { plugin }: SourcedHandler, other: Plugin): PluginConflict {
  const between = [plugin === undefined ? 'handlers' : pluginText(plugin), pluginText(other)] as const
  const [first, second] = [plugin === undefined ? "the host's own handlers" : between[0], between[1]]
  const message = `The handler ${JSON.stringify(name)} comes from ${first} and from ${second}`
  return { handler: name, between, message }
}
