import { expect, test } from 'vitest'
import { fitText, textWidth } from './text-width.ts'

const font = { size: 10 }

test('a text is as wide as its characters', () => {
  expect(textWidth('iii', font)).toBeLessThan(textWidth('mmm', font))
  expect(textWidth('abc', { size: 20 })).toBeGreaterThan(1.9 * textWidth('abc', font))
  expect(textWidth('abc', { size: 10, bold: true })).toBeGreaterThan(textWidth('abc', font))
  expect(textWidth('漢字', font)).toBeGreaterThanOrEqual(20)
  expect(textWidth('e\u0301', font)).toBe(textWidth('e', font))
})

test('a text that is too wide ends in an ellipsis, and then fits', () => {
  expect(fitText('short', 100, font)).toBe('short')
  const cut = fitText('a text that is far too long', 60, font)
  expect(cut).toMatch(/^a text.*…$/)
  expect(textWidth(cut, font)).toBeLessThanOrEqual(60)
  expect(fitText('mmm', 1, font)).toBe('…')
})
