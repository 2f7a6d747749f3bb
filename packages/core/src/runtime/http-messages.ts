/**
 * What an engine loads when its first request is made.
 *
 * @module
 */
export { httpRequestOf } from './http-request-of.ts'
export { httpStatusFailure } from './http-status-failure.ts'
