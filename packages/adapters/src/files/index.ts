/**
 * The files of a folder, for inputs with `mustExist: true`.
 *
 * @module
 */
export { nodeFiles } from './node-files.ts'
