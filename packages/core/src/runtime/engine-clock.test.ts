import type { Definition } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { virtualClock } from '../testing/virtual-clock.ts'
import { createEngine } from './engine.ts'
import { memoryStorage } from './memory-storage.ts'

const nap: Definition = { segno: 1, name: 'nap', steps: [{ id: 'nap', sleep: '10m' }] }

test('a run that starts where the clock is an hour behind still sleeps for its whole time', async () => {
  const clock = virtualClock()
  const storage = memoryStorage({ now: () => clock.now() })
  const behind = { ...clock, now: () => clock.now() - 3_600_000 }
  await using engine = createEngine({ clock: behind, storage })

  const run = await engine.start(nap)

  expect((await run.row()).wakeAt).toBe(clock.now() + 600_000)
})
