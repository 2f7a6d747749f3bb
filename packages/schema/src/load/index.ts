/**
 * Reading and checking definitions, and no more: what an engine loads when it is
 * handed one that it does not know yet. Brings the YAML parser and zod.
 *
 * @module
 */
export { loadDefinition, loadWorkflow } from '../load.ts'
export type { LoadedDefinition, LoadedWorkflow, LoadOptions, Workflow } from '../load.ts'
export type { ReadImport } from './documents.ts'
export type { HandlerFace } from '../check/flow/outputs.ts'
