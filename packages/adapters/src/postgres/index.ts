/**
 * A storage in a PostgreSQL database, for many processes on many hosts. Needs the
 * package `pg`, or a pool that is like one of its.
 *
 * @module
 */
export type { ProcessIdentity } from '../process/process-identity.ts'
export type { PostgresClient, PostgresPool } from './connection.ts'
export { postgresStorage, type PostgresStorage, type PostgresStorageOptions } from './postgres-storage.ts'
export { postgresClient } from './transaction.ts'
