import type { FaultKind } from './faulty-storage.ts'
import { faultKinds } from './faulty-storage.ts'
import type { Random } from './random.ts'

/** What a seed stands for: how large the world is and what goes wrong in it. Plain JSON, so that it can be printed. */
export interface Swarm {
  readonly processes: number
  readonly runs: number
  readonly leaseMs: number
  /** How long things go wrong. */
  readonly faultsMs: number
  /** Probabilities; a fault that is not in it does not occur. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>
  readonly delayMaxMs: number
  /** Probability of a crash, and of a pause, whenever a process sends or hears something. */
  readonly crash: number
  readonly pause: number
  /** How far the wall clocks of the processes are off, and whether they are set now and then. */
  readonly skewMs: readonly number[]
  readonly clockSteps: boolean
  /** Whether the store tells of news, or has to be asked. */
  readonly hints: boolean
  readonly cancels: boolean
  readonly pauses: boolean
}

/**
 * Expands a seed. Each fault is there or not, so that some worlds know one kind
 * of trouble only: a fault that is always there hides others.
 */
export function swarmOf(random: Random): Swarm {
  const draw = random.stream('swarm')
  const kinds = (Object.keys(faultKinds) as FaultKind[]).filter(() => draw.chance(0.4))
  const processes = 1 + draw.integer(3)
  return {
    processes,
    runs: 1 + draw.integer(2),
    leaseMs: 6000,
    faultsMs: 10_000 + draw.integer(30_000),
    faults: Object.fromEntries(kinds.map((kind) => [kind, draw.pick([0.02, 0.1, 0.25])])),
    delayMaxMs: draw.pick([50, 1000, 8000]),
    crash: draw.chance(0.6) ? draw.pick([0.005, 0.03]) : 0,
    pause: draw.chance(0.5) ? draw.pick([0.005, 0.02]) : 0,
    skewMs: Array.from({ length: processes }, () => (draw.chance(0.5) ? draw.integer(600_000) - 300_000 : 0)),
    clockSteps: draw.chance(0.3),
    hints: draw.chance(0.7),
    cancels: draw.chance(0.15),
    pauses: draw.chance(0.15),
  }
}

/** A world in which nothing goes wrong: what a run would have been. */
export const calm: Swarm = {
  processes: 1,
  runs: 1,
  leaseMs: 600_000,
  faultsMs: 0,
  faults: {},
  delayMaxMs: 1,
  crash: 0,
  pause: 0,
  skewMs: [0],
  clockSteps: false,
  hints: true,
  cancels: false,
  pauses: false,
}
