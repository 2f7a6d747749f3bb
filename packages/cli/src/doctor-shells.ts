import { execFile } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { findInterpreter } from '@segno/adapters/shell'
import { scriptShells } from '@segno/schema/plan'

/** What runs scripts of one kind on this machine. */
export interface FoundShell {
  readonly shell: (typeof scriptShells)[number]
  /** Absolute, with links followed: `/usr/bin/dash` may be what `sh` is. */
  readonly program?: string
  /** None where the program does not tell. */
  readonly version?: string
  /** Why there is no program. */
  readonly flaw?: string
}

/** What runs scripts of each kind that `run` knows, found as the shell of this command finds it. */
export function shellsFound(): Promise<readonly FoundShell[]> {
  return Promise.all(scriptShells.map(shellFound))
}

async function shellFound(shell: FoundShell['shell']): Promise<FoundShell> {
  let program: string
  try {
    program = await findInterpreter(shell)
  } catch (error) {
    return { shell, flaw: error instanceof Error ? error.message : String(error) }
  }
  const version = await versionOf(program)
  return { shell, program: realpathSync(program), ...(version !== undefined && { version }) }
}

const answerMs = 5000

// Some, such as dash, know no such option: they are asked no other question.
function versionOf(program: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = execFile(program, ['--version'], { timeout: answerMs }, (error, stdout) => {
      resolve(error === null ? /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] : undefined)
    })
    child.stdin?.end()
  })
}
