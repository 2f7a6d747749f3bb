import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isMap, isScalar, parseDocument, stringify, type Scalar } from 'yaml'
import { sourceOffsets } from './scalar.ts'

function scalarIn(text: string): Scalar {
  const { contents } = parseDocument(text)
  const value = isMap(contents) ? contents.get('k', true) : undefined
  if (!isScalar(value)) throw new Error(`no scalar in ${text}`)
  return value
}

/** The units of the text that the units of the value come from. */
function originOf(text: string): string {
  const offsets = sourceOffsets(text, scalarIn(text))
  return (
    offsets
      ?.slice(0, -1)
      .map((offset) => text[offset])
      .join('') ?? 'unknown'
  )
}

describe('an offset in a scalar', () => {
  test.for([
    ['plain', 'k: abc def', 'abc def'],
    ['plain over lines', 'k: abc\n  def\n\n  ghi', 'abc\ndef\nghi'],
    ['single-quoted', "k: 'it''s'", "it's"],
    ['double-quoted with escapes', 'k: "a\\tb\\u0041\\x42\\U0001F600c"', 'a\\b\\\\\\\\c'],
    ['double-quoted over lines', 'k: "a  \n  b \\\n  c"', 'a b c'],
    ['literal', 'k: |\n  ab\n    c\n\n  d\n', 'ab\n  c\n\nd\n'],
    ['literal with CRLF', 'k: |\r\n  ab\r\n  c\r\n', 'ab\nc\n'],
    ['folded', 'k: >-\n  ab\n  c\n\n  d\n', 'ab\nc\nd'],
  ] as const)('is found in a %s one', ([, text, origin]) => {
    expect(originOf(text)).toBe(origin)
  })

  test('is never found at a wrong letter, whatever the style', () => {
    const word = fc.stringMatching(/^[a-z"'\\ \n:#{}]{0,20}$/)
    const style = fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED')
    fc.assert(
      fc.property(word, style, fc.integer({ min: 20, max: 40 }), (value, defaultStringType, lineWidth) => {
        const text = stringify({ k: value }, { defaultStringType, lineWidth })
        const offsets = sourceOffsets(text, scalarIn(text))
        for (const [index, letter] of value.split('').entries()) {
          if (/[a-z]/.test(letter) && offsets) expect(text[offsets[index] ?? -1]).toBe(letter)
        }
      }),
    )
  })
})
