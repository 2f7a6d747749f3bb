/**
 * A text on one line, cut to at most `max` characters, and never empty. Nothing
 * in it moves a cursor or turns the direction of text.
 */
export function cutText(text: string, max: number): string {
  const line = text
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\ufffe\uffff\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .trim()
  if (line === '') return '(empty)'
  // Far more than is shown is not taken apart: a text may be long, and so may one letter with its accents.
  const near = line.slice(0, max * lengthMax)
  const characters: string[] = []
  for (const { segment } of segmenter.segment(near)) {
    characters.push(segment)
    if (characters.length > max) break
  }
  if (characters.length <= max && near === line) return line
  return `${characters
    .slice(0, max - 1)
    .join('')
    .trimEnd()}…`
}

/** Of one character, in code units, on average. */
const lengthMax = 16

// A flag or a letter with its accents is one character, and is not cut in two.
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
