/**
 * The width of a text in pixels, as in a sans-serif of the wide sort: whatever
 * font is there, a text is hardly ever wider. Nothing is asked of a screen, so
 * that a picture is the same wherever it is made.
 */
export function textWidth(text: string, { size, bold = false }: Font): number {
  let hundredths = 0
  for (const character of text) hundredths += advance(character)
  return Math.ceil((hundredths * size * (bold ? 1.13 : 1)) / 100)
}

/** What a text is written in. */
export interface Font {
  /** In pixels. */
  readonly size: number
  readonly bold?: boolean
}

/** The text, or its beginning with an ellipsis, so that it is at most so many pixels wide. */
export function fitText(text: string, max: number, font: Font): string {
  if (textWidth(text, font) <= max) return text
  const characters = [...segmenter.segment(text)].map(({ segment }) => segment)
  while (characters.length > 0) {
    characters.pop()
    const cut = `${characters.join('').trimEnd()}…`
    if (textWidth(cut, font) <= max) return cut
  }
  return '…'
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

// From the space to the tilde, in hundredths of the size.
const ascii = [
  ...[32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64],
  ...[64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79],
  ...[60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63],
  ...[63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84],
]

const square =
  /[\p{Emoji_Presentation}\p{Extended_Pictographic}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff00-\uff60]/u

function advance(character: string): number {
  const known = ascii[(character.codePointAt(0) ?? 0) - 32]
  if (known !== undefined) return known
  if (/\p{M}|\p{Cf}/u.test(character)) return 0
  return square.test(character) ? 130 : 90
}
