import { expect, test } from 'vitest'
import { textArray } from './text-array.ts'

test('an array of texts is its head, and each text after its length in bytes', () => {
  const bytes = textArray(['ä"', null, ''])
  expect([0, 4, 8, 12, 16].map((at) => bytes.readInt32BE(at))).toEqual([1, 1, 25, 3, 1])
  expect(bytes.readInt32BE(20)).toBe(3)
  expect(bytes.toString('utf8', 24, 27)).toBe('ä"')
  expect([27, 31].map((at) => bytes.readInt32BE(at))).toEqual([-1, 0])
  expect(bytes).toHaveLength(35)
})

test('an array without NULL says so', () => {
  expect(textArray(['a']).readInt32BE(4)).toBe(0)
})
