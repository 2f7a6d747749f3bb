import type { Definition, JsonObject } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { SegnoError } from '../../src/error.ts'
import { engineProcess } from '../../src/testing/engine-process.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { journalOf, typesOf, world } from './world.ts'

/** Doubles the number that it is asked for, a minute later, then waits to be told to stop. */
const doubling: Definition = {
  segno: 1,
  name: 'doubling',
  steps: [
    {
      id: 'asked',
      waitFor: { signal: 'double', schema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] } },
    },
    { id: 'think', sleep: '1m' },
    { id: 'answer', emit: { reply: 'asked', data: { n: '${{ steps.asked.output.n * 2 }}' } } },
    { id: 'stop', waitFor: { signal: 'stop' } },
  ],
}

const silent: Definition = {
  segno: 1,
  name: 'silent',
  steps: [{ id: 'asked', waitFor: { signal: 'double' } }],
}

const large: Definition = {
  segno: 1,
  name: 'large',
  input: { text: { type: 'string' } },
  steps: [
    { id: 'asked', waitFor: { signal: 'text' } },
    { id: 'answer', emit: { reply: 'asked', data: '${{ input.text }}' } },
  ],
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    return `settled as ${JSON.stringify(await promise)}`
  } catch (error) {
    return SegnoError.is(error) ? error.code : String(error)
  }
}

describe('a request', () => {
  test('resolves with the reply of the run', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(doubling)

    expect(await here.inTime(run.request('double', { n: 21 }, { id: 'r1' }))).toEqual({ n: 42 })

    const replied = (await journalOf(here.storage, run.id)).find(({ type }) => type === 'signal.replied')
    expect(replied).toMatchObject({ path: 'answer', id: 'r1', data: { n: 42 } })
  })

  test('asked again by its id gives the same reply, also by another process and after the run has ended', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(doubling)
    await here.inTime(run.request('double', { n: 21 }, { id: 'r1' }))
    await using other = here.engine()

    expect(await here.inTime(other.run(run.id).request('double', { n: 21 }, { id: 'r1' }))).toEqual({ n: 42 })
    await run.signal('stop')
    await here.inTime(run.result())
    expect(await here.inTime(other.run(run.id).request('double', { n: 21 }, { id: 'r1' }))).toEqual({ n: 42 })

    const types = await typesOf(here.storage, run)
    expect(types.filter((type) => type === 'signal.replied')).toHaveLength(1)
  })

  test('of a process that died is answered to the one that asks again', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(doubling)
    const asker = engineProcess({ storage: here.storage, clock: here.clock })
    const dying = here.engine({ storage: asker.storage, clock: asker.clock })
    const heard: unknown[] = []
    dying
      .run(run.id)
      .request('double', { n: 4 }, { id: 'r1' })
      .then(
        (reply) => heard.push(reply),
        () => undefined,
      )
    await settled()
    asker.kill()
    await here.clock.advanceBy(120_000)

    expect(heard).toEqual([])
    expect(await here.inTime(engine.run(run.id).request('double', { n: 4 }, { id: 'r1' }))).toEqual({ n: 8 })
  })

  test('gets a reply that lives beside the journal whole', async () => {
    const here = world()
    await using engine = here.engine()
    const text = 'x'.repeat(20_000)
    const run = await engine.start(large, { text })

    expect(await here.inTime(run.request('text'))).toBe(text)
  })

  test('that is ignored rejects with the reason', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(doubling)
    const asked = here.inTime(run.request('double', { n: 'many' }, { id: 'r1' }))

    await expect(asked).rejects.toMatchObject({
      code: 'REQUEST_IGNORED',
      details: { runId: run.id, id: 'r1', because: { code: 'INPUT_INVALID' } },
    })
  })

  test('that the run ends without answering rejects, whenever it is asked', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(silent)

    expect(await codeOf(here.inTime(run.request('double', 1, { id: 'r1' })))).toBe('REQUEST_UNANSWERED')
    expect(await codeOf(here.inTime(run.request('double', 1, { id: 'r1' })))).toBe('REQUEST_UNANSWERED')
    expect(await codeOf(here.inTime(run.request('double', 1, { id: 'r2' })))).toBe('RUN_CLOSED')
  })

  test('waits no longer than it is told to, and may be taken up again', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(doubling)
    const asked = run.request('double', { n: 2 }, { id: 'r1', timeoutMs: 30_000 })

    expect(await codeOf(here.inTime(asked))).toBe('REQUEST_TIMEOUT')
    expect(await here.inTime(run.request('double', { n: 2 }, { id: 'r1', timeoutMs: 60_000 }))).toEqual({ n: 4 })
  })

  test.for<[string, (input: { readonly n: number }) => number, string]>([
    ['for no time', () => 0, 'ARGUMENT_INVALID'],
    ['for no number of milliseconds', () => Number.NaN, 'ARGUMENT_INVALID'],
  ])('cannot wait %s', async ([, timeoutOf, code]) => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(silent)

    expect(await codeOf(run.request('double', 1, { timeoutMs: timeoutOf({ n: 1 }) }))).toBe(code)
    expect(await typesOf(here.storage, run)).not.toContain('signal.received')
  })

  test('to no run is refused', async () => {
    await using engine = world().engine()

    expect(await codeOf(engine.run('run_none').request('double'))).toBe('RUN_UNKNOWN')
  })

  test('ends with its engine', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(doubling)
    const other = here.engine()
    const asked = codeOf(other.run(run.id).request('double', { n: 2 }))
    await settled()
    await other.close()

    expect(await asked).toBe('ENGINE_CLOSED')
  })
})

describe('a reply of a wait that was taken over from another run', () => {
  test('goes nowhere, and is no failure', async () => {
    const here = world()
    await using engine = here.engine()
    const ending: Definition = { ...doubling, steps: doubling.steps.slice(0, 3) }
    const run = await engine.start(ending)
    await here.inTime(run.request('double', { n: 3 }))
    await here.inTime(run.result())
    const again = await engine.fork(run.id)

    expect(await here.inTime(again.result())).toEqual({ status: 'completed', output: {} as JsonObject })
    expect(await typesOf(here.storage, again)).not.toContain('signal.replied')
  })
})
