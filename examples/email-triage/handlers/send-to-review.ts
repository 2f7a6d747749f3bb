import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HandlerDefinition } from 'segno'
import { z } from 'zod'
import { writeWhole } from './write-whole.ts'

const Input = z.strictObject({ inbox: z.string(), folder: z.string(), file: z.string(), reasons: z.array(z.string()) })
const Output = z.strictObject({ path: z.string() })

/** Copies a mail below `root`, as it is, to where a person looks at it, with the reasons beside it. */
export function sendToReview(root: string): HandlerDefinition<z.infer<typeof Input>, z.infer<typeof Output>> {
  return {
    input: Input,
    output: Output,
    async perform(_context, { inbox, folder, file, reasons }) {
      const path = `review/${file}`
      await writeWhole(join(root, folder, `${path}.reasons.txt`), `${reasons.join('\n')}\n`)
      await writeWhole(join(root, folder, path), await readFile(join(root, inbox, file)))
      return { path }
    },
  }
}
