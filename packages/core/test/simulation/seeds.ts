import { LawBroken } from '../../src/testing/expectation.ts'
import type { SeedReport } from '../../src/testing/simulated-seed.ts'
import { reportOf, simulateOne } from '../../src/testing/simulator.ts'
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

/** Simulates each seed with workflows of its own. The first that breaks a law ends it, with the command that runs only it again. */
export async function simulateAll(seeds: readonly number[]): Promise<SimulationReport> {
  const reports: SeedReport[] = []
  for (const seed of seeds) reports.push(await simulateOne({ seed }).catch((error: unknown) => thrown(error, seed)))
  return reportOf(reports)
}

function thrown(error: unknown, seed: number): never {
  if (!(error instanceof LawBroken)) throw error
  const again = `SEGNO_SEED=${seed} npm test -- packages/core/test/simulation`
  throw new LawBroken(`${error.message}\nAgain: ${again}`, { cause: error })
}
