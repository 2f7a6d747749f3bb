import type { Definition } from '@segno/schema/plan'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '../../src/builder/define-workflow.ts'
import type { Engine } from '../../src/runtime/engine-options.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { obedient, world } from './world.ts'

const hour = 3_600_000

/** Books, then waits in every way that there is. */
const trip: Definition = {
  segno: 1,
  name: 'trip',
  input: { text: { type: 'string', default: '' } },
  limits: { steps: 50, duration: '9h' },
  output: {
    seat: { type: 'string', value: '${{ steps.book.output.seat }}' },
    text: { type: 'string', value: '${{ steps.long.output.text }}' },
    done: { type: 'boolean', value: '${{ steps.waits.output }}' },
  },
  steps: [
    { id: 'book', uses: 'book' },
    { id: 'long', set: { text: '${{ input.text }}' } },
    {
      id: 'waits',
      parallel: [
        { id: 'paid', waitFor: { signal: 'paid' }, timeout: '2h' },
        { id: 'nap', sleep: '1h' },
        { id: 'review', ask: { title: 'Fine?', choices: ['yes', 'no'] }, timeout: '3h' },
        { id: 'work', uses: 'work' },
        {
          id: 'machine',
          initial: 'open',
          states: {
            open: { on: { close: { to: 'closed' }, note: { to: 'open' } }, after: { '4h': { to: 'closed' } } },
            closed: {},
          },
        },
        { id: 'again', uses: 'broken', retry: { max: 3, delay: '5m', jitter: false, backoff: 'constant' } },
        { id: 'stuck', uses: 'hopeless', onFailure: 'block' },
      ],
      output: '${{ true }}',
    },
    { id: 'last', set: { x: 1 } },
  ],
}

const handlers = {
  book: () => ({ seat: '12A' }),
  work: obedient(),
  broken: () => {
    throw new Error('not yet')
  },
  hopeless: () => {
    throw Object.assign(new Error('out of ink'), { code: 'NO_INK', retryable: false })
  },
}

describe('a view', () => {
  test('tells how a live run stands: outputs that are known, steps, what it waits for, what is blocked, its limits', async () => {
    const here = world()
    await using engine = here.engine({ handlers })
    const started = here.clock.now()
    const run = await engine.start(trip, { text: 'short' })
    await settled()
    // Read through an engine that drives nothing.
    await using reader = here.engine()
    const view = await reader.run(run.id).view()

    const waitsUntil = (ms: number): number => started + ms
    expect(view).toEqual({
      id: run.id,
      workflow: 'trip',
      status: 'running',
      seq: (await run.row()).head,
      createdAt: started,
      output: { seat: '12A', text: 'short' },
      steps: {
        book: { status: 'completed', attempts: 1, output: { seat: '12A' }, startedAt: started, endedAt: started },
        long: { status: 'completed', attempts: 0, output: { text: 'short' }, startedAt: started, endedAt: started },
        waits: { status: 'running', attempts: 1, startedAt: started },
        last: { status: 'pending', attempts: 0 },
      },
      running: [{ path: 'waits/work', attempt: 1, handler: 'work' }],
      waits: [
        { kind: 'signal', path: 'waits/paid', names: ['paid'], until: waitsUntil(2 * hour) },
        { kind: 'timer', path: 'waits/nap', due: waitsUntil(hour), purpose: 'sleep' },
        {
          kind: 'task',
          path: 'waits/review',
          hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          until: waitsUntil(3 * hour),
        },
        { kind: 'signal', path: 'waits/machine', names: ['close', 'note'], until: waitsUntil(4 * hour) },
        { kind: 'timer', path: 'waits/again', due: waitsUntil(300_000), purpose: 'retry' },
      ],
      blocked: [{ path: 'waits/stuck', because: { code: 'NO_INK', message: 'out of ink' } }],
      usage: { steps: { started: 10, max: 50 }, deadline: waitsUntil(9 * hour), signals: 0 },
    })
  })

  test('leaves out what lives beside the journal, unless it is asked for', async () => {
    const here = world()
    await using engine = here.engine({ handlers })
    const text = 'x'.repeat(20_000)
    const run = await engine.start(trip, { text })
    await settled()
    const view = await run.view()

    expect(view.output).toEqual({ seat: '12A' })
    expect(view.steps['long']).toMatchObject({ outputBlob: { size: 20_011 } })
    const whole = await run.view({ values: true })
    expect(whole.output).toEqual({ seat: '12A', text })
    expect(whole.steps['long']).toMatchObject({ output: { text } })
  })

  test.for<[string, (run: Awaited<ReturnType<Engine['start']>>) => Promise<unknown>, object]>([
    ['paused', (run) => run.pause({ actor: 'ada' }), { status: 'paused' }],
    [
      'cancelled',
      (run) => run.cancel({ reason: 'too late' }),
      { status: 'cancelled', because: { code: 'CANCELLED', message: 'too late' } },
    ],
    ['sent a signal that nobody waits for', (run) => run.signal('other'), { usage: { signals: 1 } }],
  ])('of a run that is %s says so', async ([, act, expected]) => {
    const here = world()
    await using engine = here.engine({ handlers })
    const run = await engine.start(trip)
    await settled()
    await act(run)
    await settled()

    expect(await run.view()).toMatchObject(expected)
  })

  test('of a run that has ended shows what it gave, and how its steps ended', async () => {
    const here = world()
    await using engine = here.engine({ handlers })
    const [first, long] = trip.steps
    if (first === undefined || long === undefined) throw new Error('there are steps')
    const ending: Definition = { ...trip, output: {}, steps: [first, { id: 'off', if: 'false', set: {} }, long] }
    const run = await engine.start({
      ...ending,
      output: { seat: { type: 'string', value: '${{ steps.book.output.seat }}' } },
    })
    await here.inTime(run.result())

    expect(await run.view()).toMatchObject({
      status: 'completed',
      output: { seat: '12A' },
      steps: { book: { status: 'completed' }, off: { status: 'skipped' }, long: { status: 'completed' } },
      running: [],
      waits: [],
      blocked: [],
    })
  })

  test('of a run that failed has its failure, and the step that failed', async () => {
    const here = world()
    await using engine = here.engine({ handlers })
    const run = await engine.start({ segno: 1, name: 'one', steps: [{ id: 'print', uses: 'hopeless' }] })
    await here.inTime(run.result())

    expect(await run.view()).toMatchObject({
      status: 'failed',
      failure: { code: 'NO_INK' },
      steps: { print: { status: 'failed', attempts: 1, failure: { code: 'NO_INK' } } },
    })
  })

  test('of no run is refused', async () => {
    await using engine = world().engine()

    await expect(engine.run('run_none').view()).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
  })

  test('of a long run is read from its snapshot', async () => {
    const here = world()
    await using engine = here.engine()
    const counting: Definition = {
      segno: 1,
      name: 'counting',
      steps: [
        {
          id: 'count',
          repeat: { max: 400, until: 'iteration == 399' },
          do: [{ id: 'one', set: { n: '${{ iteration }}' } }],
        },
        { id: 'rest', sleep: '1h' },
      ],
    }
    const run = await engine.start(counting)
    await settled()
    const loaded = await here.storage.load(run.id)
    let read = 0
    for await (const page of loaded?.tail ?? []) read += page.length
    expect(read).toBeLessThan(300)

    expect(await run.view()).toMatchObject({ status: 'waiting', steps: { count: { status: 'completed' } } })
  })

  test('has the types of a workflow that was built', async () => {
    const here = world()
    const typed = defineWorkflow('typed', { output: { seat: z.string() } }, (w) => ({
      seat: w.set('s', { seat: '1' }).seat,
    }))
    await using engine = here.engine()
    const run = await engine.start(typed)
    const view = await run.view()

    expectTypeOf(view.output.seat).toEqualTypeOf<string | undefined>()
    expect(view.output.seat).toBe('1')
  })
})
