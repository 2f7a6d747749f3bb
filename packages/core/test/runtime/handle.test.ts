import type { Definition, Json, RunEvent } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { SegnoError } from '../../src/error.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { collect, deaf, expectLawful, journalOf, obedient, oneStep, typesOf, world } from './world.ts'

const waiting: Definition = {
  segno: 1,
  name: 'waiting',
  output: { by: { type: 'string', value: '${{ steps.approval.output.by }}' } },
  steps: [{ id: 'approval', waitFor: { signal: 'approved' } }],
}

function isError(code: string) {
  return (error: unknown): boolean => SegnoError.is(error) && error.code === code
}

describe('result and output', () => {
  test('of a run that failed: the failure is a value, and an error of output()', async () => {
    const { engine, storage } = world()
    const failing = { NO_INK: true, code: 'NO_INK', message: 'none left', retryable: false }
    await using one = engine({ handlers: { work: () => Promise.reject(failing as unknown as Error) } })
    const run = await one.start(oneStep())
    const failure = { code: 'NO_INK', message: 'none left', retryable: false }
    expect(await run.result()).toEqual({ status: 'failed', failure })
    await expect(run.output()).rejects.toMatchObject({ code: 'RUN_FAILED', details: failure })
    await expectLawful(storage, run.id)
  })

  test('of a run that was cancelled', async () => {
    const { engine } = world()
    await using one = engine()
    const run = await one.start(waiting)
    await run.cancel()
    expect(await run.result()).toEqual({ status: 'cancelled', reason: 'cancelled on request' })
    await expect(run.output()).rejects.toMatchObject({
      code: 'RUN_CANCELLED',
      details: { reason: 'cancelled on request' },
    })
  })

  test('of a run that nobody knows', async () => {
    const { engine, clock } = world()
    await using one = engine()
    const run = one.run('nobody')
    const calls = [
      run.result(),
      run.output(),
      run.row(),
      run.status(),
      run.signal('x'),
      run.cancel(),
      collect(run.events()),
    ]
    for (const call of calls) await expect(call).rejects.toSatisfy(isError('RUN_UNKNOWN'))
    expect(clock.scheduled).toBe(0)
  })

  test('a run whose name cannot be one is refused', async () => {
    const { engine } = world()
    await using one = engine()
    expect(() => one.run('../x')).toThrow(/run id/)
  })

  test('an engine that closes first is told', async () => {
    const { engine } = world()
    const one = engine()
    const run = await one.start(waiting)
    const result = run.result()
    const refused = expect(result).rejects.toSatisfy(isError('ENGINE_CLOSED'))
    await one.close()
    await refused
    await expect(run.result()).rejects.toSatisfy(isError('ENGINE_CLOSED'))
    expect(await run.status()).toBe('waiting')
  })

  test('changing an output changes nothing that is kept', async () => {
    const { engine } = world()
    await using one = engine({ handlers: { work: () => ['a'] } })
    const run = await one.start({ ...oneStep(), output: { list: { value: '${{ steps.work.output }}' } } } as Definition)
    const first = (await run.output()) as { list: Json[] }
    first.list.push('b')
    expect(await run.output()).toEqual({ list: ['a'] })
  })
})

describe('events', () => {
  const loop: Definition = {
    segno: 1,
    name: 'loop',
    steps: [
      { id: 'loop', repeat: { max: 5, until: false }, onExhausted: undefined, do: [{ id: 'nap', sleep: '10s' }] },
    ],
  } as unknown as Definition

  test('come from the beginning, from the middle, while the run goes on and after its end', async () => {
    const { engine, storage, inTime } = world()
    await using one = engine()
    const run = await one.start(loop)
    const live = collect(run.events())
    const late = collect(run.events({ from: 7 }))
    await inTime(run.result())
    const journal = await journalOf(storage, run.id)
    expect(await live).toEqual(journal)
    expect(await late).toEqual(journal.slice(6))
    expect(await collect(run.events())).toEqual(journal)
    expect(await collect(run.events({ from: journal.length + 1 }))).toEqual([])
    expect(await collect(run.events({ from: journal.length + 100 }))).toEqual([])
  })

  test('stop for a signal, between two events and while waiting', async () => {
    const { engine, clock } = world()
    await using one = engine()
    const run = await one.start(waiting)
    const stop = new AbortController()
    const seen: RunEvent[] = []
    const reading = (async () => {
      for await (const event of run.events({ signal: stop.signal })) seen.push(event)
    })()
    await settled()
    expect(seen).toHaveLength(2)
    stop.abort()
    await reading
    expect(await collect(run.events({ signal: stop.signal }))).toEqual([])
    const second = new AbortController()
    for await (const event of run.events({ signal: second.signal })) if (event.seq === 1) second.abort()
    // Nobody reads any more: only what looks after the resting run is scheduled.
    const { scheduled } = clock
    for await (const _ of run.events()) break
    expect(clock.scheduled).toBe(scheduled)
  })

  test('end when the engine closes', async () => {
    const { engine } = world()
    const one = engine()
    const run = await one.start(waiting)
    const reading = collect(run.events())
    await settled()
    await one.close()
    expect((await reading).map(({ type }) => type)).toEqual(['run.created', 'step.started'])
  })

  test.for([0, -1, 1.5, Number.NaN])('from %d are refused', async (from) => {
    const { engine } = world()
    await using one = engine()
    const run = await one.start(waiting)
    await expect(collect(run.events({ from }))).rejects.toSatisfy(isError('ARGUMENT_INVALID'))
  })
})

describe('a run that another engine drives', () => {
  test.for([true, false])('is followed to its end; hints: %s', async (hints) => {
    const { engine, inTime, storage } = world((clock) => {
      const { subscribe, ...silent } = memoryStorage({ now: () => clock.now() })
      return hints && subscribe !== undefined ? { ...silent, subscribe } : silent
    })
    await using driving = engine()
    await using watching = engine()
    const { id } = await driving.start(waiting)
    const run = watching.run(id)
    const [result, events] = [run.result(), collect(run.events())]
    await settled()
    expect(await run.signal('approved', { by: 'Ada' })).toBe('accepted')
    expect(await inTime(result)).toEqual({ status: 'completed', output: { by: 'Ada' } })
    expect(await inTime(events)).toEqual(await journalOf(storage, id))
  })

  test('can be cancelled within one renewal of its lease, also without hints', async () => {
    const { engine, inTime, clock } = world((time) => {
      const { subscribe: _, ...silent } = memoryStorage({ now: () => time.now() })
      return silent
    })
    await using driving = engine({ handlers: { work: obedient() } })
    await using watching = engine()
    const { id } = await driving.start(oneStep())
    await settled()
    const before = clock.now()
    await watching.run(id).cancel()
    expect((await inTime(watching.run(id).result())).status).toBe('cancelled')
    expect(clock.now() - before).toBeLessThanOrEqual(12_000)
  })
})

describe('signals', () => {
  test('are applied once per id', async () => {
    const { engine, storage } = world()
    await using one = engine()
    const twice: Definition = {
      ...waiting,
      steps: [...waiting.steps, { id: 'second', waitFor: { signal: 'approved' } }],
    }
    const run = await one.start(twice)
    expect(await run.signal('approved', { by: 'Ada' }, { id: 'a', sender: 'ada' })).toBe('accepted')
    expect(await run.signal('approved', { by: 'Ada' }, { id: 'a' })).toBe('duplicate')
    await settled()
    expect(await run.status()).toBe('waiting')
    await run.signal('approved', { by: 'Bob' }, { id: 'b' })
    expect(await run.output()).toEqual({ by: 'Ada' })
    await expect(run.signal('approved')).rejects.toSatisfy(isError('RUN_CLOSED'))
    expect(await run.signal('approved', {}, { id: 'a' })).toBe('duplicate')
    await expectLawful(storage, run.id)
  })

  const bad: readonly [what: string, name: unknown, data: unknown, options: object][] = [
    ['no name', '', null, {}],
    ['a name that is a command', 'segno.cancel', null, {}],
    ['a name that is no text', 3, null, {}],
    ['half a character in the name', '\ud800', null, {}],
    ['data that is no JSON', 'x', { f: () => 1 }, {}],
    [
      'data that throws',
      'x',
      {
        get f(): number {
          throw new Error('no')
        },
      },
      {},
    ],
    ['20 MB of data', 'x', 'x'.repeat(20_000_000), {}],
    ['an empty id', 'x', null, { id: '' }],
    ['a long id', 'x', null, { id: 'x'.repeat(300) }],
    ['an empty sender', 'x', null, { sender: '' }],
  ]
  test.for(bad)('with %s are refused', async ([, name, data, options]) => {
    const { engine, storage } = world()
    await using one = engine()
    const run = await one.start(waiting)
    await expect(run.signal(name as string, data as Json, options)).rejects.toSatisfy(isError('ARGUMENT_INVALID'))
    expect((await storage.row(run.id))?.inboxHead).toBe(0)
  })
})

describe('an operator', () => {
  test('pauses: nothing new starts, what runs ends and is recorded; resumes', async () => {
    const { engine, storage } = world()
    let finish: (value: string) => void = () => undefined
    await using one = engine({
      handlers: { work: () => new Promise<string>((resolve) => (finish = resolve)), after: () => 'x' },
    })
    const run = await one.start({
      ...oneStep(),
      steps: [
        { id: 'work', uses: 'work' },
        { id: 'after', uses: 'after' },
      ],
    })
    await run.pause({ actor: 'ada' })
    await settled()
    expect(await run.status()).toBe('paused')
    finish('done')
    await settled()
    expect((await typesOf(storage, run)).slice(-2)).toEqual(['operator.acted', 'step.completed'])
    await expectLawful(storage, run.id)
    await run.resume()
    expect((await run.result()).status).toBe('completed')
    await expectLawful(storage, run.id)
  })

  test('retries what is blocked, as a whole or by path', async () => {
    const { engine, storage } = world()
    let ink = false
    await using one = engine({
      handlers: { work: () => (ink ? 1 : Promise.reject(new Error('no ink'))) },
    })
    const blocked = { uses: 'work', onFailure: 'block' as const }
    const run = await one.start({
      segno: 1,
      name: 'x',
      steps: [
        {
          id: 'all',
          parallel: [
            { id: 'a', ...blocked },
            { id: 'b', ...blocked },
          ],
        },
      ],
    })
    await settled()
    expect(await run.status()).toBe('blocked')
    ink = true
    await run.retry({ path: 'all/nothing' })
    await run.retry({ path: 'all/a' })
    await settled()
    expect(await run.status()).toBe('blocked')
    await run.retry()
    expect((await run.result()).status).toBe('completed')
    const acted = (await journalOf(storage, run.id)).filter((event) => event.type === 'operator.acted')
    expect(acted.map(({ path, refused }) => [path, refused?.message])).toEqual([
      ['all/nothing', '"all/nothing" is not blocked'],
      ['all/a', undefined],
      [undefined, undefined],
    ])
  })

  test('raises the limit of steps, and that of time', async () => {
    const { engine, storage, clock } = world()
    await using one = engine()
    const nap = (id: string) => ({ id, sleep: '1m' })
    const run = await one.start({
      segno: 1,
      name: 'x',
      limits: { steps: 1, duration: '90s' },
      steps: [nap('a'), nap('b'), nap('c')],
    })
    await clock.advanceBy(61_000)
    expect(await run.status()).toBe('blocked')
    await run.raise({ steps: 1 })
    await run.raise({ steps: 10 })
    await clock.advanceBy(40_000)
    expect(await run.status()).toBe('blocked')
    await run.raise({ durationMs: 3_600_000 }, { actor: 'ada' })
    await clock.advanceBy(120_000)
    expect((await run.result()).status).toBe('completed')
    await expectLawful(storage, run.id)
    const acted = (await journalOf(storage, run.id)).filter((event) => event.type === 'operator.acted')
    expect(acted.map(({ refused }) => refused?.message)).toEqual(['no limit is raised', undefined, undefined])
  })

  test('raises nothing that is no number', async () => {
    const { engine } = world()
    await using one = engine()
    const run = await one.start(waiting)
    await expect(run.raise({ steps: Number.NaN })).rejects.toSatisfy(isError('ARGUMENT_INVALID'))
  })

  test('is told why a command was refused', async () => {
    const { engine, storage } = world()
    await using one = engine()
    const run = await one.start(waiting)
    await run.resume()
    await run.retry()
    await run.pause()
    await run.pause()
    await settled()
    const refused = (await journalOf(storage, run.id)).flatMap((event) =>
      event.type === 'operator.acted' && event.refused !== undefined
        ? [`${event.action}: ${event.refused.message}`]
        : [],
    )
    expect(refused).toEqual([
      'resume: the run is not paused',
      'retry: nothing is blocked',
      'pause: the run is already paused',
    ])
  })

  test('cancels with force: `finally` is left out', async () => {
    const { engine, storage, inTime } = world()
    const calls: string[] = []
    await using one = engine({ handlers: { work: deaf(), tidy: () => void calls.push('tidy') } })
    const definition: Definition = { ...oneStep(), finally: [{ id: 'tidy', uses: 'tidy' }] }
    for (const force of [false, true]) {
      const run = await one.start(definition)
      await run.cancel({ force })
      expect((await inTime(run.result())).status).toBe('cancelled')
      await expectLawful(storage, run.id)
    }
    expect(calls).toEqual(['tidy'])
  })
})
