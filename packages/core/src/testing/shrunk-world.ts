import { SeedBroken, simulateSeed } from './simulated-seed.ts'
import type { SeedOptions } from './simulated-seed.ts'
import type { SimulatedFault, Swarm } from './simulator-swarm.ts'

/** How many worlds are tried, at most. */
const triesMax = 100

/**
 * Makes a world that broke a law smaller for as long as it breaks the same one: fewer runs, fewer processes, fewer
 * faults, one after the other, until nothing more can go.
 */
export async function shrunkWorld(options: SeedOptions, broken: SeedBroken): Promise<SeedBroken> {
  let smallest = broken
  let tries = 0
  for (let changed = true; changed && tries < triesMax;) {
    changed = false
    for (const world of smallerThan(smallest.swarm, options.workflow?.isTransactional)) {
      if (++tries > triesMax) break
      const again = await brokenBy({ ...options, world })
      if (again?.law !== broken.law) continue
      smallest = again
      changed = true
      break
    }
  }
  return smallest
}

async function brokenBy(options: SeedOptions): Promise<SeedBroken | undefined> {
  try {
    await simulateSeed(options)
    return undefined
  } catch (error) {
    // Whatever else goes wrong in the smaller world is not what was looked for.
    return error instanceof SeedBroken ? error : undefined
  }
}

function* smallerThan(swarm: Swarm, isTransactional = false): Generator<Swarm> {
  const { runs, processes, faults, profile, faultsMs } = swarm
  if (runs > 1) yield { ...swarm, runs: runs - 1 }
  if (processes > 1) yield { ...swarm, processes: processes - 1 }
  for (const fault of Object.keys(faults) as SimulatedFault[]) {
    const { [fault]: _gone, ...rest } = faults
    yield { ...swarm, faults: rest }
  }
  if (profile !== 'memory' && !isTransactional) yield { ...swarm, profile: 'memory' }
  if (faultsMs > 5000) yield { ...swarm, faultsMs: Math.floor(faultsMs / 2) }
}
