/**
 * Everything a host needs in one import: schema, core and the default adapters.
 *
 * @module
 */
export * from '@segno/core'
export * from '@segno/schema'
