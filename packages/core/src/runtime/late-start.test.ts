import type { Definition } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { virtualClock } from '../testing/virtual-clock.ts'
import { createEngine } from './engine.ts'
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
