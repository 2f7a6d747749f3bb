import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { page, withFigures } from './reliability-figures.ts'

test('the page about reliability has the figures of docs/figures', () => {
  const text = readFileSync(page, 'utf8')
  expect(text, 'node scripts/reliability-page.ts writes them').toBe(withFigures(text))
})

test('figures that are not those of docs/figures are found', () => {
  const text = readFileSync(page, 'utf8')
  const altered = text.replace(/(?<=<!-- figures -->[^]*?)\d+/, (digits) => `${digits}0`)
  expect(altered).not.toBe(text)
  expect(withFigures(altered)).toBe(text)
})
