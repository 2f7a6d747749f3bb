import { expect, test } from 'vitest'
import { lanesOf } from './lanes.ts'

test('lines to the same thing share a lane', () => {
  const lanes = lanesOf([
    { to: 'a', start: 0, end: 100 },
    { to: 'a', start: 50, end: 100 },
  ])
  expect([...lanes]).toEqual([['a', 0]])
})

test('of lines that meet, the shorter is the nearer', () => {
  const lanes = lanesOf([
    { to: 'far', start: 0, end: 200 },
    { to: 'near', start: 50, end: 100 },
  ])
  expect(lanes).toEqual(
    new Map([
      ['near', 0],
      ['far', 1],
    ]),
  )
})

test('lines that do not meet share a lane', () => {
  const lanes = lanesOf([
    { to: 'above', start: 0, end: 40 },
    { to: 'below', start: 100, end: 60 },
  ])
  expect(new Set(lanes.values())).toEqual(new Set([0]))
})
