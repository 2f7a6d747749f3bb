import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { SegnoError } from '@segno/core'
import { CommandError } from './command-error.ts'

/** Reads what `segno export` wrote; `-` for standard input. What is no JSON ends the command. */
export function readBundleFile(given: string, cwd: string): unknown {
  try {
    return JSON.parse(readFileSync(given === '-' ? 0 : resolve(cwd, given), 'utf8')) as unknown
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code
    if (reason === 'ENOENT') {
      const hint = 'segno export <run> --out <file> writes one'
      throw new CommandError({ code: 'FILE_NOT_FOUND', message: `there is no file ${given}`, hint })
    }
    const message = `${given}: ${cause instanceof Error ? cause.message : String(cause)}`
    if (reason !== undefined) throw new CommandError({ code: 'FILE_UNREADABLE', message }, { cause })
    throw new CommandError({ code: 'BUNDLE_INVALID', message, hint: 'segno export writes such a file' }, { cause })
  }
}

/** Tells a bundle that does not hold together as the mistake that it is. */
export async function aboutBundle<T>(given: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (error) {
    if (!SegnoError.is(error, 'BUNDLE_INVALID')) throw error
    const hint = 'export the run again; what was changed by hand cannot be taken in'
    throw new CommandError({ code: 'BUNDLE_INVALID', message: `${given}: ${error.message}`, hint }, { cause: error })
  }
}
