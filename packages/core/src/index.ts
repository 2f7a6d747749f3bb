/**
 * What happens: the engine that runs workflows, the pure kernel below it, and
 * the ports through which it meets the world. No `node:*` anywhere.
 *
 * @module
 */
export type * from './builder/block-verbs.ts'
export { exportRun, type ExportOptions } from './bundle/export-run.ts'
export { importRun, readBundle, type ImportedRun, type ImportOptions } from './bundle/import-run.ts'
export { redactBundle, type Redact, type Redactor } from './bundle/redact-bundle.ts'
export { diffRuns, type RunDiff, type RunSide, type StepDiff } from './bundle/diff-runs.ts'
export {
  defineHandler,
  handlerNamed,
  type HandlerHeader,
  type HandlerRef,
  type TypedHandler,
} from './builder/define-handler.ts'
export { defineWorkflow } from './builder/define-workflow.ts'
export type * from './builder/define-workflow.ts'
export type * from './builder/facts.ts'
export * from './builder/functions.ts'
export * from './builder/guards.ts'
export { json, jsonOf, type FromJsonSchema } from './builder/json.ts'
export * from './builder/operators.ts'
export { defineQuestion, type Choice, type FilledForm, type TypedQuestion } from './builder/question.ts'
export type * from './builder/reference.ts'
export type * from './builder/schema-types.ts'
export type * from './builder/scope.ts'
export { defineSignal, type TypedSignal } from './builder/signal.ts'
export type * from './builder/step-options.ts'
export { expr, text, type InText } from './builder/text.ts'
export type * from './builder/typed-workflow.ts'
export type * from './builder/wait-verbs.ts'
export type * from './builder/work-verbs.ts'
export { errorCodes, SegnoError, type ErrorCode } from './error.ts'
export { defineMachine, type Machine, type MachineEvent, type MachineStates } from './kernel/machine.ts'
export type * from './ports/abort.ts'
export { appendRefusal, type AppendFacts, type JudgedAppend } from './ports/append-refusal.ts'
export { checkBatch, isSameBatch, isTerminal, type Batch } from './ports/batch.ts'
export type * from './ports/clock.ts'
export type * from './ports/evidence.ts'
export type * from './ports/files.ts'
export type * from './ports/http.ts'
export type * from './ports/masker.ts'
export type * from './ports/secrets.ts'
export type * from './ports/shell.ts'
export { fitsFilter, hasLabels, isWanted } from './ports/run-filter.ts'
export { mayHaveWritten, StorageFault, storageFaultCodes, type StorageFaultCode } from './ports/storage-fault.ts'
export type * from './ports/storage.ts'
export { memoryStorage, type MemoryStorageOptions } from './runtime/memory-storage.ts'
export { systemClock } from './runtime/system-clock.ts'
export { createEngine } from './runtime/engine.ts'
export { handlerContracts, type HandlerContract } from './runtime/handler-contract.ts'
export { handlerNames, type HandlerOptions, type PluginConflict } from './runtime/handler-table.ts'
export { definePlugin, type Plugin, type PluginManifest } from './runtime/plugin.ts'
export { secretMasker, type SecretMasker } from './secrets/secret-masker.ts'
export type * from './runtime/engine-options.ts'
export type * from './runtime/handler.ts'
export type * from './runtime/run-handle.ts'
export type * from './runtime/run-view.ts'
export type { RetainOptions } from './runtime/retention.ts'
export type { Work, WorkOptions } from './runtime/work.ts'
export type * from './runtime/workflow-run.ts'
