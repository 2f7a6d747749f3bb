import { findWorkflows } from '@segno/adapters/files'
import { handlerContracts, SegnoError, type HandlerContract, type HandlerOptions, type Plugin } from '@segno/core'
import manifest from '../package.json' with { type: 'json' }
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import { shellsFound, type FoundShell } from './doctor-shells.ts'
import { storeFound, type FoundStore } from './doctor-store.ts'
import { timeZoneFlaw } from './doctor-time-zones.ts'
import { hasShell } from './host.ts'
import { loadConfig } from './load-config.ts'
import { shellWords } from './shell-words.ts'
import { check } from './check-file.ts'
import { version } from './version.ts'
import { shownPath } from './workflow-file.ts'

/** Something that has to be put right. */
export interface Problem {
  readonly code: string
  readonly message: string
  /** What to do, in a line or more. */
  readonly hint?: string
}

/** What brings something that the engine is given: the configuration, or the command itself. */
export type Origin = 'segno.config' | 'segno'

/** A workflow below the folder, and how many mistakes it has; unknown where its configuration is broken. */
export interface FoundWorkflow {
  readonly file: string
  readonly errors?: number
  readonly warnings?: number
}

/** A plugin of the configuration, and what it brings. */
export interface FoundPlugin {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly handlers: readonly HandlerContract[]
}

/** What is there for runs in a folder, and what is wrong with it. */
export interface DoctorReport {
  readonly v: 1
  readonly segno: string
  readonly node: { readonly version: string; readonly needed: string }
  /** Of the operating system or of Node: `2026a`; none where Node does not say. */
  readonly timeZones?: string
  readonly config?: { readonly file: string }
  readonly store?: FoundStore
  readonly shells: readonly FoundShell[]
  readonly adapters: {
    readonly shell: Origin | 'none'
    readonly files: Origin
    readonly http: Origin
    readonly secrets: Origin
  }
  readonly plugins: readonly FoundPlugin[]
  /** Of the configuration itself. */
  readonly handlers: readonly HandlerContract[]
  readonly workflows: readonly FoundWorkflow[]
  readonly problems: readonly Problem[]
}

/** Looks at all that runs in the folder would meet. Uses no network, and changes nothing. */
export async function examine(options: StoreCommandOptions, cwd: string): Promise<DoctorReport> {
  const problems = new Problems()
  const loaded = await problems.of(() => loadConfig(options.config, { cwd, folder: cwd }))
  const config = loaded?.config ?? {}
  const [shells, store] = await Promise.all([
    hasShell(config) ? shellsFound() : [],
    problems.of(() => storeFound({ given: options.store, config, cwd })),
  ])
  if (store?.flaw !== undefined) problems.add({ code: 'STORE_UNWRITABLE', message: store.flaw, hint: storeHint })
  const zones = timeZoneFlaw()
  if (zones !== undefined) problems.add({ code: 'TIME_ZONES_MISSING', message: zones, hint: zonesHint })
  await problems.of(() => handlerContracts(config))
  const { tz } = process.versions
  return {
    ...{ v: 1, segno: version },
    // A Node that is too old has been refused before anything was loaded.
    node: { version: process.versions.node, needed: manifest.engines.node },
    ...(tz !== undefined && { timeZones: tz }),
    ...(loaded && { config: { file: shownPath(loaded.file, cwd) } }),
    ...(store && { store }),
    shells,
    plugins: (config.plugins ?? []).map(foundPlugin),
    handlers: contractsOf(config.handlers === undefined ? {} : { handlers: config.handlers }),
    adapters: {
      shell: config.shell ? 'segno.config' : hasShell(config) ? 'segno' : 'none',
      files: config.files ? 'segno.config' : 'segno',
      http: config.http ? 'segno.config' : 'segno',
      secrets: config.secrets ? 'segno.config' : 'segno',
    },
    workflows: await workflowsBelow(cwd, options, problems),
    problems: problems.found,
  }
}

function foundPlugin(plugin: Plugin): FoundPlugin {
  const { name, version: of, description } = plugin
  const handlers = contractsOf({ plugins: [plugin] })
  return { name, version: of, ...(description !== undefined && { description }), handlers }
}

const storeHint = 'name another folder with --store, or mend its permissions'
const zonesHint = 'install a Node with full ICU data; the official builds have it'

async function workflowsBelow(cwd: string, options: StoreCommandOptions, problems: Problems): Promise<FoundWorkflow[]> {
  const found: FoundWorkflow[] = []
  for (const path of findWorkflows(cwd)) {
    const file = shownPath(path, cwd)
    const checked = await problems.of(() => check(path, options, { cwd }))
    const errors = checked?.diagnostics.filter(({ severity }) => severity === 'error').length
    if (checked === undefined || errors === undefined) {
      found.push({ file })
      continue
    }
    found.push({ file, errors, warnings: checked.diagnostics.length - errors })
    if (errors === 0) continue
    const message = `${file} has ${errors === 1 ? 'an error' : `${errors} errors`}`
    const hint = `${shellWords(['segno', 'validate', file])} shows what is wrong`
    problems.add({ code: 'DEFINITION_INVALID', message, hint })
  }
  return found
}

/** What was found to be wrong, each thing once. */
class Problems {
  readonly found: Problem[] = []

  add(problem: Problem): void {
    // What is wrong with a configuration comes up again with each workflow that it is for.
    const isKnown = this.found.some(({ code, message }) => code === problem.code && message === problem.message)
    if (!isKnown) this.found.push(problem)
  }

  /** What `look` gives; `undefined` where it ends in a mistake of the user's, which is noted. */
  async of<T>(look: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await look()
    } catch (error) {
      if (error instanceof CommandError)
        for (const { hint, ...one } of error.complaints) this.add({ ...one, ...(hint !== undefined && { hint }) })
      else if (SegnoError.is(error))
        for (const message of error.message.split('\n')) this.add({ code: error.code, message })
      else throw error
      return undefined
    }
  }
}

// What keeps them from being told has been noted, with all of the configuration in view.
function contractsOf(options: HandlerOptions): readonly HandlerContract[] {
  try {
    return handlerContracts(options)
  } catch (error) {
    if (SegnoError.is(error)) return []
    throw error
  }
}
