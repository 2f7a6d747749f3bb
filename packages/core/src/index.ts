/**
 * What happens: the engine that runs workflows, the pure kernel below it, and
 * the ports through which it meets the world. No `node:*` anywhere.
 *
 * @module
 */
export type * from './ports/storage.ts'
