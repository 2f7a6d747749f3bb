import type { HandlerDefinition } from '@segno/core'
import { z } from 'zod'
import { codedError } from './coded-error.ts'

const Input = z.strictObject({
  text: z.string().describe('A title, or any other text.'),
  max: z.int().min(1).max(200).default(60).describe('How long it may be; words are left out at the end.'),
})
const Output = z.strictObject({ slug: z.string().describe('Letters a to z, digits, and dashes between words.') })

/** Makes a name for a file or an address from a text. The same text gives the same name on every machine. */
export const slug: HandlerDefinition<z.infer<typeof Input>, z.infer<typeof Output>> = {
  title: 'Slug',
  description: 'Makes a name for a file or an address from a text.',
  effect: 'pure',
  input: Input,
  output: Output,
  perform: (_context, { text, max }) => ({ slug: slugOf(text, max) }),
}

// Letters that no decomposition takes an accent from.
const spelled: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ł: 'l', þ: 'th' }

function slugOf(text: string, max: number): string {
  const plain = text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[ßæœøđłþ]/g, (letter) => spelled[letter] ?? letter)
  const [first, ...words] = plain.match(/[a-z0-9]+/g) ?? []
  if (first === undefined) {
    throw codedError('SLUG_EMPTY', `${JSON.stringify(text.slice(0, 40))} has no letters or digits for a name`)
  }
  let name = first.slice(0, max)
  for (const word of words) {
    if (name.length + 1 + word.length > max) break
    name += `-${word}`
  }
  return name
}
