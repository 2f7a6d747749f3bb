import type { Definition, RunEvent } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { StorageFault } from '../../src/ports/storage-fault.ts'
import type { AppendRequest, Storage } from '../../src/ports/storage.ts'
import type { HandlerContext } from '../../src/runtime/handler.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { deaf, expectLawful, journalOf, obedient, oneStep, twoSteps, world } from './world.ts'

function memory(clock: VirtualClock): Storage {
  return memoryStorage({ now: () => clock.now() })
}

describe('appends', () => {
  test('there is one for each step of a sequence', async () => {
    const appends: AppendRequest[] = []
    let created = 0
    const { engine, resultOf } = world((clock) => {
      const storage = memory(clock)
      return {
        ...storage,
        createRun: (...run) => ((created += 1), storage.createRun(...run)),
        append: (request) => (appends.push(request), storage.append(request)),
      }
    })
    await using one = engine({ handlers: { work: () => 1 } })
    const steps = Array.from({ length: 5 }, (_, index) => ({ id: `s${index}`, uses: 'work' }))
    await resultOf(one, { segno: 1, name: 'five', steps })
    expect(created).toBe(1)
    expect(appends.map(({ events }) => events.map(({ type }) => type))).toEqual([
      ...Array.from({ length: 4 }, () => ['step.completed', 'attempt.started']),
      ['step.completed', 'run.completed'],
    ])
  })

  test('nothing is heard before it is in the journal, and nothing that is not', async () => {
    const kept = new Set<string>()
    const { engine, inTime, storage } = world((clock) => {
      const inner = memory(clock)
      let calls = 0
      const note = (events: readonly RunEvent[]): void =>
        events.forEach(({ runId, seq }) => kept.add(`${runId}/${seq}`))
      return {
        ...inner,
        async append(request) {
          calls += 1
          await new Promise<void>((resolve) => clock.schedule(300, resolve))
          if (calls % 3 === 0) throw new Error('the connection broke before')
          const outcome = await inner.append(request)
          if (outcome.outcome === 'ok') note(request.events)
          if (calls % 3 === 1) throw new Error('the connection broke after')
          return outcome
        },
        async createRun(...run) {
          const outcome = await inner.createRun(...run)
          note(run[1].events)
          return outcome
        },
      }
    })
    await using one = engine({ handlers: { first: () => 1, second: () => 2 } })
    const heard: string[] = []
    one.on('*', ({ runId, seq }) => {
      expect(kept).toContain(`${runId}/${seq}`)
      heard.push(`${runId}/${seq}`)
    })
    const run = await one.start(twoSteps)
    expect((await inTime(run.result())).status).toBe('completed')
    expect(heard).toEqual([...kept])
    await expectLawful(storage, run.id)
  })

  test('one whose answer was lost is sent again under its name', async () => {
    const names: string[] = []
    const { engine, inTime, storage } = world((clock) => {
      const inner = memory(clock)
      return {
        ...inner,
        async append(request) {
          names.push(request.batchId)
          const outcome = await inner.append(request)
          if (names.length === 1) throw new StorageFault('STORAGE_UNAVAILABLE', 'gone', { ambiguous: true })
          return outcome
        },
      }
    })
    await using one = engine({ handlers: { first: () => 1, second: () => 2 } })
    const run = await one.start(twoSteps)
    await inTime(run.result())
    expect(names).toHaveLength(3)
    expect(names[0]).toBe(names[1])
    expect((await journalOf(storage, run.id)).map(({ type }) => type)).toHaveLength(6)
  })

  test('one that the store can never keep blocks its run in the end, and no other', async () => {
    const { engine, clock } = world((time) => {
      const inner = memory(time)
      return {
        ...inner,
        async append(request) {
          if (JSON.stringify(request.events).includes('poison'))
            throw new StorageFault('VALUE_UNSUPPORTED', 'no poison', { ambiguous: false })
          return inner.append(request)
        },
      }
    })
    await using one = engine({
      handlers: { work: (_: HandlerContext, { text }: { text: string }) => text.toLowerCase() },
    })
    const bad = await one.start(oneStep({ with: { text: 'POISON' } }))
    const good = await one.start(oneStep({ with: { text: 'FOOD' } }))
    expect((await good.result()).status).toBe('completed')
    await clock.advanceBy(600_000)
    expect(await bad.status()).toBe('blocked')
  })
})

describe('a batch that was not written', () => {
  // A signal comes after the batch was sent and before it is written.
  const refusals: readonly [why: string, isRefused: (request: AppendRequest) => boolean, byStore: boolean][] = [
    [
      'a message came while the run was being parked',
      ({ park, events }) => park !== undefined && events.length > 0,
      true,
    ],
    ['the journal was elsewhere', ({ events }) => events.some(({ type }) => type === 'step.completed'), false],
  ]
  test.for(refusals)('because %s keeps what handlers gave: none is called again', async ([, isRefused, byStore]) => {
    let hit = false
    const { engine, inTime, storage } = world((clock) => {
      const inner = memory(clock)
      return {
        ...inner,
        async append(request) {
          if (hit || !isRefused(request)) return inner.append(request)
          hit = true
          const { now } = await inner.deliver(request.runId, { id: 'm', name: 'go', payload: null })
          return byStore ? inner.append(request) : { outcome: 'conflict', now }
        },
      }
    })
    let calls = 0
    await using one = engine({ handlers: { work: () => ++calls } })
    const steps = [
      { id: 'work', uses: 'work', effect: 'once' as const },
      { id: 'wait', waitFor: { signal: 'go' } },
    ]
    const run = await one.start({ segno: 1, name: 'x', steps })
    expect((await inTime(run.result())).status).toBe('completed')
    expect([hit, calls]).toEqual([true, 1])
    await expectLawful(storage, run.id)
  })
})

test('what a handler gave while values are loaded outlives a refused batch: it is not called again', async () => {
  const open: (() => void)[] = []
  let refused = false
  const held = (): Promise<void> => new Promise((resolve) => open.push(resolve))
  const { engine, clock, storage } = world((time) => {
    const inner = memory(time)
    return {
      ...inner,
      async append(request) {
        if (refused || request.events[0]?.type !== 'signal.received') return inner.append(request)
        refused = true
        await held()
        return { outcome: 'conflict', now: time.now() }
      },
      async getBlob(runId, sha256) {
        await held()
        return inner.getBlob(runId, sha256)
      },
    }
  })
  const attempts: number[] = []
  let fail: (error: Error) => void = () => undefined
  const work = ({ attempt }: HandlerContext): Promise<void> | undefined => {
    attempts.push(attempt)
    return attempt > 1 ? undefined : new Promise((_, reject) => (fail = reject))
  }
  await using one = engine({ handlers: { first: () => ({ delay: '1s', text: 'x'.repeat(50_000) }), second: work } })
  const retry = { max: 1, delay: '${{ steps.first.output.delay }}' }
  const run = await one.start({
    ...twoSteps,
    steps: [twoSteps.steps[0], { ...twoSteps.steps[1], retry }],
  } as Definition)
  await settled()
  await run.signal('go')
  await settled()
  fail(new Error('again'))
  await settled()
  for (const waiting of open.splice(0, 1)) waiting()
  await settled()
  expect(attempts).toEqual([1])
  while ((await run.row()).status !== 'completed') {
    for (const waiting of open.splice(0)) waiting()
    await clock.advanceBy(500)
  }
  expect(attempts).toEqual([1, 2])
  await expectLawful(storage, run.id)
})

describe('listeners and loggers', () => {
  test('that throw, at once or later, hurt nobody', async () => {
    const { engine, logged, resultOf } = world()
    await using one = engine({ handlers: { work: ({ log }: HandlerContext) => log('hello') } })
    one.on('*', () => {
      throw new Error('at once')
    })
    one.on('*', () => Promise.reject(new Error('later')) as unknown as undefined)
    expect((await resultOf(one, oneStep())).status).toBe('completed')
    expect(logged.filter((line) => line.includes('a listener threw'))).toHaveLength(8)
    const logger = {
      log: () => {
        throw new Error('no disk')
      },
    }
    await using mute = engine({ logger, handlers: { work: ({ log }: HandlerContext) => log('hello') } })
    mute.on('*', () => {
      throw new Error('at once')
    })
    expect((await resultOf(mute, oneStep())).status).toBe('completed')
  })

  test('hear nothing after they have left, and only the types they asked for', async () => {
    const { engine, resultOf } = world()
    await using one = engine({ handlers: { work: () => 1 } })
    const heard: string[] = []
    const leave = one.on('step.completed', ({ type }) => heard.push(type))
    await resultOf(one, oneStep())
    leave()
    leave()
    await resultOf(one, oneStep())
    expect(heard).toEqual(['step.completed'])
  })

  test('may close the engine from inside: what starts then is told to stop', async () => {
    const { engine, storage } = world()
    const heard: unknown[] = []
    const one = engine({ handlers: { first: () => 1, second: obedient(heard) } })
    const closed = new Promise<void>((resolve) => {
      one.on('step.completed', () => resolve(one.close()))
    })
    const run = await one.start(twoSteps)
    await closed
    expect(heard).toEqual(['STOPPING'])
    expect((await storage.row(run.id))?.status).toBe('running')
  })
})

describe('a limit of attempts', () => {
  test('bounds how many handlers are at work', async () => {
    const { engine, resultOf } = world()
    let atWork = 0
    let most = 0
    const work = async (): Promise<void> => {
      most = Math.max(most, ++atWork)
      await settled()
      atWork--
    }
    await using one = engine({ handlers: { work }, limits: { attempts: 3 } })
    const definition: Definition = {
      segno: 1,
      name: 'wide',
      steps: [
        { id: 'each', forEach: { in: '[1, 2, 3, 4, 5, 6, 7, 8]', concurrency: 8 }, do: [{ id: 'work', uses: 'work' }] },
      ],
    }
    expect((await resultOf(one, definition)).status).toBe('completed')
    expect(most).toBe(3)
  })

  test('a cancel reaches attempts that wait for their turn at once, and their handlers are never called', async () => {
    const { engine, storage } = world()
    const called: string[] = []
    await using one = engine({
      limits: { attempts: 1 },
      handlers: {
        first: obedient(called),
        second: () => called.push('second'),
      },
    })
    const first = await one.start({ segno: 1, name: 'a', steps: [{ id: 'a', uses: 'first' }] })
    const second = await one.start({ segno: 1, name: 'b', steps: [{ id: 'b', uses: 'second', effect: 'once' }] })
    await second.cancel()
    expect((await second.result()).status).toBe('cancelled')
    expect((await journalOf(storage, second.id)).map(({ type }) => type)).not.toContain('attempt.abandoned')
    await first.cancel()
    await first.result()
    expect(called).toEqual(['CANCELLED'])
  })

  test('a handler that never ends gives its place back when it is given up', async () => {
    const { engine, inTime } = world()
    await using one = engine({ limits: { attempts: 1 }, handlers: { first: deaf(), second: () => 2 } })
    const first = await one.start({ segno: 1, name: 'a', steps: [{ id: 'a', uses: 'first', timeout: '1s' }] })
    const second = await one.start({ segno: 1, name: 'b', steps: [{ id: 'b', uses: 'second' }] })
    expect((await inTime(first.result())).status).toBe('failed')
    expect((await inTime(second.result())).status).toBe('completed')
  })
})

describe('closing', () => {
  test('tells handlers, records nothing, and waits 5 s for those that do not listen', async () => {
    const { engine, storage, clock } = world()
    const heard: unknown[] = []
    const one = engine({ handlers: { work: deaf(heard) } })
    const run = await one.start(oneStep())
    const { head } = await run.row()
    const closed = one.close().then(() => clock.now())
    await settled()
    const before = clock.now()
    await clock.advanceBy(10_000)
    expect((await closed) - before).toBe(5000)
    expect(heard).toEqual(['STOPPING'])
    expect((await storage.row(run.id))?.head).toBe(head)
    expect(clock.scheduled).toBe(0)
    await expect(one.start(oneStep())).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    await expect(one.recover()).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    await one.close()
  })

  test('in the middle of a start lets go of the run, which another engine drives', async () => {
    const gates: (() => void)[] = []
    const { engine, storage, inTime } = world((clock) => {
      const inner = memory(clock)
      return {
        ...inner,
        createRun: async (...run) => {
          if (gates.length === 0) await new Promise<void>((resolve) => gates.push(resolve))
          return inner.createRun(...run)
        },
      }
    })
    const one = engine({ handlers: { work: () => 1 } })
    const starting = one.start(oneStep(), {}, { id: 'r' })
    while (gates.length === 0) await settled()
    await one.close()
    gates[0]?.()
    expect((await starting).id).toBe('r')
    await using two = engine({ handlers: { work: () => 1 } })
    expect(await two.recover()).toEqual(['r'])
    expect((await inTime(two.run('r').result())).status).toBe('completed')
    await expectLawful(storage, 'r')
  })

  test('while the definition is being checked refuses the start', async () => {
    const { engine, storage } = world()
    const one = engine({ handlers: { work: () => 1 } })
    const starting = one.start(oneStep())
    await one.close()
    await expect(starting).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    expect((await storage.list({}, { limit: 1 })).runs).toEqual([])
  })
})
