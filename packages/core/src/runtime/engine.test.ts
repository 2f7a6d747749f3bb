import type { Definition, RunEvent } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { SegnoError } from '../error.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { createEngine } from './engine.ts'
import type { HandlerContext } from './handler.ts'
import { memoryStorage } from './memory-storage.ts'

const greeting: Definition = {
  segno: 1,
  name: 'greeting',
  input: { name: { type: 'string' } },
  output: { text: { type: 'string', value: '${{ steps.greet.output }}' } },
  steps: [{ id: 'greet', uses: 'greet', with: { name: '${{ input.name }}' } }],
}

const greet = (_: HandlerContext, { name }: { name: string }): string => `Hello ${name}`

async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

describe('an engine', () => {
  test('runs a workflow to its output', async () => {
    await using engine = createEngine({ handlers: { greet } })
    const run = await engine.start(greeting, { name: 'Ada' })
    expect(await run.result()).toEqual({ status: 'completed', output: { text: 'Hello Ada' } })
    expect(await run.status()).toBe('completed')
    expect((await collect(run.events())).map(({ type }) => type)).toEqual([
      'run.created',
      'attempt.started',
      'step.completed',
      'run.completed',
    ])
  })

  test('tells listeners what the journal holds, and survives one that throws', async () => {
    const heard: string[] = []
    await using engine = createEngine({ handlers: { greet } })
    engine.on('*', () => {
      throw new Error('a bad listener')
    })
    engine.on('step.completed', (event) => heard.push(event.path))
    await (await engine.start(greeting, { name: 'Ada' })).result()
    expect(heard).toEqual(['greet'])
  })

  test('sleeps by the clock it is given, and resumes', async () => {
    const clock = virtualClock()
    const storage = memoryStorage({ now: () => clock.now() })
    await using engine = createEngine({ clock, storage })
    const run = await engine.start({ segno: 1, name: 'nap', steps: [{ id: 'nap', sleep: '10m' }] })
    await clock.advanceBy(5 * 60_000)
    expect(await run.status()).toBe('waiting')
    await clock.advanceBy(5 * 60_000 + 2000)
    expect(await run.status()).toBe('completed')
  })

  test('takes a signal that came before the wait', async () => {
    const definition: Definition = {
      segno: 1,
      name: 'wait',
      output: { by: { type: 'string', value: '${{ steps.approval.output.by }}' } },
      steps: [{ id: 'approval', waitFor: { signal: 'approved' } }],
    }
    await using engine = createEngine()
    const run = await engine.start(definition)
    expect(await run.signal('approved', { by: 'Ada' }, { id: 'one' })).toBe('accepted')
    expect(await run.output()).toEqual({ by: 'Ada' })
    await expect(run.signal('approved')).rejects.toSatisfy((error) => SegnoError.is(error, 'RUN_CLOSED'))
  })

  test('cancels: the handler is told why, and the run ends cancelled', async () => {
    let reason: unknown
    await using engine = createEngine({
      handlers: {
        greet: ({ signal }: HandlerContext) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reason = signal.reason
              reject(signal.reason as Error)
            })
          }),
      },
    })
    const run = await engine.start(greeting, { name: 'Ada' })
    await run.cancel({ reason: 'enough' })
    expect(await run.result()).toEqual({ status: 'cancelled', reason: 'enough' })
    expect(reason).toMatchObject({ code: 'CANCELLED' })
  })

  test('gives a run that closed with its engine to another one, which goes on', async () => {
    const storage = memoryStorage()
    const calls: string[] = []
    const hang = ({ signal }: HandlerContext): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    const first = createEngine({ storage, handlers: { greet: hang } })
    const { id } = await first.start(greeting, { name: 'Ada' })
    await first.close()
    await using second = createEngine({
      storage,
      handlers: {
        greet: (context: HandlerContext, input: { name: string }) => (
          calls.push(context.idempotencyKey),
          greet(context, input)
        ),
      },
    })
    expect(await second.recover()).toEqual([id])
    expect(await second.run(id).output()).toEqual({ text: 'Hello Ada' })
    expect(calls).toHaveLength(1)
    const types = (await collect(second.run(id).events())).map(({ type }) => type)
    expect(types).toEqual([
      'run.created',
      'attempt.started',
      'attempt.lost',
      'attempt.started',
      'step.completed',
      'run.completed',
    ])
  })

  test('blocks a step whose handler has another major version than the run began with', async () => {
    const storage = memoryStorage()
    const hang = ({ signal }: HandlerContext): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    const first = createEngine({ storage, handlers: { greet: { version: '1.4.0', perform: hang } } })
    const { id } = await first.start(greeting, { name: 'Ada' })
    await first.close()
    await using second = createEngine({ storage, handlers: { greet: { version: '2.0.0', perform: greet } } })
    await second.recover()
    for await (const event of second.run(id).events()) {
      if (event.type !== 'step.blocked') continue
      expect(event.failure).toMatchObject({
        code: 'HANDLER_VERSION',
        message: expect.stringContaining('version 2.0.0'),
      })
      break
    }
    expect(await second.run(id).status()).toBe('blocked')
  })

  test('refuses a step that asks for another major version of a handler', async () => {
    const asked: Definition = { segno: 1, name: 'asked', steps: [{ id: 'greet', uses: 'greet@2' }] }
    await using engine = createEngine({ handlers: { greet } })
    await expect(engine.start(asked)).rejects.toThrow(/registered in version 1, not 2/)
  })

  test('refuses an input that does not fit, with all that is wrong', async () => {
    await using engine = createEngine({ handlers: { greet } })
    await expect(engine.start(greeting, { nam: 'Ada' })).rejects.toThrow(/"name" is missing/)
    await expect(engine.start(greeting, { nam: 'Ada' })).rejects.toThrow(/no input "nam"/)
  })

  test('refuses a definition that names a handler it does not have', async () => {
    await using engine = createEngine()
    await expect(engine.start(greeting, { name: 'Ada' })).rejects.toSatisfy((error) =>
      SegnoError.is(error, 'DEFINITION_INVALID'),
    )
  })

  test('starts a run once for one idempotency key', async () => {
    await using engine = createEngine({ handlers: { greet } })
    const first = await engine.start(greeting, { name: 'Ada' }, { idempotencyKey: 'k' })
    const second = await engine.start(greeting, { name: 'Ada' }, { idempotencyKey: 'k' })
    expect(second.id).toBe(first.id)
    await expect(engine.start(greeting, { name: 'Bob' }, { idempotencyKey: 'k' })).rejects.toSatisfy((error) =>
      SegnoError.is(error, 'RUN_EXISTS'),
    )
  })
})
