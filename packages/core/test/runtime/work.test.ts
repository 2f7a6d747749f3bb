import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import type { HandlerContext } from '../../src/runtime/handler.ts'
import { engineProcess } from '../../src/testing/engine-process.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { handlers, memory, nap, secretive, statusOf, toOthers } from './fleet.ts'
import { deaf, expectLawful, journalOf, obedient, oneStep, world } from './world.ts'

const waiting: Definition = { segno: 1, name: 'waiting', steps: [{ id: 'wait', waitFor: { signal: 'go' } }] }

/** A memory storage that counts how often it is asked for runs that are due, and gives no hints. */
function counted() {
  const asked: number[] = []
  const here = world((clock) => {
    const { subscribe: _, ...inner } = memory(clock)
    return { ...inner, acquire: (...wanted) => (asked.push(clock.monotonic()), inner.acquire(...wanted)) }
  })
  return { here, asked }
}

describe('a run that is created for others', () => {
  test('is not begun by the engine that creates it, and is due at once for one that works', async () => {
    const here = world()
    await using creator = here.engine({ handlers })
    const run = await creator.start(oneStep(), {}, toOthers)
    await here.clock.advanceBy(120_000)
    expect((await journalOf(here.storage, run.id)).map(({ type }) => type)).toEqual(['run.created'])
    await using worker = here.engine({ handlers })
    worker.work()
    expect((await here.inTime(run.result())).status).toBe('completed')
    await expectLawful(here.storage, run.id)
  })

  test('needs neither its handlers nor its secrets where it is created', async () => {
    const here = world()
    await using creator = here.engine()
    const run = await creator.start(secretive, {}, toOthers)
    await using worker = here.engine({ handlers, secrets: { get: async () => 'a-long-enough-secret' } })
    worker.work()
    expect((await here.inTime(run.result())).status).toBe('completed')
    await expect(creator.start(oneStep())).rejects.toThrow('UNKNOWN_HANDLER')
  })

  test('is refused where its definition has another mistake', async () => {
    const here = world()
    await using creator = here.engine()
    const wrong = oneStep({ with: '${{ steps.nobody.output }}' })
    await expect(creator.start(wrong, {}, toOthers)).rejects.toThrow('nobody')
    await expect(creator.start(oneStep(), {}, { drive: 'no' as never })).rejects.toThrow('`drive`')
  })

  test('is the first one where the key has one', async () => {
    const here = world()
    await using creator = here.engine({ handlers })
    const [first, second] = [
      await creator.start(oneStep(), {}, { ...toOthers, idempotencyKey: 'k' }),
      await creator.start(oneStep(), {}, { ...toOthers, idempotencyKey: 'k' }),
    ]
    expect(second.id).toBe(first.id)
  })
})

describe('an engine that works', () => {
  test('holds as many runs as it may and no more, and takes those first that are due longest', async () => {
    const here = world()
    await using creator = here.engine({ handlers })
    const runs: string[] = []
    for (let index = 0; index < 20; index += 1) {
      runs.push((await creator.start(oneStep(), {}, toOthers)).id)
      await here.clock.advanceBy(1)
    }
    let atWork = 0
    let most = 0
    const order: string[] = []
    const work = ({ runId }: HandlerContext): Promise<void> => {
      order.push(runId)
      most = Math.max(most, (atWork += 1))
      return new Promise((resolve) => {
        here.clock.schedule(500, () => {
          atWork -= 1
          resolve()
        })
      })
    }
    await using worker = here.engine({ handlers: { work } })
    worker.work({ concurrency: 3 })
    await here.clock.advanceBy(10_000)
    expect(most).toBe(3)
    expect(order).toEqual(runs)
  })

  test('keeps all its places at work while there is something to do', async () => {
    const here = world()
    await using creator = here.engine({ handlers })
    for (let index = 0; index < 30; index += 1) await creator.start(oneStep(), {}, toOthers)
    const work = (): Promise<void> => new Promise((resolve) => here.clock.schedule(1000, resolve))
    await using worker = here.engine({ handlers: { work } })
    worker.work({ concurrency: 10 })
    // Three times ten, a second each, and what it takes to ask.
    await here.clock.advanceBy(3200)
    expect((await creator.list({ status: ['completed'] })).runs).toHaveLength(30)
  })

  test('takes only runs of its labels and workflows', async () => {
    const here = world()
    await using creator = here.engine({ handlers })
    const mine = { ...toOthers, labels: { zone: 'eu' } }
    const wanted = await creator.start(oneStep(), {}, mine)
    const elsewhere = await creator.start(oneStep(), {}, { ...toOthers, labels: { zone: 'us' } })
    const other = await creator.start({ ...oneStep(), name: 'other' }, {}, mine)
    await using worker = here.engine({ handlers })
    worker.work({ labels: { zone: 'eu' }, workflows: ['one'] })
    await here.clock.advanceBy(5000)
    expect(await statusOf(here, wanted.id)).toBe('completed')
    expect(await statusOf(here, elsewhere.id)).toBe('queued')
    expect(await statusOf(here, other.id)).toBe('queued')
  })

  test('takes runs that others left: timers, messages, and those whose process is gone', async () => {
    const here = world()
    const process = engineProcess(here)
    const dying = here.engine({ storage: process.storage, clock: process.clock, handlers: { work: deaf() } })
    const [asleep, asked, crashed] = [
      await dying.start(nap('1m')),
      await dying.start(waiting),
      await dying.start(oneStep()),
    ]
    await settled()
    process.kill()
    await using worker = here.engine({ handlers })
    worker.work()
    await here.clock.advanceBy(31_500)
    expect(await statusOf(here, crashed.id)).toBe('completed')
    expect(await statusOf(here, asleep.id)).toBe('waiting')
    await here.storage.deliver(asked.id, { id: 'm', name: 'go', payload: null })
    await here.clock.advanceBy(1100)
    expect(await statusOf(here, asked.id)).toBe('completed')
    await here.clock.advanceBy(29_000)
    expect(await statusOf(here, asleep.id)).toBe('completed')
  })

  test('finishes what it takes although it sleeps in between, a second late at most', async () => {
    const { here } = counted()
    await using worker = here.engine({ handlers })
    worker.work()
    const late: number[] = []
    const due = new Map<string, number>()
    worker.on('timer.fired', ({ runId, at }) => late.push(at - (due.get(runId) ?? Infinity)))
    for (let index = 0; index < 50; index += 1) {
      const run = await worker.start(nap(`${60 + index}s`), {}, toOthers)
      due.set(run.id, here.clock.now() + (60 + index) * 1000)
    }
    await here.clock.advanceBy(180_000)
    expect(late).toHaveLength(50)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    // A run is begun within a second, and woken within another one.
    expect(Math.max(...late)).toBeLessThan(2000)
  })

  test('asks an idle store once a second, and not in step with others', async () => {
    const { here, asked } = counted()
    await using one = here.engine({ owner: 'one' })
    one.work()
    await here.clock.advanceBy(60_000)
    asked.length = 0
    await here.clock.advanceBy(60_000)
    expect(asked.length).toBeGreaterThan(60)
    expect(asked.length).toBeLessThan(120)
    await using others = here.engine({ owner: 'other' })
    others.work()
    await here.clock.advanceBy(60_000)
    asked.length = 0
    await here.clock.advanceBy(60_000)
    expect(new Set(asked).size).toBe(asked.length)
  })

  test('hears of a message at once where the store gives hints', async () => {
    const here = world()
    await using worker = here.engine({ handlers })
    worker.work()
    const run = await worker.start(waiting, {}, toOthers)
    await here.clock.advanceBy(60_000)
    await here.storage.deliver(run.id, { id: 'm', name: 'go', payload: null })
    await here.clock.advanceBy(50)
    expect(await run.status()).toBe('completed')
  })

  test('does not let a run that waits be forgotten which it has started itself', async () => {
    const here = world()
    await using worker = here.engine({ handlers })
    const work = worker.work()
    const run = await worker.start(nap('1m'))
    await here.clock.advanceBy(1000)
    await work.stop()
    await here.clock.advanceBy(60_000)
    expect(await run.status()).toBe('completed')
  })

  test('asks a store that fails ever more rarely, and goes on once it answers', async () => {
    let isDown = true
    const here = world((clock) => {
      const inner = memory(clock)
      return {
        ...inner,
        acquire: (wanted) => (isDown ? Promise.reject(new Error('no disk')) : inner.acquire(wanted)),
      }
    })
    await using worker = here.engine({ handlers })
    worker.work()
    const run = await worker.start(oneStep(), {}, toOthers)
    await here.clock.advanceBy(600_000)
    expect(here.logged.filter((line) => line.includes('no disk')).length).toBeLessThan(60)
    isDown = false
    expect((await here.inTime(run.result())).status).toBe('completed')
  })

  test.for([
    [{ concurrency: 0 }, '`concurrency`'],
    [{ concurrency: 1.5 }, '`concurrency`'],
    [{ pollMs: 1 }, '`pollMs`'],
    [{ labels: { a: 1 } }, 'label'],
    [{ workflows: 'all' }, '`workflows`'],
  ] as const)('refuses %o', async ([options, named]) => {
    const here = world()
    await using worker = here.engine()
    expect(() => worker.work(options as never)).toThrow(named)
    await worker.close()
    expect(() => worker.work()).toThrow('closed')
  })
})

describe('an engine that stops working', () => {
  test('takes no more, and goes on with what it has', async () => {
    const here = world()
    const ends: (() => void)[] = []
    await using worker = here.engine({
      handlers: { work: () => new Promise<void>((resolve) => ends.push(resolve)) },
    })
    const run = await worker.start(oneStep(), {}, toOthers)
    {
      await using _work = worker.work()
      await here.clock.advanceBy(100)
    }
    const late = await worker.start(oneStep(), {}, toOthers)
    await here.clock.advanceBy(5000)
    ends[0]?.()
    await settled()
    expect([await run.status(), await late.status()]).toEqual(['completed', 'queued'])
  })

  test('gives back what the store has just given it', async () => {
    const answers: (() => void)[] = []
    const here = world((clock) => {
      const inner = memory(clock)
      return {
        ...inner,
        async acquire(wanted) {
          const answer = await inner.acquire(wanted)
          if (answer.runs.length > 0) await new Promise<void>((resolve) => answers.push(resolve))
          return answer
        },
      }
    })
    await using worker = here.engine({ handlers })
    const run = await worker.start(oneStep(), {}, toOthers)
    const work = worker.work()
    await here.clock.advanceBy(10)
    const stopped = work.stop()
    answers[0]?.()
    await stopped
    const row = await here.storage.row(run.id)
    expect([row?.status, row?.holder]).toEqual(['queued', undefined])
  })

  test('because it closes gives back what it holds: another one goes on at once', async () => {
    const here = world()
    const heard: unknown[] = []
    const first = here.engine({ handlers: { work: obedient(heard) } })
    first.work()
    const run = await first.start(oneStep(), {}, toOthers)
    await here.clock.advanceBy(100)
    await first.close()
    expect(heard).toEqual(['STOPPING'])
    await using second = here.engine({ handlers })
    second.work()
    await here.clock.advanceBy(100)
    expect(await second.run(run.id).status()).toBe('completed')
  })
})
