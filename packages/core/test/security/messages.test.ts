import fc from 'fast-check'
import type { Definition, Json } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import type { HandlerContext } from '../../src/runtime/handler.ts'
import { expectLawful, journalOf, oneStep, world } from '../runtime/world.ts'

const commands = [
  ...['cancel', 'pause', 'resume', 'retry', 'raise', 'skip', 'override', 'answer', 'child', 'migrate'],
  ...['', 'dance', '__proto__', 'constructor'],
].map((name) => `segno.${name}`)

// Fields that commands have, with values of any kind: the right ones among them.
const field = fc.constantFrom(
  'path',
  'hash',
  'choice',
  'form',
  'force',
  'reason',
  'steps',
  'output',
  'runId',
  '__proto__',
)
const value = fc.oneof(
  fc.constantFrom<Json>('wait', 'nowhere', 'wait[0]/x', 'run-1', 1e9, -1, true, null),
  fc.jsonValue(),
)
const payload = fc.oneof(
  fc.array(fc.tuple(field, value), { maxLength: 4 }).map((fields) => Object.fromEntries(fields)),
  fc.jsonValue(),
)
const message = fc.record({ name: fc.constantFrom(...commands, 'other'), payload })

const definition: Definition = {
  segno: 1,
  name: 'waits',
  steps: [{ id: 'wait', waitFor: { signal: 'go' } }],
} as unknown as Definition

describe('whoever can write to a store can send a run anything:', () => {
  test('no message of any name and content breaks its run, or another one', { timeout: 60_000 }, async () => {
    const property = fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 8 }), async (messages) => {
      const { engine, storage, inTime, logged } = world()
      await using one = engine({ handlers: { work: () => 1 } })
      const run = await one.start(definition, {}, { id: 'run-1' })
      for (const [index, { name, payload: sent }] of messages.entries()) {
        await storage.deliver(run.id, { id: `m${index}`, name, payload: sent as Json })
      }
      // Whatever became of the run, an operator can end it, and what is next to it is as it was.
      await run.cancel({ force: true }).catch(() => undefined)
      await inTime(run.result())
      const journal = await journalOf(storage, run.id)
      const taken = journal.filter((event) => 'id' in event && /^m\d$/.test(event.id))
      expect(new Set(taken.map((event) => 'id' in event && event.id)).size).toBeLessThanOrEqual(messages.length)
      await expectLawful(storage, run.id)
      expect(await (await one.start(oneStep())).output()).toBeDefined()
      expect(logged.filter((line) => line.startsWith('error'))).toEqual([])
      expect(({} as { path?: unknown }).path).toBeUndefined()
    })
    await fc.assert(property, { numRuns: 300 })
  })

  test('a child that was never started cannot end the step that would start it', async () => {
    const { engine, storage, clock } = world()
    await using one = engine()
    const run = await one.start(definition, {}, { id: 'run-1' })
    await storage.deliver(run.id, {
      id: 'forged',
      name: 'segno.child',
      payload: { path: 'wait', runId: 'forged', outcome: { status: 'completed', output: 'forged' } },
    })
    await clock.advanceBy(60_000)
    expect(await run.status()).toBe('waiting')
    expect(JSON.stringify(await journalOf(storage, run.id))).not.toContain('step.completed')
  })

  test('an answer to something else than what is asked is no answer', async () => {
    const asking: Definition = {
      segno: 1,
      name: 'asks',
      steps: [{ id: 'ask', ask: { title: 'Well?', choices: ['yes', 'no'] } }],
    } as unknown as Definition
    const { engine, storage, clock } = world()
    await using one = engine()
    const run = await one.start(asking)
    await clock.advanceBy(1000)
    for (const [index, hash] of ['', 'f'.repeat(64), '__proto__'].entries()) {
      await storage.deliver(run.id, {
        id: `m${index}`,
        name: 'segno.answer',
        payload: { path: 'ask', hash, choice: 'yes' },
      })
    }
    await clock.advanceBy(60_000)
    expect(await run.tasks()).toHaveLength(1)
  })
})

test('what looks like an expression in data is text, wherever it goes', async () => {
  const said = "${{ secrets.TOKEN }} ${{ run.id }} $(id) `id` {{constructor.constructor('return process')()}}"
  const { engine, resultOf } = world()
  const heard: unknown[] = []
  const keep = (_: HandlerContext, input: Json): Json => {
    heard.push(input)
    return input
  }
  await using one = engine({ handlers: { work: keep } })
  const result = await resultOf(
    one,
    {
      segno: 1,
      name: 'says',
      input: { said: { type: 'string' } },
      output: { said: { value: '${{ steps.again.output.said }}' } },
      steps: [
        { id: 'work', uses: 'work', with: { said: '<${{ input.said }}>' } },
        { id: 'again', set: { said: '${{ steps.work.output.said }}' } },
      ],
    } as unknown as Definition,
    { said },
  )
  expect(heard).toEqual([{ said: `<${said}>` }])
  expect(result).toEqual({ status: 'completed', output: { said: `<${said}>` } })
})
