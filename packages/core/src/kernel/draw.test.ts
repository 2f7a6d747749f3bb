import { expect, test } from 'vitest'
import { seededDraw } from './draw.ts'

test('the same seed draws the same numbers, another seed others', () => {
  const first = Array.from({ length: 5 }, seededDraw(7))
  expect(Array.from({ length: 5 }, seededDraw(7))).toEqual(first)
  expect(Array.from({ length: 5 }, seededDraw(8))).not.toEqual(first)
})

test('draws lie in [0, 1) and spread over it', () => {
  const draws = Array.from({ length: 10_000 }, seededDraw(1))
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true)
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.02)
})
