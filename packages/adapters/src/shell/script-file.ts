import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cwd, env, execPath } from 'node:process'
import type { Command } from '@segno/core'
import type { ScriptShell } from '@segno/schema/plan'
import { CommandFailure } from './command-failure.ts'
import { findProgram } from './find-program.ts'
import type { Search } from './find-program.ts'

type Script = Extract<Command['program'], { readonly script: string }>

interface Interpreter {
  /** The first that there is. */
  readonly names: readonly string[]
  readonly options: readonly string[]
  readonly file: string
}

// What GitHub Actions does: a script ends at the first command that fails, in bash also inside of a pipe.
const interpreters: Readonly<Record<Script['shell'], Interpreter>> = {
  sh: { names: ['sh'], options: ['-e'], file: 'script.sh' },
  bash: { names: ['bash'], options: ['--noprofile', '--norc', '-eo', 'pipefail'], file: 'script.sh' },
  python: { names: ['python3', 'python'], options: [], file: 'script.py' },
  node: { names: [execPath], options: [], file: 'script.mjs' },
}

/**
 * The program by which scripts of a shell are run, as an absolute path: where
 * `nodeShell` finds it by a `PATH`, which is that of this process unless given. Rejects
 * with a code, `COMMAND_NOT_FOUND` or `COMMAND_NOT_EXECUTABLE`, where there is none.
 */
export function findInterpreter(shell: ScriptShell, path: string | undefined = env['PATH']): Promise<string> {
  return firstOf(interpreters[shell].names, { path, folder: cwd() })
}

/** Leaves a script where people find it, and gives the arguments that run it. */
export async function scriptArguments(
  { script, shell }: Script,
  evidence: string,
  search: Search,
): Promise<readonly string[]> {
  const { names, options, file } = interpreters[shell]
  const program = await firstOf(names, search)
  const path = join(evidence, file)
  await writeFile(path, script, { mode: 0o600 })
  return [program, ...options, path]
}

async function firstOf(names: readonly string[], search: Search): Promise<string> {
  for (const name of names.slice(0, -1)) {
    try {
      return await findProgram(name, search)
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error
    }
  }
  return await findProgram(names.at(-1) ?? '', search)
}
