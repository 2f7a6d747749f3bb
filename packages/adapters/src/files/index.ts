/**
 * The files of a folder, for inputs with `mustExist: true` and for `watch` steps;
 * and the texts of workflows that others import.
 *
 * @module
 */
export { importReader } from './import-reader.ts'
export { nodeFiles, type NodeFiles } from './node-files.ts'
