/** What to do about an `exec` that is text: a list, written out where each word is plainly one argument. */
export function argumentsHint(value: unknown): { readonly hint?: string; readonly replacement?: string } {
  if (typeof value !== 'string') return {}
  const words = value.trim().split(' ').filter(Boolean)
  // Quotes, globs, pipes and variables mean something to a shell, and to nothing else.
  const isPlain = words.length > 0 && words.every((word) => /^[\w./:=@%+,-]+$/.test(word))
  if (!isPlain) return { hint: 'write each argument as an item of a list, or use "run" for a script' }
  const replacement = JSON.stringify(words).replaceAll('","', '", "')
  return { hint: `write exec: ${replacement}, or use "run" for a script`, replacement }
}
