import type { Definition, HandlerPin, Json, JsonObject } from '@segno/schema/plan'
import type { Plan } from '../kernel/plan.ts'
import type { Storage } from '../ports/storage.ts'
import { expectEqual, expectThat, LawBroken } from './expectation.ts'
import type { Law } from './law.ts'
import { seededRandom } from './random.ts'
import { expectLaw, runLaws } from './run-laws.ts'
import type { SimulatedAnswer } from './simulated-people.ts'
import { simulatedLaws } from './simulator-laws.ts'
import type { RanWorld, SimulatedRun } from './simulator-laws.ts'
import { calm, storeProfiles, swarmOf, transactionalProfiles } from './simulator-swarm.ts'
import type { FaultSelection, SimulatedFault, StoreProfile, Swarm } from './simulator-swarm.ts'
import { SimulatedWorld } from './simulator-world.ts'
import type { WrongProfile } from './store-profiles.ts'
import type { JudgedWorld, TestHandlers, WorkMeans } from './work-under-test.ts'

/** A workflow to simulate, instead of a random one. */
export interface SimulatedWorkflow {
  readonly definition: Definition
  readonly input?: JsonObject
  /** Of a definition that was checked; of a random one, each world compiles its own. */
  readonly plan?: Plan
  readonly pins?: Readonly<Record<string, HandlerPin>>
  /** Made anew for each process. */
  readonly meansIn: (world: JudgedWorld) => WorkMeans
  /** Sent at any time, and in any order. */
  readonly signals?: readonly { readonly name: string; readonly data?: Json }[]
  readonly answers?: Readonly<Record<string, SimulatedAnswer>>
  /** It has steps of the effect `tx`: its worlds have stores with transactions. */
  readonly isTransactional?: boolean
}

/** A wrong way to build the system, put between its parts: for tests of the simulator itself. */
export interface Mutant {
  /** The store, as all processes share it. */
  readonly store?: (storage: Storage) => Storage
  /** A mistake of the adapter. */
  readonly profile?: WrongProfile
  /** The store as the engine of one process sees it, and that process's wall clock. */
  readonly process?: (storage: Storage, wallClock: () => number) => Storage
  readonly handlers?: (handlers: TestHandlers) => TestHandlers
  readonly definition?: (definition: Definition) => Definition
}

/** One world, and what it is made of. */
export interface SeedOptions {
  readonly seed: number
  readonly faults?: FaultSelection
  readonly workflow?: SimulatedWorkflow
  /** Made anew for each world. */
  readonly mutant?: () => Mutant
  /** What is different from what the seed stands for. */
  readonly world?: Partial<Swarm>
}

/** A world that broke no law. */
export interface SeedReport {
  readonly seed: number
  readonly swarm: Swarm
  /** Of everything that happened, in its order. */
  readonly traceHash: string
  readonly crashes: number
  readonly events: number
  readonly struck: ReadonlyMap<SimulatedFault, number>
  readonly tookMs: number
}

/** A world that broke a law. */
export class SeedBroken extends LawBroken {
  readonly swarm: Swarm
  /** The law, by its name. */
  readonly law: string
  readonly trace: readonly string[]

  constructor(swarm: Swarm, trace: readonly string[], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.swarm = swarm
    this.law = simulationLaws.find((name) => this.message.startsWith(`${name}:`)) ?? this.message
    this.trace = trace
  }
}

/** Which store the world of a seed has. */
export function profileOf(seed: number): StoreProfile {
  return swarmOf(seededRandom(seed), 'none').profile
}

/**
 * Runs the world of one seed, twice, and judges it by all laws. Throws `SeedBroken`.
 */
export async function simulateSeed(options: SeedOptions): Promise<SeedReport> {
  const { seed, workflow, mutant, faults, world = {} } = options
  const profiles = workflow?.isTransactional === true ? transactionalProfiles : storeProfiles
  const swarm = { ...swarmOf(seededRandom(seed), faults, profiles), ...world }
  const ran = await new SimulatedWorld({ seed, swarm, workflow, mutant }).run()
  try {
    await judge(ran)
    for (const run of ran.runs) await judgeAgainstCalm(options, run, swarm)
    await judgeAgain(new SimulatedWorld({ seed, swarm, workflow, mutant }), ran)
  } catch (error) {
    if (!(error instanceof LawBroken)) throw error
    throw new SeedBroken(swarm, ran.trace, error)
  }
  const events = ran.runs.reduce((sum, { events: all }) => sum + all.length, 0)
  const { traceHash, crashes, struck, tookMs } = ran
  return { seed, swarm, traceHash, crashes, events, struck, tookMs }
}

async function judge(ran: RanWorld): Promise<void> {
  for (const run of ran.runs) {
    for (const law of [...runLaws, ...simulatedLaws]) await expectLaw(law, run)
  }
}

const asWithout: Law<{ readonly run: SimulatedRun; readonly calmRun: SimulatedRun }> = {
  name: 'a run with crashes ends as the run without',
  async holds({ run, calmRun }) {
    expectEqual(run.ending, calmRun.ending, 'the end')
  },
}

async function judgeAgainstCalm({ seed, workflow }: SeedOptions, run: SimulatedRun, swarm: Swarm): Promise<void> {
  // A child run is compared with the run that started it.
  if (run.cancelled || run.isChild) return
  const world = new SimulatedWorld({ seed, swarm: calmLike(swarm), workflow, mutant: undefined, only: run.runId })
  const { runs } = await world.run()
  for (const calmRun of runs) if (!calmRun.isChild) await expectLaw(asWithout, { run, calmRun })
}

// A `tx` step is done nowhere but in a transaction.
function calmLike({ profile }: Swarm): Swarm {
  return transactionalProfiles.includes(profile) ? { ...calm, profile: 'postgres' } : calm
}

const sameAgain: Law<{ readonly first: RanWorld; readonly second: RanWorld }> = {
  name: 'the same seed gives the same world',
  async holds({ first, second }) {
    first.trace.forEach((line, at) => expectEqual(second.trace[at], line, `line ${at} of the trace`))
    expectThat(first.traceHash === second.traceHash, `the traces part after ${first.trace.length} lines`)
  },
}

async function judgeAgain(world: SimulatedWorld, first: RanWorld): Promise<void> {
  await expectLaw(sameAgain, { first, second: await world.run() })
}

/** The names of all laws that a simulation is judged by; the message of the `LawBroken` that it throws begins with one. */
export const simulationLaws: readonly string[] = [...runLaws, ...simulatedLaws, asWithout, sameAgain].map(
  ({ name }) => name,
)
