/**
 * The files of a folder, for inputs with `mustExist: true` and for `watch` steps.
 *
 * @module
 */
export { nodeFiles, type NodeFiles } from './node-files.ts'
