import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { settled, virtualClock } from './virtual-clock.ts'

describe('virtualClock', () => {
  test('callbacks come in the order of their instants, then of their scheduling, each at its own instant', async () => {
    const clock = virtualClock({ startAt: 1_000 })
    const called: [string, number][] = []
    for (const [name, delayMs] of [
      ['c', 20],
      ['a', 10],
      ['d', 20],
      ['b', 10],
      ['now', 0],
      ['past', -5],
    ] as const) {
      clock.schedule(delayMs, () => called.push([name, clock.now()]))
    }
    await clock.advanceBy(20)
    expect(called).toEqual([
      ['now', 1_000],
      ['past', 1_000],
      ['a', 1_010],
      ['b', 1_010],
      ['c', 1_020],
      ['d', 1_020],
    ])
    expect([clock.now(), clock.monotonic(), clock.scheduled]).toEqual([1_020, 20, 0])
  })

  test('nothing is called before its instant', async () => {
    const clock = virtualClock()
    let called = 0
    clock.schedule(10, () => (called += 1))
    await clock.advanceBy(9)
    expect(called).toBe(0)
    await clock.advanceBy(1)
    expect(called).toBe(1)
  })

  test('a cancelled callback is not called, and cancelling late changes nothing', async () => {
    const clock = virtualClock()
    const called: string[] = []
    const cancelFirst = clock.schedule(1, () => called.push('first'))
    const cancelSecond = clock.schedule(2, () => called.push('second'))
    cancelFirst()
    cancelFirst()
    await clock.runUntilIdle()
    cancelSecond()
    expect([called, clock.scheduled]).toEqual([['second'], 0])
  })

  test('promises settle between two callbacks, however long their chain', async () => {
    const clock = virtualClock()
    const seen: string[] = []
    clock.schedule(1, () => {
      void (async () => {
        for (let turn = 0; turn < 1_000; turn += 1) await Promise.resolve()
        seen.push('chain')
        clock.schedule(0, () => seen.push('scheduled by the chain'))
      })()
    })
    clock.schedule(2, () => seen.push('next'))
    await clock.advanceBy(2)
    expect(seen).toEqual(['chain', 'scheduled by the chain', 'next'])
  })

  test('what callbacks schedule on the way is called on the way', async () => {
    const clock = virtualClock({ startAt: 0 })
    const ticks: number[] = []
    const tick = (): void => {
      ticks.push(clock.now())
      clock.schedule(10, tick)
    }
    clock.schedule(10, tick)
    await clock.advanceTo(35)
    expect([ticks, clock.now()]).toEqual([[10, 20, 30], 35])
  })

  test('it runs until nothing is scheduled, and stays at the last instant', async () => {
    const clock = virtualClock({ startAt: 0 })
    clock.schedule(5, () => void clock.schedule(7, () => {}))
    await clock.runUntilIdle()
    expect([clock.now(), clock.scheduled]).toEqual([12, 0])
  })

  test('what schedules itself for ever is told of', async () => {
    const clock = virtualClock()
    const again = (): void => void clock.schedule(1, again)
    again()
    await expect(clock.runUntilIdle(50)).rejects.toThrow('not idle after 50 callbacks')
  })

  test('an error of a callback comes out of the call that moved the clock', async () => {
    const clock = virtualClock()
    clock.schedule(1, () => {
      throw new Error('from the callback')
    })
    await expect(clock.advanceBy(1)).rejects.toThrow('from the callback')
  })

  test('it neither goes back nor waits for an instant that never comes', async () => {
    const clock = virtualClock({ startAt: 10 })
    await expect(clock.advanceTo(9)).rejects.toThrow(RangeError)
    await expect(clock.advanceTo(Number.NaN)).rejects.toThrow(RangeError)
    expect(() => clock.schedule(Number.POSITIVE_INFINITY, () => {})).toThrow(RangeError)
    expect(() => clock.schedule(Number.NaN, () => {})).toThrow(RangeError)
  })

  test('promises settle also where there is no setImmediate', async () => {
    vi.stubGlobal('setImmediate', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    let turns = 0
    void (async () => {
      for (; turns < 1_000; turns += 1) await Promise.resolve()
    })()
    await settled()
    expect(turns).toBe(1_000)
  })
})
