import type { Definition } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { settled, virtualClock } from '../testing/virtual-clock.ts'
import { createEngine } from './engine.ts'
import type { HandlerContext } from './handler.ts'
import { memoryStorage } from './memory-storage.ts'

// Its input is kept beside the journal, and has to be loaded before the handler is called.
const large: Definition = {
  segno: 1,
  name: 'large',
  input: { text: { type: 'string' } },
  steps: [{ id: 'work', uses: 'work', with: { text: '${{ input.text }}' } }],
}

test('a handler whose input came too late does not start: somebody else may hold the run', async () => {
  const clock = virtualClock()
  const memory = memoryStorage({ now: clock.now })
  let calls = 0
  const storage: typeof memory = {
    ...memory,
    getBlob: async (runId, sha256) => {
      await new Promise<void>((resolve) => clock.schedule(25_000, resolve))
      return memory.getBlob(runId, sha256)
    },
    renew: async ({ leases, ttlMs }) => {
      if (leases.length > 0) throw new Error('the store cannot be reached')
      return memory.renew({ leases, ttlMs })
    },
  }
  const engine = createEngine({ clock, storage, handlers: { work: () => (calls += 1) } })
  await engine.start(large, { text: 'x'.repeat(20_000) })

  await clock.advanceBy(29_000)

  expect(calls).toBe(0)
})

// The host's own code takes longer than a lease may be old when a handler starts.
function busyHost() {
  const clock = virtualClock()
  let lateMs = 0
  const late = {
    ...clock,
    now: () => clock.now() + lateMs,
    monotonic: () => clock.monotonic() + lateMs,
  }
  return { clock: late, storage: memoryStorage({ now: late.now }), work: () => void (lateMs += 25_000) }
}

test('a handler does not start after another one that has taken so long', async () => {
  const { clock, storage, work } = busyHost()
  const calls: string[] = []
  const handler = ({ path }: HandlerContext): void => {
    calls.push(path)
    if (path === 'all/a') work()
  }
  const engine = createEngine({ clock, storage, handlers: { work: handler } })
  const parallel = ['a', 'b'].map((id) => ({ id, uses: 'work' }))
  const steps = [
    { id: 'first', uses: 'work' },
    { id: 'all', parallel },
  ]
  await engine.start({ segno: 1, name: 'three', steps })

  await settled()

  expect(calls).toEqual(['first', 'all/a'])
})

test('a handler does not start after a listener that has taken so long', async () => {
  const { clock, storage, work } = busyHost()
  const calls: string[] = []
  const engine = createEngine({ clock, storage, handlers: { work: ({ path }) => void calls.push(path) } })
  engine.on('attempt.started', ({ path }) => (path === 'second' ? work() : undefined))
  const steps = ['first', 'second'].map((id) => ({ id, uses: 'work' }))
  await engine.start({ segno: 1, name: 'two', steps })

  await settled()

  expect(calls).toEqual(['first'])
})
