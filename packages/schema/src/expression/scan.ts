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
  const end = endOfBody(text, start + delimiter.length, delimiter)
  return text.startsWith(delimiter, end) ? end + delimiter.length : undefined
}

/**
 * Where the body of a string literal ends that begins at `index`: at its
 * closing delimiter, or where there is none, at the end of its line or, with
 * three quotes, of the text.
 */
export function endOfBody(text: string, index: number, delimiter: string): number {
  let end = index
  while (end < text.length && !text.startsWith(delimiter, end)) {
    if (delimiter.length === 1 && (text[end] === '\n' || text[end] === '\r')) break
    end += text[end] === '\\' ? 2 : 1
  }
  return Math.min(end, text.length)
}
