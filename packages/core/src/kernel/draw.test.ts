import { expect, test } from 'vitest'
import { draw } from './draw.ts'

function draws(seed: number, length: number): number[] {
  const source = { seed }
  return Array.from({ length }, () => draw(source))
}

test('the same seed draws the same numbers, another seed others', () => {
  expect(draws(7, 5)).toEqual(draws(7, 5))
  expect(draws(8, 5)).not.toEqual(draws(7, 5))
})

test('draws lie in [0, 1) and spread over it', () => {
  const many = draws(1, 10_000)
  expect(many.every((value) => value >= 0 && value < 1)).toBe(true)
  const mean = many.reduce((sum, value) => sum + value, 0) / many.length
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.02)
})

test('the numbers are those of the published generator', () => {
  const whole = draws(7, 4).map((value) => value * 2 ** 32)
  expect(whole).toEqual([50_271_532, 266_108_690, 4_195_786_334, 3_002_305_430])
})
