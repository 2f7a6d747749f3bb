import { join } from 'node:path'
import type { HandlerDefinition } from 'segno'
import { z } from 'zod'
import { codedError } from './coded-error.ts'
import { Mail } from './contract.ts'
import { writeWhole } from './write-whole.ts'

const Input = z.strictObject({ folder: z.string(), mail: Mail, text: z.string() })
const Output = z.strictObject({ path: z.string() })

/** Writes a reply below `root`, for a person to finish and send. Fails with `NO_REPLY_ADDRESS` where nobody would read it. */
export function draftReply(root: string): HandlerDefinition<z.infer<typeof Input>, z.infer<typeof Output>> {
  return {
    input: Input,
    output: Output,
    async perform(_context, { folder, mail, text }) {
      const { file, from, replyTo, subject } = mail
      if (/^(no-?reply|do-?not-?reply)@/i.test(replyTo)) {
        throw codedError('NO_REPLY_ADDRESS', `Nobody reads what is sent to ${replyTo}`)
      }
      const path = `replies/${file.replace(/\.eml$/, '')}.txt`
      const about = /^re:/i.test(subject) ? subject : `Re: ${subject}`
      const lines = [`To: ${replyTo}`, `Subject: ${about}`, '', `Dear ${from.name || replyTo},`, '', text, '']
      await writeWhole(join(root, folder, path), lines.join('\n'))
      return { path }
    },
  }
}
