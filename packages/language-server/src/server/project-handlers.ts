import { fork } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { HandlersMessage, ToldHandlers } from './tell-handlers.ts'

const configNames = ['segno.config.ts', 'segno.config.js', 'segno.config.mjs'] as const

// A configuration that does not come back is given up: the editor goes on without its handlers.
const loadMsMax = 15_000

/**
 * The handlers of the configurations of a workspace. A configuration is code of
 * the workspace, so this is for one that is trusted. Each is loaded in a process
 * of its own: what it prints does not get into the protocol, what it does cannot
 * end the server, and a change is read afresh.
 */
export class ProjectHandlers {
  readonly #known = new Map<string, { readonly changedAt: number; readonly told: Promise<ToldHandlers | undefined> }>()
  readonly #log: (message: string) => void

  constructor(log: (message: string) => void) {
    this.#log = log
  }

  /** Those for workflows in a folder: of the nearest configuration, up to the folder of the workspace. */
  async of(folder: string, workspace: string): Promise<ToldHandlers | undefined> {
    const file = findConfig(folder, workspace)
    if (file === undefined) return undefined
    const changedAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
    const known = this.#known.get(file)
    if (known?.changedAt === changedAt) return await known.told
    const told = this.#load(file)
    this.#known.set(file, { changedAt, told })
    return await told
  }

  /** Forgets what was loaded: something that configurations import may have changed. */
  forget(): void {
    this.#known.clear()
  }

  async #load(file: string): Promise<ToldHandlers | undefined> {
    const message = await messageFrom(file)
    if (!('flaw' in message)) return message
    this.#log(`${file} cannot be loaded: ${message.flaw}`)
    return undefined
  }
}

function messageFrom(file: string): Promise<HandlersMessage> {
  return new Promise((resolve) => {
    // What it prints belongs to nobody here; what goes wrong is told by the message.
    const child = fork(process.argv[1] ?? '', ['--tell-handlers', file], {
      cwd: dirname(file),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), loadMsMax)
    child.on('message', (message) => resolve(message as HandlersMessage))
    child.on('error', (error) => resolve({ flaw: error.message }))
    child.on('exit', () => {
      clearTimeout(timer)
      resolve({ flaw: 'it ended the process that loaded it, or did not come to an end' })
    })
  })
}

function findConfig(from: string, workspace: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = configNames.map((name) => join(folder, name)).find(isFile)
    if (file !== undefined || folder === dirname(folder)) return file
    const up = relative(workspace, dirname(folder))
    if (up.startsWith('..')) return undefined
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
