/** A text on one line, cut to at most `max` characters. Nothing in it moves a cursor or turns the direction of text. */
export function cutText(text: string, max: number): string {
  const line = text
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\ufffe\uffff\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .trim()
  // Far more than is shown is not taken apart first.
  const characters = [...segmenter.segment(line.slice(0, max * 4))].map(({ segment }) => segment)
  return characters.length <= max
    ? line
    : `${characters
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`
}

// A flag or a letter with its accents is one character, and is not cut in two.
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
