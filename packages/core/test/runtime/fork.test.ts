import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { settled } from '../../src/testing/virtual-clock.ts'
import { deaf, expectLawful, journalOf, world } from './world.ts'

const pipeline: Definition = {
  segno: 1,
  name: 'pipeline',
  input: { who: { type: 'string' } },
  output: { said: { value: '${{ steps.last.output }}' } },
  steps: [
    { id: 'fetch', uses: 'fetch', with: '${{ input.who }}' },
    { id: 'rest', sleep: '5m' },
    {
      id: 'both',
      parallel: [
        { id: 'left', uses: 'left' },
        { id: 'right', uses: 'right' },
      ],
      failFast: false,
    },
    { id: 'each', forEach: { in: '[1, 2, 3]' }, do: [{ id: 'item', uses: 'item', with: '${{ item }}' }] },
    { id: 'last', uses: 'last', with: '${{ steps.fetch.output }}' },
  ],
}

function handlersOf(calls: string[], broken: ReadonlySet<string>) {
  const handler = (name: string) => (_: unknown, input: unknown) => {
    const call = input === null || typeof input === 'object' ? name : `${name} ${String(input)}`
    calls.push(call)
    if (broken.has(call)) throw Object.assign(new Error(`${call} is broken`), { code: 'BROKEN' })
    return name === 'fetch' ? 'x'.repeat(20_000) : call
  }
  return Object.fromEntries(['fetch', 'left', 'right', 'item', 'last'].map((name) => [name, handler(name)]))
}

describe('a fork of a run that failed', () => {
  test('does not do again what completed, wherever it failed', async () => {
    for (const failing of ['left', 'item 2', 'fetch Ada']) {
      const here = world()
      const broken = new Set([failing])
      const calls: string[] = []
      await using engine = here.engine({ handlers: handlersOf(calls, broken) })
      const run = await engine.start(pipeline, { who: 'Ada' })
      expect((await here.inTime(run.result())).status).toBe('failed')
      const before = calls.splice(0)
      broken.clear()
      const began = here.clock.now()

      const fork = await engine.fork(run.id)
      expect((await here.inTime(fork.result())).status).toBe('completed')

      const all = ['fetch Ada', 'left', 'right', 'item 1', 'item 2', 'item 3']
      const done = before.filter((call) => call !== failing)
      expect(calls.slice(0, -1)).toEqual(all.filter((call) => !done.includes(call)))
      // The five minutes have passed already, unless the run failed before.
      expect(here.clock.now() - began < 300_000).toBe(failing !== 'fetch Ada')
      const journal = await journalOf(here.storage, fork.id)
      expect(journal[0]).toMatchObject({ type: 'run.created', forkedFrom: { runId: run.id }, input: { who: 'Ada' } })
      await expectLawful(here.storage, fork.id)
    }
  })

  test('does again what was taken back', async () => {
    const here = world()
    const broken = new Set(['pay'])
    const calls: string[] = []
    const handler = (name: string) => () => {
      calls.push(name)
      if (broken.has(name)) throw Object.assign(new Error('declined'), { code: 'DECLINED' })
      return name
    }
    const handlers = Object.fromEntries(['plan', 'book', 'free', 'pay'].map((name) => [name, handler(name)]))
    await using engine = here.engine({ handlers })
    const steps: Definition['steps'] = [
      { id: 'plan', uses: 'plan' },
      {
        id: 'trip',
        forEach: { in: ['hotel', 'flight'] },
        do: [{ id: 'book', uses: 'book', undo: { uses: 'free' } }],
      },
      { id: 'pay', uses: 'pay' },
    ]
    const run = await engine.start({ segno: 1, name: 'trip', steps })
    await here.inTime(run.result())
    expect(calls.splice(0)).toEqual(['plan', 'book', 'book', 'pay', 'free', 'free'])
    broken.clear()

    const fork = await engine.fork(run.id)
    expect((await here.inTime(fork.result())).status).toBe('completed')

    expect(calls).toEqual(['book', 'book', 'pay'])
  })

  test('outlives the run that it comes from, and a crash', async () => {
    const here = world()
    const broken = new Set(['item 3'])
    const calls: string[] = []
    await using engine = here.engine({ handlers: handlersOf(calls, broken) })
    const run = await engine.start(pipeline, { who: 'Ada' })
    await here.inTime(run.result())
    broken.clear()
    const dying = here.engine({ handlers: { ...handlersOf(calls, broken), item: deaf() } })
    const fork = await dying.fork(run.id)
    await settled()
    const closing = dying.close()
    await here.inTime(closing)
    expect(await here.storage.delete(run.id)).toBe(true)
    calls.length = 0

    await engine.recover()
    const output = await here.inTime(engine.run(fork.id).output())

    expect(calls.map((call) => call.slice(0, 6))).toEqual(['item 3', 'last x'])
    expect(output).toEqual({ said: expect.stringMatching(/^last x{20000}$/) })
    await expectLawful(here.storage, fork.id)
  })

  test('does again what another input would be given to', async () => {
    const here = world()
    let number = 1
    const calls: unknown[] = []
    const handlers = {
      draw: () => number++,
      check: (_: unknown, input: number) => {
        calls.push(input)
        if (number === 2) throw new Error('odd')
      },
    }
    const definition: Definition = {
      segno: 1,
      name: 'drawn',
      steps: [
        {
          id: 'block',
          retry: { max: 1, delay: '1s' },
          do: [
            { id: 'draw', uses: 'draw' },
            { id: 'check', uses: 'check', with: '${{ steps.draw.output }}' },
            { id: 'stop', fail: { code: 'STOP', message: 'Here.' } },
          ],
        },
      ],
    }
    await using engine = here.engine({ handlers })
    const run = await engine.start(definition)
    await here.inTime(run.result())
    expect(calls).toEqual([1, 2])
    const fork = await engine.fork(run.id)
    await here.inTime(fork.result())
    // The first pass drew 1 and did not complete its check, which is done again; the second is reused.
    expect(calls).toEqual([1, 2, 1])
    expect(number).toBe(3)
  })

  test('is refused where there is none', async () => {
    const here = world()
    await using engine = here.engine({ handlers: { work: deaf() } })
    await expect(engine.fork('nobody')).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
    const closing = engine.close()
    await here.inTime(closing)
  })
})
