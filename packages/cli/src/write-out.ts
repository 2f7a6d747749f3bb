import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CommandError } from './command-error.ts'
import { shownPath } from './workflow-file.ts'

/** Writes a result into the file that `--out` names, and gives its path as messages tell it. `mode` is that of a new file. */
export function writeOut(
  out: string,
  text: string,
  { cwd, mode }: { readonly cwd: string; readonly mode?: number },
): string {
  const path = resolve(cwd, out)
  try {
    writeFileSync(path, text, { mode })
  } catch (cause) {
    const message = `--out ${out}: ${cause instanceof Error ? cause.message : String(cause)}`
    const hint = 'name a file in a folder that is there'
    throw new CommandError({ code: 'OPTION_INVALID', message, hint }, { cause })
  }
  return shownPath(path, cwd)
}
