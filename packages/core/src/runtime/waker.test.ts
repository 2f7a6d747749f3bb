import { expect, test } from 'vitest'
import { virtualClock } from '../testing/virtual-clock.ts'
import { Waker } from './waker.ts'

const runs = 100_000

test('of a hundred thousand runs that rest, a look names a thousand, and each is looked for in its turn', async () => {
  const clock = virtualClock()
  const asked: (readonly string[])[] = []
  const waker = new Waker({
    clock,
    acquire: async (runIds) => {
      asked.push(runIds)
      return { now: clock.now(), leased: [], more: false }
    },
    row: async () => undefined,
    hints: false,
    isAlone: false,
    leaseMs: 30_000,
    warn: () => undefined,
  })
  const dayMs = 86_400_000
  for (let index = 0; index < runs; index += 1) waker.watch(`run_${index}`, dayMs + index)
  await clock.advanceBy(100_000)
  expect(asked).toHaveLength(100)
  expect(Math.max(...asked.map(({ length }) => length))).toBe(1000)
  expect(new Set(asked.flat()).size).toBe(runs)
  waker.close()
})

test('those that are due are asked for at their time, a thousand at once, and no other', async () => {
  const clock = virtualClock()
  const asked: [at: number, runIds: readonly string[]][] = []
  const waker = new Waker({
    clock,
    acquire: async (runIds) => {
      asked.push([clock.monotonic(), runIds])
      for (const runId of runIds) waker.forget(runId)
      return { now: clock.now(), leased: runIds, more: false }
    },
    row: async () => undefined,
    hints: true,
    isAlone: true,
    leaseMs: 30_000,
    warn: () => undefined,
  })
  for (let index = 0; index < 20_000; index += 1) waker.watch(`later_${index}`, 3_600_000 + index)
  for (let index = 0; index < 2500; index += 1) waker.watch(`due_${index}`, 5000)
  waker.watch('never', null)
  await clock.advanceBy(5000)
  expect(asked.map(([at, { length }]) => [at, length])).toEqual([
    [5000, 1000],
    [5000, 1000],
    [5000, 500],
  ])
  expect(asked.flatMap(([, runIds]) => runIds).every((runId) => runId.startsWith('due_'))).toBe(true)
  waker.close()
})
