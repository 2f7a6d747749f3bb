import { SegnoError } from '../error.ts'
import { handlerDefinition } from './handler-definition.ts'
import type { AnyHandler } from './handler.ts'
import { isSemanticVersion } from './semantic-version.ts'

/** What a package of handlers tells of itself. */
export interface PluginManifest {
  /** As npm names packages: `@acme/mail`. */
  readonly name: string
  /** Semantic version; that of each handler that says no other. */
  readonly version: string
  readonly description?: string
  /** Handlers by the name that `uses` calls them by. */
  readonly handlers: Readonly<Record<string, AnyHandler>>
}

/** A package of handlers, as `definePlugin` gives it and an engine takes it. */
export interface Plugin extends PluginManifest {
  /** Which contract between plugins and engines it keeps. An engine refuses every other one. */
  readonly segno: 1
}

// Raised when an engine has to know more than names, versions and handlers to serve a plugin rightly:
// an engine that does not know it yet then refuses the plugin, and leaves nothing out silently.
const pluginContract: Plugin['segno'] = 1

const brand = Symbol.for('segno.plugin')

/**
 * A package of handlers, checked and frozen. Throws `ARGUMENT_INVALID` for a
 * manifest or a handler that no engine takes.
 *
 * @example
 * ```ts
 * export const mail = definePlugin({
 *   name: '@acme/mail',
 *   version: '1.2.0',
 *   handlers: { 'mail.send': { effect: 'once', perform: (context, letter: Letter) => send(letter, context.signal) } },
 * })
 * ```
 */
export function definePlugin(manifest: PluginManifest): Plugin {
  checkManifest(manifest, 'The plugin', manifestKeys)
  const { name, version, description, handlers } = manifest
  const plugin: Plugin = {
    segno: pluginContract,
    name,
    version,
    ...(description === undefined ? {} : { description }),
    handlers: Object.freeze({ ...handlers }),
  }
  // Not enumerable: a changed copy is no longer what was checked here, and is checked anew.
  Object.defineProperty(plugin, brand, { value: true })
  return Object.freeze(plugin)
}

/**
 * Checks at the door what an engine is given as plugins. What a copy of this package
 * has checked is known by its brand, and judged by its contract alone: that copy may be another one.
 */
export function checkPlugins(given: readonly Plugin[]): void {
  const list: unknown = given
  if (!Array.isArray(list)) throw invalid(`\`plugins\` is ${kindOf(list)}; expected a list of plugins`)
  for (const [index, plugin] of (list as readonly unknown[]).entries()) checkPlugin(plugin, `\`plugins[${index}]\``)
}

/** A plugin as messages tell it: `@acme/mail 1.2.0`. */
export function pluginText({ name, version }: Pick<Plugin, 'name' | 'version'>): string {
  return `${name} ${version}`
}

function checkPlugin(plugin: unknown, place: string): void {
  if (!isRecord(plugin) || !('segno' in plugin)) {
    throw invalid(`${place} is ${kindOf(plugin)}; expected what definePlugin({ name, version, handlers }) gives`)
  }
  const { segno: contract } = plugin
  if (contract !== pluginContract) {
    const who = typeof plugin['name'] === 'string' ? `The plugin ${plugin['name']}` : place
    const message = `keeps version ${JSON.stringify(contract)} of the contract of plugins; this engine knows version ${pluginContract} alone`
    throw invalid(`${who} ${message}: upgrade whichever of the two is older`)
  }
  if (!(brand in plugin)) checkManifest(plugin, place, [...manifestKeys, 'segno'])
}

const manifestKeys: readonly string[] = ['name', 'version', 'description', 'handlers']

function checkManifest(manifest: unknown, place: string, keys: readonly string[]): asserts manifest is PluginManifest {
  if (!isRecord(manifest)) throw invalid(`${place} is ${kindOf(manifest)}; expected { name, version, handlers }`)
  const { name, version, description, handlers } = manifest
  if (!isPackageName(name)) {
    throw invalid(
      `\`name\` of ${lower(place)} is ${shown(name)}; expected the name of an npm package, such as @acme/mail`,
    )
  }
  const who = `the plugin ${name}`
  if (!isSemanticVersion(version)) {
    throw invalid(`\`version\` of ${who} is ${shown(version)}; expected a semantic version, such as 1.2.0`)
  }
  if (description !== undefined && typeof description !== 'string') {
    throw invalid(`\`description\` of ${who} is ${kindOf(description)}; expected a text`)
  }
  if (!isRecord(handlers)) {
    throw invalid(`\`handlers\` of ${who} is ${kindOf(handlers)}; expected a map from names to handlers`)
  }
  // A `Map`, or an instance with methods, looks like this too.
  if (Object.keys(handlers).length === 0) throw invalid(`\`handlers\` of ${who} has none: a plugin brings at least one`)
  const unknown = Object.keys(manifest).find((key) => !keys.includes(key))
  if (unknown !== undefined) {
    throw invalid(`The plugin ${name} has an unknown key "${unknown}"; the keys are ${manifestKeys.join(', ')}`)
  }
  const owner = ` of ${pluginText({ name, version })}`
  for (const [handler, given] of Object.entries(handlers)) handlerDefinition(handler, given as AnyHandler, owner)
}

// The names that a registry takes today: https://docs.npmjs.com/cli/configuring-npm/package-json#name
const packageName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/
const packageNameMax = 214

function isPackageName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= packageNameMax && packageName.test(name)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : kindOf(value)
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Promise) return 'a promise that was not awaited'
  return typeof value === 'object' ? 'an object of another kind' : `a ${typeof value}`
}

function lower(place: string): string {
  return place.replace(/^The/, 'the')
}

function invalid(message: string): SegnoError {
  return new SegnoError('ARGUMENT_INVALID', message)
}
