import type { Definition } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { virtualClock } from '../testing/virtual-clock.ts'
import { createEngine } from './engine.ts'
import { memoryStorage } from './memory-storage.ts'

const greeting: Definition = { segno: 1, name: 'greeting', steps: [{ id: 'greet', uses: 'greet' }] }

test('a store that refuses every batch is asked more and more slowly', async () => {
  const clock = virtualClock()
  const memory = memoryStorage({ now: clock.now })
  let appends = 0
  const storage: typeof memory = {
    ...memory,
    append: async () => {
      appends += 1
      if (appends > 1000) await new Promise(() => undefined)
      return { outcome: 'conflict', now: clock.now() }
    },
  }
  const engine = createEngine({ clock, storage, handlers: { greet: () => 'hello' } })
  await engine.start(greeting)

  await clock.advanceBy(10_000)

  expect(appends).toBeGreaterThan(5)
  expect(appends).toBeLessThan(30)
})
