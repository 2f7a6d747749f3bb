import { expect, test } from 'vitest'
import { grown } from './grown.ts'

test('a list grows by one, and a long one is not copied', () => {
  let list: number[] = []
  for (let item = 0; item < 5; item++) list = grown(list, item)
  expect(list).toEqual([0, 1, 2, 3, 4])
  expect(grown(list, 5)).toBe(list)
})
