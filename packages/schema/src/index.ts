/**
 * What is written down: definitions, events, failures and artifacts as types,
 * zod schemas and JSON Schema; parsing with positions; checking; diagnostics.
 *
 * @module
 */
export * from './plan/index.ts'
