import type { Definition, Json, JsonObject } from '@segno/schema/plan'
import type { Clock } from '../ports/clock.ts'
import type { Storage } from '../ports/storage.ts'
import type { EngineOptions } from '../runtime/engine-options.ts'
import { expectEqual, expectThat, LawBroken } from './expectation.ts'
import type { Law } from './law.ts'
import { seededRandom } from './random.ts'
import { expectLaw, runLaws } from './run-laws.ts'
import { simulatedLaws } from './simulator-laws.ts'
import type { SimulatedRun } from './simulator-laws.ts'
import { calm, swarmOf } from './simulator-swarm.ts'
import type { Swarm } from './simulator-swarm.ts'
import { SimulatedWorld } from './simulator-world.ts'
import type { RanWorld } from './simulator-world.ts'

/** The handlers of a simulated run. */
export type SimulatedHandlers = NonNullable<EngineOptions['handlers']>

/** A workflow to simulate, instead of a random one. */
export interface SimulatedWorkflow {
  readonly definition: Definition
  readonly input?: JsonObject
  /** Made anew for each world. Handlers take time by this clock only, and give the same for the same input. */
  readonly handlers: (clock: Clock) => SimulatedHandlers
  /** Sent once each, but more often than once and in any order. */
  readonly signals?: readonly { readonly name: string; readonly data?: Json }[]
}

/** A wrong way to build the system, put between its parts: for tests of the simulator itself. */
export interface Mutant {
  /** The store, as all processes share it. */
  readonly store?: (storage: Storage) => Storage
  /** The store as the engine of one process sees it, and that process's wall clock. */
  readonly process?: (storage: Storage, wallClock: () => number) => Storage
  readonly handlers?: (handlers: SimulatedHandlers) => SimulatedHandlers
  readonly definition?: (definition: Definition) => Definition
}

/** What is simulated. */
export interface SimulationOptions {
  readonly seed: number
  readonly workflow?: SimulatedWorkflow
  /** Made anew for each world. */
  readonly mutant?: () => Mutant
}

/** A simulation that broke no law. */
export interface SimulationReport {
  readonly seed: number
  readonly swarm: Swarm
  /** Of everything that happened, in its order. */
  readonly traceHash: string
  readonly crashes: number
  readonly events: number
}

/**
 * Runs workflows in a simulated world: one to three processes on one store,
 * virtual time, and whatever goes wrong, all drawn from `seed`. Then nothing goes
 * wrong any more and every run has to end. Throws `LawBroken` with the law, the
 * seed, what it stands for and the last things that happened. The same seed
 * gives the same world: that is checked too.
 *
 * @example
 * ```ts
 * test.for(seeds)('seed %i', (seed) => simulate({ seed, workflow: { definition, handlers } }))
 * ```
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const { seed, workflow, mutant } = options
  const swarm = swarmOf(seededRandom(seed))
  const ran = await new SimulatedWorld({ seed, swarm, workflow, mutant }).run()
  try {
    await judge(ran)
    for (const run of ran.runs) await judgeAgainstCalm(options, run)
    await judgeAgain(new SimulatedWorld({ seed, swarm, workflow, mutant }), ran)
  } catch (error) {
    throw new LawBroken(explain(options, swarm, ran, error), { cause: error })
  }
  const events = ran.runs.reduce((sum, { events: all }) => sum + all.length, 0)
  return { seed, swarm, traceHash: ran.traceHash, crashes: ran.crashes, events }
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

async function judgeAgainstCalm({ seed, workflow }: SimulationOptions, run: SimulatedRun): Promise<void> {
  // A child run is compared with the run that started it.
  if (run.cancelled || run.isChild) return
  const { runs } = await new SimulatedWorld({ seed, swarm: calm, workflow, mutant: undefined, only: run.runId }).run()
  for (const calmRun of runs) if (!calmRun.isChild) await expectLaw(asWithout, { run, calmRun })
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

const lastLines = 40

function explain({ seed }: SimulationOptions, swarm: Swarm, ran: RanWorld, error: unknown): string {
  return [
    error instanceof Error ? error.message : String(error),
    `seed ${seed}: ${JSON.stringify(swarm)}`,
    ...ran.trace.slice(-lastLines),
    `Again: SEGNO_SEED=${seed} npm test -- packages/core/test/simulation`,
  ].join('\n')
}
