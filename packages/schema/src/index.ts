/**
 * What is written down: definitions, events, failures and artifacts as types,
 * zod schemas and JSON Schema; parsing with positions; checking; diagnostics.
 *
 * @module
 */
export * from './plan/index.ts'
export { checkDefinition, type CheckOptions } from './check/check.ts'
export type { HandlerFace } from './check/flow/outputs.ts'
export { applyEdits } from './diagnostic/apply-edits.ts'
export { diagnosticCodes } from './diagnostic/diagnostic.ts'
export { codeFrame, formatDiagnostics, type FormatOptions } from './diagnostic/frame.ts'
export type { Source } from './diagnostic/mistake.ts'
export { suggest } from './diagnostic/suggest.ts'
export { JsonSchema } from './document/json-schema.ts'
export { RunDocument } from './document/run-document.ts'
export { Step } from './document/step.ts'
export { Definition } from './document/workflow.ts'
export { eventSchemas, RunEvent } from './event-schema.ts'
export {
  Fixture,
  type ExpectedEvent,
  type FixtureExpectation,
  type ScriptedAnswer,
  type ScriptedCommand,
  type ScriptedEnd,
  type ScriptedOutcome,
  type ScriptedSignal,
} from './fixture.ts'
export { BundleMessage, BundleRow, RunBundle } from './bundle.ts'
export { loadDefinition, loadWorkflow } from './load.ts'
export type { LoadedDefinition, LoadedWorkflow, LoadOptions, Workflow } from './load.ts'
export type { ReadImport } from './load/documents.ts'
export { parseDefinition } from './parse/plain.ts'
export type { DocumentEdit } from './parse/document-edit.ts'
export type { SourceMap } from './parse/source-map.ts'
export { parseWorkflow, type ParsedWorkflow } from './parse/workflow.ts'
export { toYaml, type DefinitionHolder } from './write/to-yaml.ts'
export { toYamlFiles } from './write/to-yaml-files.ts'
