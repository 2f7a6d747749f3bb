import { expect, test } from 'vitest'
import { attemptGate } from './attempt-gate.ts'

type Left = () => void

/** Attempts that have entered, and how each leaves. */
function through(width: number, count: number): { entered: number[]; left: Left[]; turn: () => Promise<void> } {
  const gate = attemptGate(width)
  const entered: number[] = []
  const left: Left[] = []
  for (let index = 0; index < count; index++) {
    gate.run((leave) => {
      entered.push(index)
      left[index] = leave
    })
  }
  return { entered, left, turn: () => Promise.resolve() }
}

test('as many attempts enter at once as the gate is wide', () => {
  expect(through(2, 5).entered).toEqual([0, 1])
})

test('for each that leaves, the one that has waited longest enters', async () => {
  const { entered, left, turn } = through(2, 5)
  left[1]?.()
  await turn()
  expect(entered).toEqual([0, 1, 2])
  left[0]?.()
  left[2]?.()
  await turn()
  expect(entered).toEqual([0, 1, 2, 3, 4])
})

test('who leaves twice makes one place free', async () => {
  const { entered, left, turn } = through(1, 3)
  left[0]?.()
  left[0]?.()
  await turn()
  expect(entered).toEqual([0, 1])
})

test('attempts that end at once do not nest', async () => {
  const gate = attemptGate(1)
  let deepest = 0
  let depth = 0
  let ended = 0
  const all = new Promise<void>((resolve) => {
    for (let index = 0; index < 50_000; index++) {
      gate.run((left) => {
        depth++
        deepest = Math.max(deepest, depth)
        ended++
        left()
        depth--
        if (ended === 50_000) resolve()
      })
    }
  })
  await all
  expect(deepest).toBe(1)
})
