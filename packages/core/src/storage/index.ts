/**
 * What a storage is written with, and nothing that it does not need: it may run in
 * a thread of its own, which has to start quickly.
 *
 * @module
 */
export { appendRefusal, type AppendFacts, type JudgedAppend } from '../ports/append-refusal.ts'
export { checkBatch, isSameBatch, isTerminal, type Batch } from '../ports/batch.ts'
export { fitsFilter, hasLabels, isWanted } from '../ports/run-filter.ts'
export { mayHaveWritten, StorageFault, storageFaultCodes, type StorageFaultCode } from '../ports/storage-fault.ts'
export type * from '../ports/storage.ts'
