import type { Definition, Json } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { SegnoError } from '../../src/error.ts'
import type { Engine } from '../../src/runtime/engine-options.ts'
import type { RunHandle } from '../../src/runtime/run-handle.ts'
import { oneStep, world } from '../runtime/world.ts'

// Each is nothing that a person would be called, or call something.
const noNames: readonly (readonly [what: string, name: unknown])[] = [
  ['nothing', ''],
  ['null', null],
  ['a number', 7],
  ['an object', { toString: () => 'run-1' }],
  ['half a character', 'a\ud800'],
  ['10,000 characters', 'x'.repeat(10_000)],
]

// Each is a text, and nothing that files, rows and URLs could be named after.
const noIds: readonly (readonly [what: string, id: string])[] = [
  ['a way out of a folder', '../run'],
  ['a folder', 'a/b'],
  ['the end of a text', 'a\0'],
  ['SQL', "x'; DROP TABLE segno_runs; --"],
  ['an option', '-rf'],
  ['a prototype', '__proto__'],
  ['65 characters', 'x'.repeat(65)],
]

type Door = (engine: Engine, run: RunHandle, name: never) => unknown

const doorsOfIds: Readonly<Record<string, Door>> = {
  'the id of a start': (engine, _, id) => engine.start(oneStep(), {}, { id }),
  'the run that is asked for': (engine, _, id) => engine.run(id),
}

const doorsOfNames: Readonly<Record<string, Door>> = {
  ...doorsOfIds,
  'an idempotency key': (engine, _, idempotencyKey) => engine.start(oneStep(), {}, { idempotencyKey }),
  'the name of a signal': (_, run, name) => run.signal(name),
  'the id of a signal': (_, run, id) => run.signal('go', null, { id }),
  'the sender of a signal': (_, run, sender) => run.signal('go', null, { sender }),
  'the actor of a cancel': (_, run, actor) => run.cancel({ actor }),
  'the actor of a pause': (_, run, actor) => run.pause({ actor }),
  'the actor of a resume': (_, run, actor) => run.resume({ actor }),
  'the actor of a retry': (_, run, actor) => run.retry({ actor }),
  'the actor of a raise': (_, run, actor) => run.raise({ steps: 1 }, { actor }),
  'the id of an answer': (_, run, id) => run.answer({ path: 'ask', hash: 'x' }, { choice: 'yes' }, { id }),
  'who answers': (_, run, by) => run.answer({ path: 'ask', hash: 'x' }, { choice: 'yes' }, { by }),
}

const waiting: Definition = { segno: 1, name: 'waits', steps: [{ id: 'wait', waitFor: { signal: 'go' } }] }

async function expectRefused(door: Door, name: unknown): Promise<void> {
  const { engine, storage } = world()
  await using one = engine({ handlers: { work: () => 1 } })
  const run = await one.start(waiting, {}, { id: 'run-1' })
  const error: unknown = await (async () => door(one, run, name as never))().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(SegnoError.is(error, 'ARGUMENT_INVALID'), String(error)).toBe(true)
  expect((await storage.list({}, { limit: 10 })).runs.map(({ runId }) => runId)).toEqual(['run-1'])
  expect((await storage.row('run-1'))?.inboxHead).toBe(0)
}

describe('a name from outside is looked at before anything is written', () => {
  const cases = Object.entries(doorsOfNames).flatMap(([what, door]) =>
    noNames.map(([name, value]) => [what, name, door, value] as const),
  )
  // An absent option is no name.
  const given = cases.filter(([, , , value]) => value !== undefined)
  test.for(given)('%s cannot be %s', ([, , door, value]) => expectRefused(door, value))
})

describe('an id that would be more than a name to a store is refused', () => {
  const cases = Object.entries(doorsOfIds).flatMap(([what, door]) =>
    noIds.map(([name, value]) => [what, name, door, value] as const),
  )
  test.for(cases)('%s cannot be %s', ([, , door, value]) => expectRefused(door, value))
})

test('a signal cannot be called what commands are called', async () => {
  const { engine, storage } = world()
  await using one = engine()
  const run = await one.start(waiting)
  for (const name of ['segno.cancel', 'segno.override', 'segno.', 'segno.anything']) {
    await expect(run.signal(name, {} as Json)).rejects.toSatisfy((error) => SegnoError.is(error, 'ARGUMENT_INVALID'))
  }
  expect((await storage.row(run.id))?.inboxHead).toBe(0)
})
