/**
 * A storage in a SQLite database: for a host that keeps many runs, and for `tx` steps.
 *
 * @module
 */
export { sqliteStorage, type SqliteStorage, type SqliteStorageOptions } from './sqlite-storage.ts'
export type { ProcessIdentity } from '../process/process-identity.ts'
