import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keptLabels, keptName, keptText, nameFrom } from './names.ts'

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) })
const oddText = fc.string({ unit: fc.constantFrom('a', '0', '\\', '\0', '\ud834', '\udd1e', '\u{1d11e}') })
const names = fc.oneof(anyText, oddText)

describe('a name as PostgreSQL keeps it', () => {
  test('has neither NUL nor half a surrogate pair, and gives the name again', () => {
    fc.assert(
      fc.property(names, (name) => {
        const kept = keptName(name)
        expect([kept.includes('\0'), kept.isWellFormed(), nameFrom(kept)]).toEqual([false, true, name])
      }),
    )
  })

  test('is the name itself where nothing is odd', () => {
    for (const name of ['', 'run_1', "'; --", 'Grüße', '\u{1f3b5}', 'a\nb']) expect(keptName(name)).toBe(name)
  })

  test('parts labels that differ', () => {
    expect(keptLabels({ a: 'b","c' })).not.toEqual(keptLabels({ 'a","b': 'c' }))
    expect(keptLabels({ 'a\0': '\ud834' }).join()).toBe('["a\\u0000","\\ud834"]')
  })
})

test('a text that PostgreSQL would change is refused', () => {
  expect(keptText('"\u{1d11e}"', 'a blob')).toBe('"\u{1d11e}"')
  for (const text of ['a\0b', '\ud834']) {
    expect(() => keptText(text, 'a blob')).toThrow(expect.objectContaining({ code: 'VALUE_UNSUPPORTED' }))
  }
})
