import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { HandlerDefinition } from 'segno'
import { z } from 'zod'
import { codedError, isSystemError } from './coded-error.ts'

const Input = z.strictObject({ folder: z.string() })
const Output = z.strictObject({ files: z.array(z.string()) })

/** The names of the mails in a folder below `root`, sorted. */
export function readInbox(root: string): HandlerDefinition<z.infer<typeof Input>, z.infer<typeof Output>> {
  return {
    input: Input,
    output: Output,
    async perform(_context, { folder }) {
      const names = await namesIn(root, folder)
      return { files: names.filter((name) => name.endsWith('.eml')).toSorted() }
    },
  }
}

async function namesIn(root: string, folder: string): Promise<readonly string[]> {
  try {
    return await readdir(join(root, folder))
  } catch (cause) {
    if (!isSystemError(cause, 'ENOENT') && !isSystemError(cause, 'ENOTDIR')) throw cause
    throw codedError('INBOX_MISSING', `There is no folder ${folder}`, { cause })
  }
}
