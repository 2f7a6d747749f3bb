import type { Definition } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { createEngine } from '../../src/runtime/engine.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'

const waiting: Definition = {
  segno: 1,
  name: 'waiting',
  steps: [{ id: 'go', waitFor: { signal: 'go' } }],
}

/** Runs that are due, and that nobody holds. */
async function due(count: number) {
  const storage = memoryStorage()
  const runIds = Array.from({ length: count }, (_, index) => `run-${index}`)
  const starter = createEngine({ storage })
  for (const id of runIds) await starter.start(waiting, {}, { id })
  await starter.close()
  const sender = createEngine({ storage })
  for (const id of runIds) await sender.run(id).signal('go')
  await sender.close()
  return { storage, runIds }
}

test('a run is loaded while its plan is on the way', async () => {
  const { storage, runIds } = await due(1)
  const loaded = Promise.withResolvers<void>()
  const slow: typeof storage = {
    ...storage,
    load: (runId) => {
      loaded.resolve()
      return storage.load(runId)
    },
    // A store that answers with a plan only once the run has been asked for.
    getPlan: (hash) => loaded.promise.then(() => storage.getPlan(hash)),
  }
  await using engine = createEngine({ storage: slow })
  expect(await engine.recover({ runIds })).toEqual(runIds)
  expect((await engine.run('run-0').result()).status).toBe('completed')
})

test('a run whose first load fails is loaded again', async () => {
  const { storage, runIds } = await due(1)
  let loads = 0
  const faulty: typeof storage = {
    ...storage,
    load: (runId) => (++loads === 1 ? Promise.reject(new Error('the store is away')) : storage.load(runId)),
  }
  await using engine = createEngine({ storage: faulty })
  await engine.recover({ runIds })
  expect((await engine.run('run-0').result()).status).toBe('completed')
})

test('runs that are taken up together fetch and compile the plan that they share once', async () => {
  const { storage, runIds } = await due(20)
  let fetched = 0
  const counted: typeof storage = {
    ...storage,
    getPlan: (hash) => {
      fetched += 1
      return storage.getPlan(hash)
    },
  }
  await using engine = createEngine({ storage: counted })
  await engine.recover({ runIds })
  const results = await Promise.all(runIds.map((id) => engine.run(id).result()))
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['completed']))
  expect(fetched).toBe(1)
})

test('a plan that could not be fetched is asked for again', async () => {
  const { storage, runIds } = await due(1)
  let fetched = 0
  const faulty: typeof storage = {
    ...storage,
    getPlan: (hash) => (++fetched === 1 ? Promise.reject(new Error('the store is away')) : storage.getPlan(hash)),
  }
  await using engine = createEngine({ storage: faulty })
  expect(await engine.recover({ runIds })).toEqual(runIds)
  expect((await engine.run('run-0').result()).status).toBe('completed')
})
