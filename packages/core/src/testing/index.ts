/**
 * For tests of workflows, handlers and adapters: the laws of the storage port,
 * the virtual clock, a storage with faults, the simulator and the crash matrix.
 *
 * @module
 */
export {}
