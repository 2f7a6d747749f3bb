import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileStorage, type FileStorageOptions } from '@segno/adapters/file'
import { nodeFiles } from '@segno/adapters/files'
import { environmentSecrets } from '@segno/adapters/secrets'
import { nodeShell, type NodeShellOptions } from '@segno/adapters/shell'
import { createEngine, type Engine, type EngineOptions, type RunHandle, type RunResult } from '@segno/core'
import { formatDiagnostics, loadWorkflow, type JsonObject, type RunEvent, type Workflow } from '@segno/schema'

/** What differs from a host with nothing special about it. */
export interface WorldOptions extends Pick<EngineOptions, 'clock' | 'handlers' | 'limits'> {
  readonly secrets?: Readonly<Record<string, string>>
  readonly shell?: Pick<NodeShellOptions, 'graceMs'>
  readonly now?: NonNullable<FileStorageOptions['now']>
}

/** A run and all that its journal holds. */
export interface Played {
  readonly runId: string
  readonly result: RunResult
  readonly events: readonly RunEvent[]
}

/** A host of its own: an engine on files, with a shell on a workspace. */
export interface World extends AsyncDisposable {
  /** Where processes work; a folder beside it can be made in `folder`. */
  readonly workspace: string
  readonly folder: string
  /** The folder of the store. */
  readonly store: string
  readonly engine: Engine
  start(definition: string, input?: JsonObject): Promise<RunHandle>
  /** Starts a workflow and waits for its end. */
  play(definition: string, input?: JsonObject): Promise<Played>
}

/** Makes the parts that a host is made of, and a folder for them. */
export function openWorld({ secrets = {}, shell, now, ...options }: WorldOptions = {}): World {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'segno-regression-')))
  const [workspace, store] = [join(folder, 'out'), join(folder, 'store')]
  mkdirSync(workspace)
  const storage = fileStorage({ dir: store, ...(now && { now }) })
  const engine = createEngine({
    storage,
    shell: nodeShell({ workspace, evidence: storage.evidence, ...shell }),
    files: nodeFiles({ root: workspace }),
    secrets: environmentSecrets({ env: secrets }),
    ...options,
  })
  const start: World['start'] = (definition, input) => engine.start(workflow(definition), input)
  return {
    ...{ workspace, folder, store, engine, start },
    play: async (definition, input) => played(await start(definition, input)),
    async [Symbol.asyncDispose]() {
      await engine.close()
      await storage.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Waits for the end of a run, and reads its journal. */
export async function played(run: RunHandle): Promise<Played> {
  const result = await run.result()
  const events: RunEvent[] = []
  for await (const event of run.events()) events.push(event)
  return { runId: run.id, result, events }
}

/** A workflow that has no mistakes. */
export function workflow(definition: string): Workflow {
  const text = `segno: 1\nname: regression\n${definition}`
  const loaded = loadWorkflow(text)
  if (loaded.workflow === undefined) throw new Error(formatDiagnostics(loaded.diagnostics, { text }))
  return loaded.workflow
}

/** What is wrong with a definition: each mistake as its code, message and hint. */
export function mistakes(definition: string): readonly string[] {
  const { diagnostics } = loadWorkflow(`segno: 1\nname: regression\n${definition}`)
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message, hint }) => `${code} ${message}${hint === undefined ? '' : ` (${hint})`}`)
}

/** The event of a type that came first, of one step if it is named. */
export function eventOf<T extends RunEvent['type']>(
  { events }: Pick<Played, 'events'>,
  type: T,
  path?: string,
): Extract<RunEvent, { readonly type: T }> {
  const isIt = (event: RunEvent): event is Extract<RunEvent, { readonly type: T }> =>
    event.type === type && (path === undefined || ('path' in event && event.path === path))
  const found = events.find(isIt)
  if (found === undefined) throw new Error(`the journal has no ${type} of ${path ?? 'the run'}`)
  return found
}

/** All files below a folder, by their paths. */
export function filesBelow(folder: string): ReadonlyMap<string, string> {
  if (!existsSync(folder)) return new Map()
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(join(folder, name)).isFile())
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), 'latin1')]))
}

/** Waits for something that a process does. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen within 20 s`)
    await delay(5)
  }
}

/** Whether a process runs: a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return false
    throw error
  }
}
