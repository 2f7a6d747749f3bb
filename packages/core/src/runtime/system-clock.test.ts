import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from './system-clock.ts'

describe('systemClock', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('a callback comes once, when its delay has passed', () => {
    let called = 0
    systemClock.schedule(10, () => (called += 1))
    vi.advanceTimersByTime(9)
    expect(called).toBe(0)
    vi.advanceTimersByTime(1_000)
    expect(called).toBe(1)
  })

  test('a delay that the platform cannot hold is waited for in stretches of a minute', () => {
    const month = 30 * 24 * 3_600_000
    const calledAt: number[] = []
    const start = systemClock.monotonic()
    systemClock.schedule(month, () => calledAt.push(systemClock.monotonic() - start))
    vi.advanceTimersToNextTimer()
    expect(systemClock.monotonic() - start).toBe(60_000)
    vi.advanceTimersByTime(month)
    expect(calledAt).toEqual([month])
  })

  test('a callback is cancelled in its first stretch and in a later one', () => {
    let called = 0
    const cancelFirst = systemClock.schedule(1_000, () => (called += 1))
    const cancelLater = systemClock.schedule(100_000, () => (called += 1))
    cancelFirst()
    vi.advanceTimersByTime(70_000)
    cancelLater()
    vi.advanceTimersByTime(200_000)
    expect([called, vi.getTimerCount()]).toEqual([0, 0])
  })

  test('a delay of nothing or less comes at the next turn', () => {
    let called = 0
    systemClock.schedule(-5, () => (called += 1))
    expect(called).toBe(0)
    vi.advanceTimersByTime(0)
    expect(called).toBe(1)
  })

  test('a delay that is not finite is refused', () => {
    expect(() => systemClock.schedule(Number.NaN, () => {})).toThrow(RangeError)
    expect(() => systemClock.schedule(Number.POSITIVE_INFINITY, () => {})).toThrow(RangeError)
  })

  test('a timer keeps the process alive until it is cancelled', () => {
    vi.useRealTimers()
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const cancel = systemClock.schedule(10_000, () => {})
    expect(timers()).toBe(before + 1)
    cancel()
    expect(timers()).toBe(before)
  })

  test('its time is the platform’s', () => {
    expect(systemClock.now()).toBe(Date.now())
    const before = systemClock.monotonic()
    vi.advanceTimersByTime(5)
    expect(systemClock.monotonic() - before).toBe(5)
  })

  test('others have their turn once it has been at it for long, and what waits keeps its order', () => {
    const told: string[] = []
    const tell = (what: string) => (): void => void told.push(what)
    const turn = (what: string): void => systemClock.turn?.(tell(what), systemClock.monotonic())
    vi.advanceTimersByTime(1_000)
    turn('first')
    vi.runAllTimers()
    turn('at once')
    expect(told).toEqual(['first', 'at once'])
    vi.advanceTimersByTime(5)
    setImmediate(tell('the host'))
    turn('second')
    turn('third')
    expect(told).toEqual(['first', 'at once'])
    vi.runAllTimers()
    expect(told).toEqual(['first', 'at once', 'the host', 'second', 'third'])
  })
})
