import type { Definition } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import type { RunRow, Storage } from '../ports/storage.ts'
import { createEngine } from './engine.ts'
import { LookAhead } from './look-ahead.ts'
import { memoryStorage } from './memory-storage.ts'
import { Plans } from './plans.ts'
import { systemClock } from './system-clock.ts'

const steps: Definition = {
  segno: 1,
  name: 'steps',
  steps: [
    { id: 'first', uses: 'first' },
    { id: 'go', waitFor: { signal: 'go' } },
    { id: 'second', waitFor: { signal: 'again' } },
  ],
}

const first = (): string => 'done'
const owner = { owner: 'another', ttlMs: 30_000, limit: 1 }

/** A run that waits for its first signal, and that nobody holds. */
async function resting(): Promise<Storage> {
  const storage = memoryStorage()
  await drive(storage, async (engine) => {
    await engine.start(steps, {}, { id: 'run' })
    await storedIs(storage, ({ wakeAt, holder }) => wakeAt === null && holder === undefined)
  })
  return storage
}

async function drive(
  storage: Storage,
  work: (engine: ReturnType<typeof createEngine>) => Promise<unknown>,
): Promise<void> {
  await using engine = createEngine({ storage, handlers: { first } })
  await work(engine)
}

/** Resolves once the store says so. */
async function storedIs(storage: Storage, claim: (row: RunRow) => boolean): Promise<void> {
  for (;;) {
    const row = await storage.row('run')
    if (row !== undefined && claim(row)) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function aheadOf(storage: Storage): LookAhead {
  return new LookAhead({ storage, plans: new Plans(storage, () => []), clock: systemClock })
}

async function rowOf(storage: Storage): Promise<RunRow> {
  const row = await storage.row('run')
  if (row === undefined) throw new Error('there is no run')
  return row
}

test('a run that nobody has changed meanwhile is what was read of it', async () => {
  const storage = await resting()
  const ahead = aheadOf(storage)
  await ahead.begin(['run'])
  const row = await rowOf(storage)
  expect((await ahead.of(row))?.state.seq).toBe(row.head)
  expect(ahead.of(row)).toBeUndefined()
})

test('what was read of a run that has gone on meanwhile counts for nothing', async () => {
  const storage = await resting()
  const ahead = aheadOf(storage)
  await ahead.begin(['run'])
  const { head } = await rowOf(storage)
  await drive(storage, async (engine) => {
    await engine.run('run').signal('go')
    await engine.recover({ runIds: ['run'] })
    await storedIs(storage, (row) => row.head > head && row.holder === undefined)
  })
  expect(await ahead.of(await rowOf(storage))).toBeUndefined()
})

test('what was read of a run counts for nothing once a message has come for it', async () => {
  const storage = await resting()
  const ahead = aheadOf(storage)
  await ahead.begin(['run'])
  await storage.deliver('run', { id: 'm', name: 'segno.cancel', payload: {} })
  expect(await ahead.of(await rowOf(storage))).toBeUndefined()
})

test('a run with a message in its inbox is read once it is held', async () => {
  const storage = await resting()
  await storage.deliver('run', { id: 'm', name: 'segno.cancel', payload: {} })
  const ahead = aheadOf(storage)
  await ahead.begin(['run'])
  expect(await ahead.of(await rowOf(storage))).toBeUndefined()
})

test('what was read of a run counts for nothing if it was deleted, and made anew under its id', async () => {
  const storage = await resting()
  const ahead = aheadOf(storage)
  await ahead.begin(['run'])
  const row = { ...(await rowOf(storage)), incarnation: 'another' }
  expect(await ahead.of(row)).toBeUndefined()
})

test('of a run that somebody holds, nothing is folded', async () => {
  const storage = await resting()
  await storage.deliver('run', { id: 'm', name: 'go', payload: null })
  const { runs } = await storage.acquire(owner)
  expect(runs).toHaveLength(1)
  const ahead = aheadOf({ ...storage, getPlan: () => Promise.reject(new Error('it was asked for the plan')) })
  await ahead.begin(['run'])
  expect(await ahead.of(await rowOf(storage))).toBeUndefined()
})

test('a plan that comes with a run and is not the one of its name is not used', async () => {
  const storage = await resting()
  const damaged: Storage = {
    ...storage,
    async load(runId) {
      const loaded = await storage.load(runId)
      return loaded && { ...loaded, definition: { ...steps, name: 'another' } }
    },
  }
  const ahead = aheadOf(damaged)
  await ahead.begin(['run'])
  expect(await ahead.of(await rowOf(storage))).toBeUndefined()
})

test('a plan that comes with a run is not fetched', async () => {
  const storage = await resting()
  const definition = await storage.getPlan((await rowOf(storage)).plan)
  const told: Storage = {
    ...storage,
    getPlan: () => Promise.reject(new Error('it was fetched')),
    async load(runId, options) {
      const loaded = await storage.load(runId)
      return loaded && { ...loaded, ...(options?.withPlan === true && definition !== undefined && { definition }) }
    },
  }
  const ahead = aheadOf(told)
  await ahead.begin(['run'])
  expect((await ahead.of(await rowOf(storage)))?.plan.definition).toEqual(steps)
})

test('a named run whose process is gone is read once, before its lease is asked for', async () => {
  let now = 0
  const storage = memoryStorage({ now: () => now })
  // It never says anything again.
  const gone = createEngine({ storage, handlers: { first: () => new Promise(() => undefined) } })
  await gone.start(steps, {}, { id: 'run' })
  now = 60_000
  const calls: string[] = []
  const noted = <Args extends readonly unknown[], Answer>(name: string, call: (...args: Args) => Answer) => {
    return (...args: Args): Answer => {
      calls.push(name)
      return call(...args)
    }
  }
  const { load, acquire, append } = storage
  const told = {
    ...storage,
    load: noted('load', load),
    acquire: noted('acquire', acquire),
    append: noted('append', append),
  }
  await drive(told, async (engine) => {
    expect(await engine.recover({ runIds: ['run'] })).toEqual(['run'])
    await storedIs(storage, ({ head }) => head > 3)
  })
  expect(calls.slice(0, 3)).toEqual(['load', 'acquire', 'append'])
})
