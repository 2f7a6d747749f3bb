import { expect, test } from 'vitest'
import { base, seedsOf, simulateAll } from './seeds.ts'

// Two files, so that two workers share the seeds.
test('no seed of the second half breaks a law', async ({ annotate }) => {
  const seeds = seedsOf(1, 2)

  const { crashes, events } = await simulateAll(seeds)

  await annotate(`${seeds.length} seeds from ${base}: ${crashes} crashes, ${events} events`)
  expect(events).toBeGreaterThanOrEqual(seeds.length)
})
