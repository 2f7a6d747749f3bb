/**
 * For tests of workflows, handlers and adapters: the laws of the storage port and of durable storages,
 * the virtual clock, a storage with faults, the simulator and the crash matrix.
 *
 * @module
 */
export type { Law } from './law.ts'
export { LawBroken } from './expectation.ts'
export { storageLaws } from './storage-laws.ts'
export { durableStorageLaws } from './durable-storage-laws.ts'
export { memoryUnderTest, type DurableStorageUnderTest, type StorageUnderTest } from './storage-under-test.ts'
export { seededRandom, type Random } from './random.ts'
export { settled, virtualClock, type VirtualClock } from './virtual-clock.ts'
export {
  faultKinds,
  faultyStorage,
  type FaultKind,
  type FaultyStorage,
  type FaultyStorageOptions,
} from './faulty-storage.ts'
export { parseFixture } from './fixture.ts'
export { fixtureSubject } from './fixture-subject.ts'
export { fixtureEpoch, runFixture, type FixtureRun } from './fixture-run.ts'
export { matchFixture, shortEvent } from './fixture-match.ts'
export {
  crashMatrix,
  type CrashMatrixReport,
  type CrashMatrixSubject,
  type CrashPoint,
  type MatrixAnswer,
  type MatrixHandlers,
  type MatrixMessage,
  type MatrixOutcome,
  type MatrixStore,
  type MatrixWorld,
} from './crash-matrix.ts'
export {
  simulate,
  simulationLaws,
  type Mutant,
  type SimulatedHandlers,
  type SimulatedWorkflow,
  type SimulationOptions,
  type SimulationReport,
} from './simulator.ts'
export type { Swarm } from './simulator-swarm.ts'
