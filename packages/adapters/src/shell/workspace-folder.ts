import { realpath, stat } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { CommandFailure, systemCode } from './command-failure.ts'

/** Where a process runs; both paths are real ones, without symbolic links. */
export interface Place {
  readonly workspace: string
  readonly folder: string
}

/** The folder of a command, which lies in the workspace whatever links lead to it. */
export async function folderOf(workspace: string, cwd = '.'): Promise<Place> {
  if (cwd.includes('\0')) throw new CommandFailure('PATH_UNSAFE', 'the folder of the step holds a NUL')
  const root = await real(workspace, 'the workspace')
  const folder = await real(resolve(root, cwd), `the folder "${cwd}"`)
  if (!contains(root, folder)) throw new CommandFailure('PATH_UNSAFE', `"${cwd}" leads out of the workspace`)
  if (!(await stat(folder)).isDirectory()) throw new CommandFailure('COMMAND_NOT_FOUND', `"${cwd}" is not a folder`)
  return { workspace: root, folder }
}

/** Whether a path is a folder or lies in it. `out2` does not lie in `out`. */
export function contains(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

async function real(path: string, what: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const code = systemCode(error)
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR'
    const message = isMissing ? `${what} does not exist` : `${what} cannot be entered (${code})`
    throw new CommandFailure(isMissing ? 'COMMAND_NOT_FOUND' : 'PATH_UNSAFE', message, { cause: error })
  }
}
