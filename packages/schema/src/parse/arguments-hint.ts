import type { Mistake } from '../diagnostic/mistake.ts'

/** What to do about an `exec` that is text: a list, written out where each word is plainly one argument. */
export function argumentsHint(value: unknown, pointer: string): Pick<Mistake, 'hint' | 'fixes'> {
  if (typeof value !== 'string') return {}
  const words = value.trim().split(' ').filter(Boolean)
  // Quotes, globs, pipes and variables mean something to a shell, and to nothing else.
  const isPlain = words.length > 0 && words.every((word) => /^[\w./:=@%+,-]+$/.test(word))
  if (!isPlain) return { hint: 'write each argument as an item of a list, or use "run" for a script' }
  const list = JSON.stringify(words).replaceAll('","', '", "')
  const edits = [{ op: 'replace', pointer, value: words }] as const
  return { hint: `write exec: ${list}, or use "run" for a script`, fixes: [{ title: 'write a list', edits }] }
}
