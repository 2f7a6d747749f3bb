/**
 * Everything a host needs in one import: schema, core and the default adapters.
 *
 * @module
 */
export * from '@segno/adapters/file'
export * from '@segno/adapters/files'
export * from '@segno/adapters/http'
export * from '@segno/adapters/memory'
export * from '@segno/adapters/secrets'
export * from '@segno/adapters/shell'
export { sqliteStorage, type SqliteStorage, type SqliteStorageOptions } from '@segno/adapters/sqlite'
export * from '@segno/core'
export * from '@segno/schema'
// Both doors have this name; a workflow that was loaded from a text also knows its places.
export type { Workflow } from '@segno/schema'
export { defineConfig, type SegnoConfig } from './config.ts'
