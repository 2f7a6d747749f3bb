/**
 * A storage in memory: the reference implementation of the port, and what
 * tests and the simulator run on.
 *
 * @module
 */
export {}
