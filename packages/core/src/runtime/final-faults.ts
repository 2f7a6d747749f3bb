import { mayHaveWritten } from '../ports/storage-fault.ts'
import type { StorageFaultCode } from '../ports/storage-fault.ts'

/** Whether a store has refused a batch for what it says, and so for ever: whoever takes the run up makes its own. */
export function isRefusal(error: unknown): boolean {
  return !mayHaveWritten(error) && (hasCode(error, refusals) || isDamage(error))
}

/** Whether what a store holds is damaged: it stays so until a person looks, and asking again would only hide it. */
export function isDamage(error: unknown): boolean {
  return hasCode(error, damages)
}

function hasCode(error: unknown, codes: ReadonlySet<unknown>): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.has(error.code)
}

const refusals: ReadonlySet<unknown> = new Set<StorageFaultCode>(['BATCH_INVALID', 'BATCH_REUSED', 'VALUE_UNSUPPORTED'])
const damages: ReadonlySet<unknown> = new Set<StorageFaultCode>(['JOURNAL_DAMAGED', 'JOURNAL_FORMAT'])
