import { simulate } from '../../src/testing/simulator.ts'

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

/** Simulates each seed and tells how much happened. The first that breaks a law ends it. */
export async function simulateAll(
  seeds: readonly number[],
): Promise<{ readonly crashes: number; readonly events: number }> {
  let crashes = 0
  let events = 0
  for (const seed of seeds) {
    const report = await simulate({ seed })
    crashes += report.crashes
    events += report.events
  }
  return { crashes, events }
}
