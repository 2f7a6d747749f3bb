import { mkdir } from 'node:fs/promises'
import { platform } from 'node:process'
import { SegnoError } from '@segno/core'
import type { Command, CommandContext, Evidence, Shell } from '@segno/core'
import { CommandFailure } from './command-failure.ts'
import { checkNamed, processEnvironment } from './environment.ts'
import { findProgram } from './find-program.ts'
import { perform } from './perform-command.ts'
import type { Prepared } from './perform-command.ts'
import { reapEarlier } from './reap.ts'
import { scriptArguments } from './script-file.ts'
import { folderOf } from './workspace-folder.ts'

/** What is about to be run, for the host to refuse. */
export interface ProposedCommand {
  /** The program, as an absolute path, and its arguments. */
  readonly argv: readonly string[]
  /** Absolute, and inside of the workspace. */
  readonly cwd: string
  /** Names of all variables that the process would see. */
  readonly env: readonly string[]
  /** The script of a `run` step. */
  readonly script?: string
  readonly runId: string
  readonly path: string
}

/** What processes are run with. */
export interface NodeShellOptions {
  /** Absolute: every process runs in it or in a folder of it. */
  readonly workspace: string
  readonly evidence: Evidence
  /** Names of variables of the host that processes see beside `PATH`, `HOME`, `LANG`, `LC_*`, `TZ` and `TMPDIR`. */
  readonly env?: readonly string[]
  /** How long a process has between the request to end and the end; 5 s unless given. */
  readonly graceMs?: number
  /** How much of each stream is kept in the log; 1 GiB unless given. */
  readonly logBytesMax?: number
  /** False, or an error, fails the step with `COMMAND_REFUSED`. */
  readonly allow?: (command: ProposedCommand) => boolean | Promise<boolean>
}

const graceDefaultMs = 5000
const logBytesDefault = 1024 ** 3

/**
 * Runs commands as child processes of this one. Nothing that a command has started
 * in its process group outlives its attempt, also when this process is killed. Not a
 * sandbox: a process may do what the user of the host may. Refuses to be made on
 * Windows, which has no process groups.
 *
 * @example
 * ```ts
 * const shell = nodeShell({ workspace: process.cwd(), evidence, env: ['CI'] })
 * ```
 */
export function nodeShell(options: NodeShellOptions): Shell {
  if (platform === 'win32') throw new SegnoError('ARGUMENT_INVALID', 'this shell needs process groups: not on Windows')
  checkNamed(options.env ?? [])
  const { graceMs = graceDefaultMs, logBytesMax = logBytesDefault } = options
  return {
    async run(command, context) {
      const prepared = await prepare(options, command, context)
      context.signal.throwIfAborted()
      await reapEarlier(options.evidence, context)
      return await perform({ ...prepared, command, context, graceMs, logBytesMax })
    },
  }
}

async function prepare(
  { workspace, evidence, env: named = [], allow }: NodeShellOptions,
  command: Command,
  context: CommandContext,
): Promise<Prepared> {
  const { program } = command
  const place = await folderOf(workspace, command.cwd)
  const env = processEnvironment(process.env, named, command, context)
  const folder = evidence.folder(context.runId, context.path, context.attempt)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const search = { path: env['PATH'], folder: place.folder }
  const argv =
    'argv' in program ? await programArguments(program.argv, search) : await scriptArguments(program, folder, search)
  const proposed = { argv, cwd: place.folder, env: Object.keys(env), runId: context.runId, path: context.path }
  await ask(allow, 'script' in program ? { ...proposed, script: program.script } : proposed)
  return { place, env, folder, argv }
}

async function programArguments(
  [name = '', ...rest]: readonly string[],
  search: Parameters<typeof findProgram>[1],
): Promise<readonly string[]> {
  const nul = rest.findIndex((argument) => argument.includes('\0'))
  if (nul >= 0) throw new CommandFailure('ARGUMENT_REFUSED', `argument ${nul + 1} holds a NUL`)
  return [await findProgram(name, search), ...rest]
}

async function ask(allow: NodeShellOptions['allow'], proposed: ProposedCommand): Promise<void> {
  if (allow === undefined) return
  try {
    if (await allow(proposed)) return
  } catch (error) {
    throw new CommandFailure('COMMAND_REFUSED', 'the host could not say whether it allows the command', {
      cause: error,
    })
  }
  throw new CommandFailure('COMMAND_REFUSED', 'the host does not allow the command')
}
