import { expect, test } from 'vitest'
import { settled, virtualClock } from '../testing/virtual-clock.ts'
import { systemClock } from './system-clock.ts'
import { Watchers } from './watchers.ts'

test('a crowd of readers looks again in turns, and nobody is forgotten', async () => {
  const clock = virtualClock()
  const watchers = new Watchers(clock, 1000)
  const woken: number[] = []
  for (let run = 0; run < 1200; run++) {
    void watchers.next(`run-${run}`, 'any').news.then(() => woken.push(run))
  }
  const counts: number[] = []
  for (let second = 0; second < 4; second++) {
    await clock.advanceBy(1000)
    await settled()
    counts.push(woken.length)
  }
  expect(counts).toEqual([500, 1000, 1200, 1200])
  expect(woken.slice(0, 3)).toEqual([0, 1, 2])
})

test('whoever closes wakes all of them at once', async () => {
  const watchers = new Watchers(virtualClock(), 1000)
  const all = Promise.all(Array.from({ length: 1200 }, (_, run) => watchers.next(`run-${run}`, 'end').news))
  watchers.close()
  expect(await all).toHaveLength(1200)
})

test('who hears within a turn of the event loop needs no timer; for who waits longer there is one', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const watchers = new Watchers(systemClock, 1000)
  const before = timers()

  const soon = watchers.next('run', 'any').news
  watchers.news('run', false)
  await soon
  await turn()
  expect(timers()).toBe(before)

  const later = watchers.next('run', 'any')
  await turn()
  expect(timers()).toBe(before + 1)
  later.end()
  expect(timers()).toBe(before)
})
