import { StorageFault } from '@segno/core'

/**
 * An error of a statement as a fault of the port. What the server says with an
 * SQLSTATE it has not done; where it says that it goes away, or says nothing more,
 * a statement that was sent may have been done.
 */
export function faultOf(error: unknown, { wrote }: { readonly wrote: boolean }): StorageFault {
  if (error instanceof StorageFault) return error
  const state = sqlState(error)
  const message = messageOf(error)
  if (state === '25P02') return new StorageFault('SQL_FAILED', `A statement before failed: ${message}.`, sure(error))
  if (state === 'SG001') return new StorageFault('BATCH_INVALID', `The batch cannot be: ${message}.`, sure(error))
  if (state !== undefined && isRefusal(state)) {
    return new StorageFault('VALUE_UNSUPPORTED', `PostgreSQL cannot keep a value: ${message}.`, sure(error))
  }
  const ambiguous = wrote && (state === undefined || mayBeDone(state))
  return new StorageFault('STORAGE_UNAVAILABLE', `PostgreSQL: ${message}.`, { ambiguous, cause: error })
}

/** An error of a statement of a step: nothing of its transaction stays. */
export function sqlFault(error: unknown): StorageFault {
  const state = sqlState(error)
  if (state === undefined || mayBeDone(state)) return faultOf(error, { wrote: false })
  return new StorageFault('SQL_FAILED', `The statement failed: ${messageOf(error)}.`, sure(error))
}

/** An error of the COMMIT of a step's transaction: refused by the server, or in doubt. */
export function commitFault(error: unknown): StorageFault {
  const state = sqlState(error)
  if (state === undefined || mayBeDone(state)) return faultOf(error, { wrote: true })
  return new StorageFault('SQL_FAILED', `The transaction cannot be committed: ${messageOf(error)}.`, sure(error))
}

/** The five characters by which PostgreSQL names an error; `undefined` where the error is of the connection. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return undefined
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined
}

/** Whether the same statement may succeed when it is sent again: nothing of it was done, because others were in its way. */
export function isContention(error: unknown): boolean {
  const state = sqlState(error)
  return state === '40001' || state === '40P01'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function sure(cause: unknown): { readonly ambiguous: false; readonly cause: unknown } {
  return { ambiguous: false, cause }
}

// 22: a value that its type does not hold. 54: too large, such as a name for an index.
function isRefusal(state: string): boolean {
  return state.startsWith('22') || state.startsWith('54')
}

// The connection, the server or its disk is going away, at a moment that nobody knows.
function mayBeDone(state: string): boolean {
  return ['08', '57P', '58', 'XX', 'F0'].some((kind) => state.startsWith(kind)) || state === '40003'
}
