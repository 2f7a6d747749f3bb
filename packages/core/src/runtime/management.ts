/**
 * What an engine loads when it is first asked for it: no run needs any of it to
 * begin, to go on or to end.
 *
 * @module
 */
export { readForFork } from './forked-run.ts'
export { migrateRuns } from './migrate-runs.ts'
export { deleteRun, retain } from './retention.ts'
export { viewOfRun } from './view-of-run.ts'
