/**
 * Reading and checking definitions, and no more: what an engine loads when it is
 * handed one that it does not know yet. Brings the YAML parser and zod.
 *
 * @module
 */
export { loadDefinition, loadWorkflow, type LoadOptions, type Workflow } from '../load.ts'
