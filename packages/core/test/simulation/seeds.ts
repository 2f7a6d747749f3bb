import { LawBroken } from '../../src/testing/expectation.ts'
import { shrunkWorld } from '../../src/testing/shrunk-world.ts'
import { SeedBroken, simulateSeed } from '../../src/testing/simulated-seed.ts'
import type { SeedOptions, SeedReport } from '../../src/testing/simulated-seed.ts'
import { explained, reportOf } from '../../src/testing/simulator.ts'
import type { SimulationReport } from '../../src/testing/simulator.ts'

const deep = process.env['SEGNO_DEEP'] !== undefined
const only = process.env['SEGNO_SEED']

/** How many seeds all files of the simulation run together. */
const count = deep ? 200_000 : 5000

/** Where the seeds begin: always at the same place, or somewhere new in a deep run. */
export const base = deep ? (Date.now() % 1_000_000_000) + 1 : 1

/** The seeds of one of the files among which the simulation is split; `SEGNO_SEED` alone, if it is set. */
export function seedsOf(part: number, parts: number): number[] {
  if (only !== undefined) return part === 0 ? [Number(only)] : []
  return Array.from({ length: Math.ceil((count - part) / parts) }, (_, index) => base + part + index * parts)
}

/** Simulates each seed with workflows of its own. The first that breaks a law ends it. */
export async function simulateAll(seeds: readonly number[]): Promise<SimulationReport> {
  const reports: SeedReport[] = []
  for (const seed of seeds) reports.push(await simulateOne({ seed }))
  return reportOf(reports)
}

/** One seed, with the command that runs only it again. */
async function simulateOne(options: SeedOptions): Promise<SeedReport> {
  try {
    return await simulateSeed(options)
  } catch (error) {
    if (!(error instanceof SeedBroken)) throw error
    const { seed } = options
    const told = explained(seed, error, await shrunkWorld(options, error))
    throw new LawBroken(`${told}\nAgain: SEGNO_SEED=${seed} npm test -- packages/core/test/simulation`, {
      cause: error,
    })
  }
}
