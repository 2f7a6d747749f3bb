import type { LeaseName, Storage, Transaction } from '../../src/ports/storage.ts'
import { StorageFault } from '../../src/ports/storage-fault.ts'

/** How a store fails, or is built in a wrong way, where it commits a transaction. */
export interface BookingOptions {
  /** How long a lease lasts from the moment that a transaction is opened under it. */
  readonly leaseMs: number
  /** What becomes of the commit of this number, counted from 1; `ok` unless given. */
  readonly commitEndsAs?: (commit: number) => 'ok' | 'failed' | 'answerLost'
  /** A mistake: what a statement books is there at once, and not with its batch. */
  readonly commitsBeforeTheAppend?: boolean
}

/** A storage with transactions, and what was booked in it, in order. */
export interface BookingStorage {
  readonly storage: Storage
  readonly booked: readonly string[]
}

/**
 * A storage with one table of a user beside it: each statement books its first value
 * once more. What an attempt books is there with the batch that records its end, or
 * not at all; nothing keeps it from being there twice but that. A transaction has no
 * end by time of its own: the engine ends it before the store would.
 */
export function bookingStorage(storage: Storage, options: BookingOptions): BookingStorage {
  const { leaseMs, commitEndsAs = () => 'ok', commitsBeforeTheAppend = false } = options
  const booked: string[] = []
  let commits = 0
  const open = (): Transaction => {
    const staged: string[] = []
    let isOver = false
    const goOn = (): void => {
      if (isOver) throw new StorageFault('TRANSACTION_OVER', 'The transaction is over.', { ambiguous: false })
    }
    return {
      sql: {
        query: async (_text, values = []) => {
          goOn()
          ;(commitsBeforeTheAppend ? booked : staged).push(String(values[0]))
          return { rows: [], rowCount: 1 }
        },
      },
      append: async (request) => {
        goOn()
        isOver = true
        const end = commitEndsAs((commits += 1))
        if (end === 'failed')
          throw new StorageFault('STORAGE_UNAVAILABLE', 'The commit has failed.', { ambiguous: false })
        const outcome = await storage.append(request)
        if (outcome.outcome === 'ok') booked.push(...staged)
        if (end === 'answerLost')
          throw new StorageFault('STORAGE_UNAVAILABLE', 'The answer is lost.', { ambiguous: true })
        return outcome
      },
      rollback: async () => {
        isOver = true
      },
    }
  }
  const begin = async (lease: LeaseName): Promise<Transaction | undefined> => {
    const { renewed } = await storage.renew({ leases: [lease], ttlMs: leaseMs })
    return renewed.length === 0 ? undefined : open()
  }
  const capabilities = { ...storage.capabilities, transactions: true }
  return { storage: { ...storage, capabilities, begin }, booked }
}
