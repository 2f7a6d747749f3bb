/**
 * A storage in memory: the reference implementation of the port, and what
 * tests and the simulator run on.
 *
 * @module
 */
export { memoryStorage } from '@segno/core'
export type { MemoryStorageOptions } from '@segno/core'
