import { createEngine, memoryStorage, type Storage } from '@segno/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keep } from './keeper.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const wait = { segno: 1, name: 'wait', steps: [{ id: 'nap', sleep: '5s' }] } as const

/** A run that sleeps, and whose process is gone. */
async function sleeping(): Promise<Storage> {
  const storage = memoryStorage()
  await using engine = createEngine({ storage })
  await engine.start(wait, {}, { id: 'run' })
  return storage
}

test('a run that sleeps is taken up when it is due', async () => {
  const storage = await sleeping()
  await using engine = createEngine({ storage })
  const keeper = await keep({ engine, storage, runId: 'run', why: () => undefined, withStarted: true })
  const ended = engine.run('run').result()
  await vi.advanceTimersByTimeAsync(10_000)
  expect((await ended).status).toBe('completed')
  keeper.stop()
})

test('a run that is due, and that this engine cannot drive, is not waited for', async () => {
  const storage = await sleeping()
  const damaged: Storage = { ...storage, getPlan: async () => ({ ...wait, name: 'another' }) }
  await vi.advanceTimersByTimeAsync(5000)
  await using engine = createEngine({ storage: damaged })
  const keeper = await keep({
    ...{ engine, storage: damaged, runId: 'run' },
    why: () => 'the engine complains',
    withStarted: true,
  })
  const failed = expect(keeper.failed).rejects.toMatchObject({ complaints: [{ code: 'RUN_UNREADABLE' }] })
  await vi.advanceTimersByTimeAsync(10_000)
  await failed
  keeper.stop()
})
