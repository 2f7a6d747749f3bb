import { expect, test } from 'vitest'
import { layersOf } from './layers.ts'

test('each thing stands in the first column behind all that it waits for', () => {
  const ways = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
    { from: 'a', to: 'c' },
  ]
  const { columns, chains } = layersOf(['a', 'b', 'c'], ways)
  expect(columns.map((column) => column.filter((key) => !key.includes('>')))).toEqual([['a'], ['b'], ['c']])
  expect(chains).toEqual([
    ['a', 'b'],
    ['b', 'c'],
    ['a', '1>c', 'c'],
  ])
})

test('ways to the same thing pass a column together', () => {
  const ways = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'd' },
    { from: 'a', to: 'd' },
    { from: 'c', to: 'd' },
  ]
  expect(layersOf(['a', 'b', 'c', 'd'], ways).columns[1]).toHaveLength(2)
})

test('things stand near what they are connected with', () => {
  const ways = [
    { from: 'a', to: 'y' },
    { from: 'b', to: 'x' },
  ]
  const { columns } = layersOf(['a', 'b', 'x', 'y'], ways)
  expect(columns).toEqual([
    ['a', 'b'],
    ['y', 'x'],
  ])
})

test('a circle, which no checked definition has, is cut', () => {
  const ways = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'a' },
  ]
  expect(layersOf(['a', 'b'], ways).columns.flat().toSorted()).toEqual(['a', 'b'])
})
