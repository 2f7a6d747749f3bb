import type { Json, JsonObject } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { Clock } from '../ports/clock.ts'
import { handlerTable } from '../runtime/handler-table.ts'
import { memoryStorage } from '../runtime/memory-storage.ts'
import { Plans } from '../runtime/plans.ts'
import { pinsOf, verbsOf } from '../runtime/run-beginning.ts'
import { assertTransactions, checkedInput } from '../runtime/start-checks.ts'
import { LawBroken } from './expectation.ts'
import { shrunkWorld } from './shrunk-world.ts'
import { isTransactional } from './simulated-ending.ts'
import type { SimulatedAnswer } from './simulated-people.ts'
import { SeedBroken, simulateSeed } from './simulated-seed.ts'
import type { SeedOptions, SeedReport, SimulatedWorkflow } from './simulated-seed.ts'
import { checkFaults, transactionalProfiles } from './simulator-swarm.ts'
import type { FaultSelection, SimulatedFault, StoreProfile, Swarm } from './simulator-swarm.ts'
import { virtualClock } from './virtual-clock.ts'
import { subjectUnderTest } from './work-under-test.ts'
import type { JudgedWorld, TestWork, WorkflowUnderTest } from './work-under-test.ts'

export type { SimulatedAnswer }

/** What is simulated, in which worlds. */
export interface SimulationOptions extends TestWork {
  readonly input?: JsonObject
  /** Sent once each at any time, and in any order. */
  readonly signals?: readonly { readonly name: string; readonly data?: Json }[]
  /** What people answer whenever they are asked, by the path or id of the `ask` step. */
  readonly answers?: Readonly<Record<string, SimulatedAnswer>>
  /** How many seeds, from 1; or from where to where; or which. 100 unless given. */
  readonly seeds?: number | { readonly from: number; readonly to: number } | readonly number[]
  /** What goes wrong: `all` unless given. */
  readonly faults?: FaultSelection
  /** What is different in the worlds from what their seeds stand for: as a broken law tells it, to see only that again. */
  readonly world?: Partial<Swarm>
}

/** Simulations that broke no law. */
export interface SimulationReport {
  /** How many seeds; each stands for one world. */
  readonly seeds: number
  /** How many of the worlds had which store, as far as its ways to fail go. */
  readonly worldsByProfile: Readonly<Partial<Record<StoreProfile, number>>>
  readonly crashes: number
  /** Of all runs. */
  readonly events: number
  /** How often each fault struck. */
  readonly faults: Readonly<Partial<Record<SimulatedFault, number>>>
  /** How much time passed in the worlds: nobody had to wait for it. */
  readonly simulatedMs: number
}

/**
 * Runs a workflow in simulated worlds: one to three processes on one store,
 * virtual time, and whatever goes wrong, all drawn from a seed. Then nothing goes
 * wrong any more and every run has to end as it does where nothing ever did.
 * Throws `LawBroken` with the law, the seed, the smallest world that breaks it, the line that
 * runs only that again, and the last things that happened. The same seed
 * gives the same world: that is checked too.
 *
 * @example
 * ```ts
 * test('no seed breaks a law', () => simulate(workflow, { seeds: 200, handlers }))
 * ```
 */
export async function simulate(
  workflow: WorkflowUnderTest,
  options: SimulationOptions = {},
): Promise<SimulationReport> {
  const { faults = 'all', world } = options
  checkFaults(faults)
  const simulated = await simulatedWorkflow(workflow, options)
  const reports: SeedReport[] = []
  for (const seed of seedsOf(options.seeds)) {
    const one = { seed, faults, workflow: simulated, ...(world && { world }) }
    reports.push(await simulateOne(one))
  }
  return reportOf(reports)
}

/** Simulates one seed. A broken law is told with the smallest world that breaks it. */
export async function simulateOne(options: SeedOptions): Promise<SeedReport> {
  try {
    return await simulateSeed(options)
  } catch (error) {
    if (!(error instanceof SeedBroken)) throw error
    const smallest = await shrunkWorld(options, error)
    throw new LawBroken(explained(options.seed, error, smallest), { cause: smallest.cause })
  }
}

const lastLines = 40

function explained(seed: number, broken: SeedBroken, smallest: SeedBroken): string {
  const { message, swarm, trace } = smallest
  return [
    message,
    `seed ${seed}: ${JSON.stringify(broken.swarm)}`,
    `the smallest world that breaks this law: ${JSON.stringify(swarm)}`,
    `Again, only this: simulate(workflow, { ...options, seeds: [${seed}], world: ${JSON.stringify(swarm)} })`,
    'What happened last (milliseconds, then what):',
    ...trace.slice(-lastLines),
  ].join('\n')
}

async function simulatedWorkflow(workflow: WorkflowUnderTest, options: SimulationOptions): Promise<SimulatedWorkflow> {
  const { input = {}, signals, answers } = options
  const subject = await subjectUnderTest(workflow, options)
  // The means of nobody: to know the names and contracts of the handlers.
  const means = subject.meansIn(nowhere(virtualClock()))
  const { handlers = {} } = means
  const memory = memoryStorage()
  const plans = new Plans(memory, () => [...verbsOf(means), ...Object.keys(handlers)])
  const plan = await plans.prepare(subject.workflow)
  const { pins } = handlerTable({ handlers })
  const { profile } = options.world ?? {}
  if (profile !== undefined && !transactionalProfiles.includes(profile)) {
    assertTransactions(plan, pins, { capabilities: memory.capabilities })
  }
  return {
    definition: plan.definition,
    plan,
    input: checkedInput(plan, input),
    pins: pinsOf(plan, pins),
    isTransactional: isTransactional(plan.definition, pins),
    meansIn: subject.meansIn,
    ...(signals && { signals }),
    ...(answers && { answers }),
  }
}

function nowhere(clock: Clock): JudgedWorld {
  return { clock, turn: () => 1, prefixOf: () => '', fail: () => undefined }
}

function seedsOf(seeds: SimulationOptions['seeds'] = 100): readonly number[] {
  const all = typeof seeds === 'number' ? range(1, seeds) : 'from' in seeds ? range(seeds.from, seeds.to) : seeds
  if (all.length > 0 && all.every((seed) => Number.isSafeInteger(seed))) return all
  throw new SegnoError('ARGUMENT_INVALID', `\`seeds\` is ${JSON.stringify(seeds)}; expected at least one whole number`)
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
}

/** Adds up what happened in all worlds. */
export function reportOf(reports: readonly SeedReport[]): SimulationReport {
  const worldsByProfile: Partial<Record<StoreProfile, number>> = {}
  const faults: Partial<Record<SimulatedFault, number>> = {}
  let [crashes, events, simulatedMs] = [0, 0, 0]
  for (const { swarm, struck, ...one } of reports) {
    worldsByProfile[swarm.profile] = (worldsByProfile[swarm.profile] ?? 0) + 1
    for (const [kind, times] of struck) faults[kind] = (faults[kind] ?? 0) + times
    crashes += one.crashes
    events += one.events
    simulatedMs += one.tookMs
  }
  return { seeds: reports.length, worldsByProfile, crashes, events, faults, simulatedMs }
}
