/**
 * The files of a folder, for inputs with `mustExist: true` and for `watch` steps;
 * and workflows: those of a folder, and the texts of those that others import.
 *
 * @module
 */
export { findWorkflows, isWorkflow } from './find-workflows.ts'
export { importReader } from './import-reader.ts'
export { nodeFiles, type NodeFiles } from './node-files.ts'
