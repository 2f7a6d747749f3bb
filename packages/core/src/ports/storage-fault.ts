/** Every code a storage rejects with, and what it means. */
export const storageFaultCodes = {
  BATCH_INVALID:
    'The batch contradicts itself or the inbox: a gap in `seq`, a foreign run, a status its events do not give, an unknown message.',
  BATCH_REUSED: 'A `batchId` came again with other content.',
  CURSOR_INVALID: 'The cursor is not one that this storage gave.',
  JOURNAL_DAMAGED: 'What the store holds of a run is not what was written.',
  JOURNAL_FORMAT: 'What the store holds of a run was written by a newer version.',
  SQL_FAILED: 'A statement of a `tx` step failed in the database; all that its transaction did is undone.',
  SQL_REFUSED: 'A statement that a `tx` step may not run: it would end the transaction, or touch tables of the store.',
  STORAGE_UNAVAILABLE: 'The store did not answer, or answered with a fault of its own.',
  TRANSACTION_OVER: 'The transaction of a `tx` step has ended: it was committed or undone, or was open for too long.',
  VALUE_UNSUPPORTED: 'The store cannot keep a value exactly as it is.',
} as const

/** A code that a storage rejects with. */
export type StorageFaultCode = keyof typeof storageFaultCodes

/**
 * What a storage rejects with. `ambiguous` tells whether the write may have
 * happened all the same: if it may, the writer sends the same batch again or
 * reloads, and does nothing else.
 */
export class StorageFault extends Error {
  override readonly name = 'StorageFault'
  readonly code: StorageFaultCode
  readonly ambiguous: boolean

  constructor(
    code: StorageFaultCode,
    message: string,
    options: { readonly ambiguous: boolean; readonly cause?: unknown },
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.ambiguous = options.ambiguous
  }
}

/**
 * Whether a write that ended in `error` may have happened. Judged by the shape
 * and not by the class, which another copy of this package also has; an error
 * that does not say is ambiguous.
 */
export function mayHaveWritten(error: unknown): boolean {
  return !(typeof error === 'object' && error !== null && 'ambiguous' in error && error.ambiguous === false)
}
