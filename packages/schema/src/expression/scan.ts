/**
 * Where what begins at `index` ends: a whole string literal or comment, else
 * one character. `undefined` where a string literal has no end.
 */
export function skip(text: string, index: number): number | undefined {
  const character = text[index]
  if (character === '"' || character === "'") return skipString(text, index, character)
  if (character === '/' && text[index + 1] === '/') {
    const newline = text.indexOf('\n', index)
    return newline === -1 ? text.length : newline
  }
  return index + 1
}

function skipString(text: string, start: number, quote: string): number | undefined {
  const triple = quote.repeat(3)
  const delimiter = text.startsWith(triple, start) ? triple : quote
  let index = start + delimiter.length
  while (index < text.length) {
    if (text.startsWith(delimiter, index)) return index + delimiter.length
    if (delimiter === quote && (text[index] === '\n' || text[index] === '\r')) return undefined
    index += text[index] === '\\' ? 2 : 1
  }
  return undefined
}
