/**
 * What an exported run looks like, and no more: what an engine loads when one is
 * imported. Brings zod.
 *
 * @module
 */
export { BundleMessage, BundleRow, RunBundle } from '../bundle.ts'
