import { expect, test } from 'vitest'
import { base, seedsOf, simulateAll } from './seeds.ts'

// Two files, so that two workers share the seeds.
test('no seed of the second half breaks a law', async () => {
  const seeds = seedsOf(1, 2)

  const { crashes, events, worldsByProfile, faults, simulatedMs } = await simulateAll(seeds)

  const hours = Math.round(simulatedMs / 3_600_000)
  process.stdout.write(
    `${seeds.length} seeds from ${base}: ${crashes} crashes, ${events} events, ${hours} virtual hours\n`,
  )
  process.stdout.write(`${JSON.stringify({ worldsByProfile, faults })}\n`)
  expect(events).toBeGreaterThanOrEqual(seeds.length)
})
