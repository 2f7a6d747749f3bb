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
export { transactionLaws } from './laws/transaction-laws.ts'
export {
  memoryUnderTest,
  type DurableStorageUnderTest,
  type StorageUnderTest,
  type TransactionalStorageUnderTest,
} from './storage-under-test.ts'
export { sameAsMemory, type ComparisonOptions, type ComparisonReport } from './same-as-memory.ts'
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
  type CrashMatrixOptions,
  type CrashMatrixReport,
  type CrashMatrixSubject,
  type CrashPoint,
  type MatrixAnswer,
  type MatrixMessage,
  type MatrixOutcome,
  type MatrixStore,
} from './crash-matrix.ts'
export {
  after,
  failure,
  hangs,
  type Mock,
  type MockFailure,
  type MockFunction,
  type MockOutcome,
  type Mocks,
} from './mock.ts'
export type { StepCall, TestHandlers, TestWork, TestWorld, WorkflowUnderTest } from './work-under-test.ts'
export {
  testRun,
  type TestAnswer,
  type TestPerson,
  type TestRun,
  type TestRunOptions,
  type TestSignal,
  type TestWait,
} from './test-run.ts'
export { replayRun, type Divergence, type Replay } from './replay-run.ts'
export { replayWith, type ReplayWith } from './replay-with.ts'
export { type ActDifference } from './replayed-acts.ts'
export { simulate, type SimulatedAnswer, type SimulationOptions, type SimulationReport } from './simulator.ts'
export { simulationLaws } from './simulated-seed.ts'
export {
  simulatedFaults,
  type FaultSelection,
  type SimulatedFault,
  type StoreProfile,
  type Swarm,
} from './simulator-swarm.ts'
