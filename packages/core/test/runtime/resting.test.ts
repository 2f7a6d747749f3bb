import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import type { Storage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { world } from './world.ts'

const waiting: Definition = { segno: 1, name: 'waiting', steps: [{ id: 'wait', waitFor: { signal: 'go' } }] }
const nap = (sleep: string): Definition => ({ segno: 1, name: 'nap', steps: [{ id: 'nap', sleep }] })

function memory(clock: VirtualClock): Storage {
  return memoryStorage({ now: () => clock.now() })
}

describe('runs that rest', () => {
  test('are let go of, and wake in time, never early', async () => {
    let renewed = 0
    const { engine, clock, storage } = world((time) => {
      const inner = memory(time)
      return { ...inner, renew: (held) => ((renewed += held.leases.length), inner.renew(held)) }
    })
    await using one = engine()
    const late: number[] = []
    const due = new Map<string, number>()
    one.on('timer.fired', ({ runId, at }) => late.push(at - (due.get(runId) ?? Infinity)))
    const starts = Array.from({ length: 1000 }, async (_, index) => {
      const minutes = 1 + (index % 50)
      const run = await one.start(nap(`${minutes}m`))
      due.set(run.id, clock.now() + minutes * 60_000)
    })
    await Promise.all(starts)
    await settled()
    await clock.advanceBy(30_000)
    // The leases were given back: nothing is held for a run that rests.
    expect(renewed).toBe(0)
    expect(clock.scheduled).toBeLessThan(10)
    await clock.advanceBy(51 * 60_000)
    expect(late).toHaveLength(1000)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...late)).toBeLessThan(2000)
    expect((await storage.list({ status: ['completed'] }, { limit: 2000 })).runs).toHaveLength(1000)
  })

  test('for 60 days wake after 60 days', async () => {
    const { engine, clock } = world()
    await using one = engine()
    const run = await one.start(nap('60d'))
    await clock.advanceBy(60 * 86_400_000 - 1)
    expect(await run.status()).toBe('waiting')
    await clock.advanceBy(1000)
    expect(await run.status()).toBe('completed')
  }, 60_000)

  test('are woken by a signal at once', async () => {
    const { engine } = world()
    await using one = engine()
    const run = await one.start(waiting)
    await settled()
    await run.signal('go')
    await settled()
    expect(await run.status()).toBe('completed')
  })

  test('a signal that comes while a run is being parked is not missed', async () => {
    const answers: (() => void)[] = []
    const { engine, storage } = world((clock) => {
      const inner = memory(clock)
      return {
        ...inner,
        async append(request) {
          const outcome = await inner.append(request)
          if (request.park !== undefined) await new Promise<void>((resolve) => answers.push(resolve))
          return outcome
        },
      }
    })
    await using one = engine()
    const run = await one.start(waiting)
    await settled()
    expect(answers).toHaveLength(1)
    await run.signal('go')
    await settled()
    answers[0]?.()
    await settled()
    expect((await storage.row(run.id))?.status).toBe('completed')
  })

  test('a signal whose hint was lost is found within 30 s', async () => {
    const { engine, storage, clock } = world((time) => ({ ...memory(time), subscribe: () => () => undefined }))
    await using one = engine()
    const run = await one.start(waiting)
    await settled()
    await storage.deliver(run.id, { id: 'm', name: 'go', payload: null })
    await clock.advanceBy(31_000)
    expect(await run.status()).toBe('completed')
  })

  test('that another engine has ended are asked for no more', async () => {
    let asked = 0
    const { engine, clock } = world((time) => {
      const inner = memory(time)
      return { ...inner, acquire: (...wanted) => ((asked += 1), inner.acquire(...wanted)) }
    })
    await using one = engine()
    const run = await one.start(nap('1m'))
    await settled()
    await clock.advanceBy(59_990)
    await using two = engine()
    await run.cancel()
    await two.recover()
    await clock.advanceBy(300_000)
    asked = 0
    await clock.advanceBy(300_000)
    expect(asked).toBe(0)
  })
})
