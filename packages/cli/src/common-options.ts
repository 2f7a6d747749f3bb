import { statSync } from 'node:fs'
import { CommandError } from './command-error.ts'
import { lookOf, type Look } from './screen/terminal.ts'
import { uiMode, type UiMode, type uiModes } from './screen/ui-mode.ts'

/** The options that every command has, as commander gives them. */
export interface CommonOptions {
  readonly output: 'text' | 'json'
  readonly json?: boolean
  readonly config?: string
  readonly cwd?: string
  readonly ui: (typeof uiModes)[number]
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly color: boolean
}

/** The options of a command that works on runs. */
export interface StoreCommandOptions extends CommonOptions {
  readonly store?: string
}

/** How a command speaks, and where it works. */
export interface Screen {
  readonly cwd: string
  readonly mode: UiMode
  /** Whether the result is one JSON document. */
  readonly json: boolean
  readonly verbose: boolean
  readonly color: boolean
  readonly look: Look
}

/**
 * Makes the folder of `--cwd` that of the process, before any code of the user
 * is loaded: handlers and paths work where the command does.
 */
export function enterWorkingFolder({ cwd }: Pick<CommonOptions, 'cwd'>): void {
  if (cwd === undefined) return
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const message = `--cwd ${cwd}: there is no such folder`
    throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'check the path' })
  }
  process.chdir(cwd)
}

/** What the options mean on this stream. */
export function commonScreen(options: CommonOptions, stream: NodeJS.WriteStream): Screen {
  const { env } = process
  const json = options.json === true || options.output === 'json' || options.ui === 'json'
  const look = lookOf(stream, env, { color: options.color })
  const mode = uiMode({
    ...{ asked: options.ui, quiet: options.quiet === true, json, env },
    isTerminal: stream.isTTY === true,
    cols: stream.columns ?? 80,
  })
  const verbose = options.verbose === true
  return { cwd: process.cwd(), mode, json, verbose, look, color: look.paint('red', 'x') !== 'x' }
}
