import { expect } from 'vitest'
import { LawBroken } from '../../src/testing/expectation.ts'
import { reportOf, simulateOne } from '../../src/testing/simulator.ts'
import type { SeedReport } from '../../src/testing/simulated-seed.ts'

const deep = process.env['SEGNO_DEEP'] !== undefined
const only = process.env['SEGNO_SEED']

/** How many seeds all files of the simulation run together. */
const count = deep ? 200_000 : 5000

/** How many seeds one test runs: a deep run tells how far it is. */
const perTest = 2500

/** Where the seeds begin: always at the same place, or somewhere new in a deep run. */
const base = deep ? (Date.now() % 1_000_000_000) + 1 : 1

/** Some of the seeds that a test runs. */
interface Portion {
  readonly first: number
  readonly size: number
}

/** What the tests of one of the files run, among which the simulation is split; `SEGNO_SEED` alone in the first, if it is set. */
export function portionsOf(part: number, parts: number): Portion[] {
  if (only !== undefined) return [{ first: Number(only), size: part === 0 ? 1 : 0 }]
  const portions = Array.from({ length: count / perTest }, (_, index) => ({
    first: base + index * perTest,
    size: perTest,
  }))
  return portions.filter((_, index) => index % parts === part)
}

/** Simulates each seed with workflows of its own. The first that breaks a law ends it, with the command that runs only it again. */
export async function simulatePortion({ first, size }: Portion): Promise<void> {
  const reports: SeedReport[] = []
  for (let seed = first; seed < first + size; seed++) {
    reports.push(await simulateOne({ seed }).catch((error: unknown) => thrown(error, seed)))
  }
  const { crashes, events, worldsByProfile, faults, simulatedMs } = reportOf(reports)
  const hours = Math.round(simulatedMs / 3_600_000)
  process.stdout.write(`${size} seeds from ${first}: ${crashes} crashes, ${events} events, ${hours} virtual hours\n`)
  process.stdout.write(`${JSON.stringify({ worldsByProfile, faults })}\n`)
  expect(events).toBeGreaterThanOrEqual(size)
}

function thrown(error: unknown, seed: number): never {
  if (!(error instanceof LawBroken)) throw error
  const again = `SEGNO_SEED=${seed} npm test -- packages/core/test/simulation`
  throw new LawBroken(`${error.message}\nAgain: ${again}`, { cause: error })
}
