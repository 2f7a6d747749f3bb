import { StorageFault, type StorageFaultCode } from '@segno/core/storage'

/** What SQLite says went wrong, or nothing where the error is of another kind. */
function extendedCodeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined
}

/** The primary result code, which stands in the last eight bits. */
function resultCodeOf(error: unknown): number | undefined {
  const code = extendedCodeOf(error)
  return code === undefined ? undefined : code & 0xff
}

/** Whether a statement was kept from doing what it may not. */
export function isUnauthorized(error: unknown): boolean {
  return resultCodeOf(error) === unauthorized
}

/** Whether a constraint of a table was not kept. */
export function isConstraint(error: unknown): boolean {
  return resultCodeOf(error) === constraint
}

/** Whether another connection holds what was asked for. */
export function isBusy(error: unknown): boolean {
  const code = resultCodeOf(error)
  return code === busy || code === locked
}

/**
 * What went wrong with a commit, as a fault of the port. Its record is the last that is
 * written to the log: where something could not be written, it is not there. It is
 * where it could not be synced, and nobody knows for how long.
 */
export function commitFault(error: unknown): StorageFault {
  return faultOf(error, extendedCodeOf(error) !== writeFailed && resultCodeOf(error) !== full)
}

/** What went wrong with the database, as a fault of the port; a fault that is one already stays as it is. */
export function faultOf(error: unknown, ambiguous: boolean): StorageFault {
  if (error instanceof StorageFault) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = codes.get(resultCodeOf(error) ?? -1)
  if (code === 'JOURNAL_DAMAGED') return new StorageFault(code, `${message}.`, { ambiguous, cause: error })
  if (code === 'VALUE_UNSUPPORTED') return unsupported(`a value: ${message}`)
  return new StorageFault('STORAGE_UNAVAILABLE', `The database cannot be used: ${message}.`, {
    ambiguous,
    cause: error,
  })
}

/** The fault for a statement of a `tx` step that may not be run. */
export function refused(reason: string): StorageFault {
  return new StorageFault('SQL_REFUSED', `A statement of the step was not run: ${reason}.`, { ambiguous: false })
}

/** The fault for a statement of a `tx` step that failed. */
export function failedStatement(error: unknown): StorageFault {
  const message = error instanceof Error ? error.message : String(error)
  return new StorageFault('SQL_FAILED', `A statement of the step failed: ${message}.`, {
    ambiguous: false,
    cause: error,
  })
}

/** The fault for what comes to a transaction that has ended. */
export function transactionOver(): StorageFault {
  const message =
    'The transaction of the step has ended, or was open for too long; what it did is undone if it was not committed.'
  return new StorageFault('TRANSACTION_OVER', message, { ambiguous: false })
}

/** The fault for a value that the database cannot keep. */
export function unsupported(what: string): StorageFault {
  return new StorageFault('VALUE_UNSUPPORTED', `SQLite cannot keep ${what}.`, { ambiguous: false })
}

/** The fault for a row that does not hold what was written to it. */
export function damaged(where: string, mistake: string): StorageFault {
  return new StorageFault('JOURNAL_DAMAGED', `${where}: ${mistake}. Nothing was changed.`, { ambiguous: false })
}

/** Whether a text is kept as it is. Half a character would become another, and a NUL ends a text for some readers. */
export function isKept(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

const [busy, locked, full, constraint, unauthorized] = [5, 6, 13, 19, 23]
// SQLITE_IOERR_WRITE.
const writeFailed = 10 | (3 << 8)

const codes: ReadonlyMap<number, StorageFaultCode> = new Map([
  [11, 'JOURNAL_DAMAGED'],
  [18, 'VALUE_UNSUPPORTED'],
  [26, 'JOURNAL_DAMAGED'],
])
