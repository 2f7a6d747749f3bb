import { expect, test } from 'vitest'
import { SeedBroken, simulateSeed } from '../../src/testing/simulated-seed.ts'
import { canaries } from './mutants.ts'
import type { Canary } from './mutants.ts'

const seedsMax = 2000

test.for(canaries)('$name is found', async (canary) => {
  const { seeds, law } = await huntDown(canary)

  process.stdout.write(`${canary.name}: found by seed ${seeds}: ${law}\n`)
  expect(canary.brokenLaws).toContain(law)
  // Without the mistake, the same seed breaks no law.
  await simulateSeed({ seed: seeds })
})

async function huntDown({ name, mutant }: Canary): Promise<{ readonly seeds: number; readonly law: string }> {
  for (let seed = 1; seed <= seedsMax; seed++) {
    try {
      await simulateSeed({ seed, mutant })
    } catch (error) {
      if (!(error instanceof SeedBroken)) throw error
      return { seeds: seed, law: error.law }
    }
  }
  throw new Error(`${name} survived ${seedsMax} seeds`)
}
