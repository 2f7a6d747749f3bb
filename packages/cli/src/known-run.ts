import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { RunRow, Storage } from '@segno/core'
import { CommandError } from './command-error.ts'
import { commonScreen, type Screen, type StoreCommandOptions } from './common-options.ts'
import type { SegnoConfig } from './config.ts'
import { loadConfig } from './load-config.ts'
import { advance } from './progress/advance.ts'
import { newProgress, type Progress } from './progress/progress.ts'
import { withoutPassword } from './postgres-store.ts'
import { knownWorkflow, originOf, type KnownWorkflow } from './run-origin.ts'
import { openStore, type Store } from './store.ts'

/** A command that works on runs that are there. */
export interface Lookup {
  readonly screen: Screen
  readonly store: Store
  /** Options that lead later commands to the same store, folder and configuration. */
  readonly same: readonly string[]
}

/** Opens the store that the options name, for as long as `use` takes. What is printed goes to `stream`. `makes` a store where there is none. */
export async function withStore<T>(
  options: StoreCommandOptions,
  stream: NodeJS.WriteStream,
  use: (lookup: Lookup) => Promise<T>,
  { makes = false }: { readonly makes?: boolean } = {},
): Promise<T> {
  const screen = commonScreen(options, stream)
  const { cwd } = screen
  // Whoever names the folder needs nothing of the configuration to look into it.
  const loaded = options.store === undefined ? await loadConfig(options.config, { cwd, folder: cwd }) : undefined
  const store = openStore({ given: options.store, config: loaded?.config ?? {}, cwd, starts: makes })
  try {
    return await use({ screen, store, same: sameOptions(options) })
  } finally {
    await store.close()
  }
}

/** The options as they were typed that decide where runs are, but for a password. */
export function sameOptions({ store, config, cwd }: StoreCommandOptions): readonly string[] {
  return Object.entries({ store, config, cwd }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, name === 'store' ? withoutPassword(value) : value],
  )
}

/** A run that is there, with all that is needed to drive it. */
export interface KnownRun {
  readonly row: RunRow
  readonly workflow: KnownWorkflow
  readonly config: SegnoConfig
  /** Where its processes and handlers work. */
  readonly workspace: string
}

/** All that a run needs, found by where it was started. */
export async function knownRun(row: RunRow, lookup: Lookup, options: StoreCommandOptions): Promise<KnownRun> {
  const { cwd } = lookup.screen
  const { cwd: started = cwd, path } = originOf(row)
  const workspace = options.cwd === undefined ? started : cwd
  const folder = path === undefined ? workspace : dirname(path)
  const [workflow, loaded] = await Promise.all([
    knownWorkflow(row, lookup.store.storage, cwd),
    loadConfig(options.config, { cwd: workspace, folder }),
  ])
  return { row, workflow, config: loaded?.config ?? noConfig, workspace }
}

// One object: runs without a configuration share an engine, as those with the same one do.
const noConfig: SegnoConfig = {}

/** Makes the workspace of a run that of the process: handlers work in it. */
export function enterWorkspace({ row, workspace }: KnownRun): void {
  if (statSync(workspace, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const message = `${row.runId} works in ${workspace}, which is not there`
    throw new CommandError({ code: 'OPTION_INVALID', message, hint: '--cwd names the folder where it goes on' })
  }
  process.chdir(workspace)
}

/**
 * Of several runs those that can be driven together: handlers work in the folder
 * of the process, and a process has only one. The others are told of.
 */
export function enterCommonWorkspace(runs: readonly KnownRun[], cwd: string): readonly KnownRun[] {
  const first = runs.find(({ workspace }) => workspace === cwd) ?? runs[0]
  if (first === undefined) return []
  for (const { row, workspace } of runs.filter((run) => run.workspace !== first.workspace)) {
    const { runId } = row
    process.stderr.write(`${runId} works in ${workspace}, and is left alone: name it alone to go on with it there\n`)
  }
  enterWorkspace(first)
  return runs.filter(({ workspace }) => workspace === first.workspace)
}

/** A run as its journal tells it by now. */
export async function readProgress(
  { runId }: RunRow,
  { definition }: Pick<KnownWorkflow, 'definition'>,
  storage: Storage,
): Promise<Progress> {
  const progress = newProgress(definition)
  for await (const page of storage.read(runId, 1)) for (const event of page) advance(progress, event)
  return progress
}
