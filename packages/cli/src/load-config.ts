import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { handlerNames, SegnoError, type Plugin } from '@segno/core'
import { CommandError } from './command-error.ts'
import type { SegnoConfig } from './config.ts'

/** A configuration and the file that it comes from. */
export interface LoadedConfig {
  readonly file: string
  readonly config: SegnoConfig
}

/** The names under which a configuration is found, the first one first. */
const configNames = ['segno.config.ts', 'segno.config.js', 'segno.config.mjs'] as const

/**
 * The configuration at `given`, or else the nearest one from the workflow's
 * folder upwards, or else from `cwd` upwards; `undefined` where there is none.
 */
export async function loadConfig(
  given: string | undefined,
  { cwd, folder }: { readonly cwd: string; readonly folder: string },
): Promise<LoadedConfig | undefined> {
  const file = given === undefined ? (findConfig(folder) ?? findConfig(cwd)) : resolve(cwd, given)
  if (file === undefined) return undefined
  if (!isFile(file)) {
    const hint = existsSync(file) ? `${given} is a folder; name the file in it` : 'check the path after --config'
    throw new CommandError({ code: 'FILE_NOT_FOUND', message: `there is no configuration file at ${given}`, hint })
  }
  const shown = relative(cwd, file)
  const exported = await importConfig(file, shown)
  return { file, config: checkConfig(exported, shown) }
}

/** The folder of the configuration that is found from a folder upwards, or else from `cwd`; `cwd` where there is none. */
export function configFolder(folder: string, cwd: string): string {
  const file = findConfig(folder) ?? findConfig(cwd)
  return file === undefined ? cwd : dirname(file)
}

function findConfig(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = configNames.map((name) => join(folder, name)).find(isFile)
    if (file !== undefined || folder === dirname(folder)) return file
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

async function importConfig(file: string, shown: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown }
    return module.default
  } catch (cause) {
    const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    const hint = `${stackTop(cause)}correct ${shown}; \`node ${shown}\` shows the whole error`
    throw new CommandError({ code: 'CONFIG_FAILED', message: `${shown} cannot be loaded: ${message}`, hint }, { cause })
  }
}

function stackTop(cause: unknown): string {
  const stack = cause instanceof Error ? cause.stack : undefined
  const line = stack?.split('\n').find((text) => text.trimStart().startsWith('at ') && !text.includes('node:internal'))
  return line === undefined ? '' : `${line.trim()}\n`
}

/** What each adapter has to have, and how it is made. */
const adapterKeys = {
  storage: ['append', 'what fileStorage({ dir }) or another adapter gives'],
  files: ['kind', 'what nodeFiles({ root }) or another adapter gives'],
  shell: ['run', 'what nodeShell({ … }) or another adapter gives'],
  http: ['request', 'what nodeHttp({ … }) or another adapter gives'],
  secrets: ['get', 'what environmentSecrets() or another adapter gives'],
} as const satisfies Partial<Record<keyof SegnoConfig, readonly [method: string, hint: string]>>

const configKeys: ReadonlySet<string> = new Set(['handlers', 'plugins', ...Object.keys(adapterKeys)])

const example = 'export default defineConfig({ handlers: { … }, storage: … })'

function checkConfig(exported: unknown, shown: string): SegnoConfig {
  const invalid = (message: string, hint: string): CommandError =>
    new CommandError({ code: 'CONFIG_INVALID', message: `${shown} ${message}`, hint })
  if (exported === undefined) throw invalid('has no default export', `write: ${example}`)
  if (!isRecord(exported)) throw invalid(`exports ${kindText(exported)} as its default`, `write: ${example}`)
  for (const key of Object.keys(exported)) {
    if (!configKeys.has(key)) throw invalid(`has an unknown key "${key}"`, `the keys are ${[...configKeys].join(', ')}`)
  }
  const { handlers } = exported
  if (handlers !== undefined && !isRecord(handlers)) {
    throw invalid(`has ${kindText(handlers)} as handlers`, 'handlers is a map from names to functions')
  }
  for (const [name, handler] of Object.entries(handlers ?? {})) {
    const performs = typeof handler === 'function' || (isRecord(handler) && typeof handler['perform'] === 'function')
    if (performs) continue
    const hint =
      'a handler is a function (context, input) => output, or { perform, input?, output?, version?, effect? }'
    throw invalid(`has ${kindText(handler)} as the handler "${name}"`, hint)
  }
  const flaw = flawOfPlugins(exported['plugins'])
  if (flaw !== undefined) throw invalid(`has plugins that no engine takes: ${flaw}`, pluginsHint)
  for (const [key, [method, hint]] of Object.entries(adapterKeys)) {
    const adapter = exported[key]
    if (adapter === undefined || (isRecord(adapter) && typeof adapter[method] === 'function')) continue
    throw invalid(`has ${kindText(adapter)} as ${key}`, `${key} is ${hint}`)
  }
  return exported as SegnoConfig
}

const pluginsHint = "plugins is a list of what packages export: import { mail } from '@acme/mail', then plugins: [mail]"

// Two that bring the same are a matter of the whole configuration: whoever takes handlers from it tells that.
function flawOfPlugins(plugins: unknown): string | undefined {
  if (plugins === undefined) return undefined
  try {
    handlerNames({ plugins: plugins as readonly Plugin[] })
    return undefined
  } catch (error) {
    if (SegnoError.is(error, 'PLUGIN_CONFLICT')) return undefined
    if (SegnoError.is(error, 'ARGUMENT_INVALID')) return error.message
    throw error
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindText(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Promise) return 'a promise'
  return typeof value === 'object' ? 'an object of another shape' : `a ${typeof value}`
}
