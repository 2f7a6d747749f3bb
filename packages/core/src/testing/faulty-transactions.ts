import { mayHaveWritten, StorageFault } from '../ports/storage-fault.ts'
import type { Storage, Transaction } from '../ports/storage.ts'

type Begin = NonNullable<Storage['begin']>

/** What happens to a call on its way. */
export type Way = <Arguments extends readonly unknown[], Answer>(
  call: (...input: Arguments) => Promise<Answer>,
) => (...input: Arguments) => Promise<Answer>

/**
 * Transactions whose calls go the way of the other calls of their storage. A connection that breaks takes with it what
 * was not committed; of a commit that was sent nobody knows.
 */
export function faultyTransactions(begin: Begin, way: Way): Begin {
  return async (lease, options) => {
    let opened: Transaction | undefined
    let isGivenUp = false
    const open = way(async () => {
      opened = await begin(lease, options)
      if (isGivenUp) await opened?.rollback()
      return opened
    })
    try {
      return faultyTransaction(await open(), way)
    } catch (error) {
      isGivenUp = true
      await opened?.rollback()
      throw error
    }
  }
}

function faultyTransaction(transaction: Transaction | undefined, way: Way): Transaction | undefined {
  if (transaction === undefined) return undefined
  let isOver = false
  const goOn = (): void => {
    if (isOver) throw transactionOver()
  }
  const query = way(transaction.sql.query)
  const append = way(transaction.append)
  return {
    sql: {
      query: async (...given) => {
        goOn()
        try {
          return await query(...given)
        } catch (error) {
          if (!isUnavailable(error)) throw error
          isOver = true
          await transaction.rollback()
          throw new StorageFault('STORAGE_UNAVAILABLE', error.message, { ambiguous: false, cause: error })
        }
      },
    },
    append: async (request) => {
      goOn()
      isOver = true
      try {
        return await append(request)
      } catch (error) {
        // What may be under way still ends by itself.
        if (!mayHaveWritten(error)) await transaction.rollback()
        throw error
      }
    },
    rollback: () => {
      isOver = true
      return way(transaction.rollback)()
    },
  }
}

function isUnavailable(error: unknown): error is StorageFault {
  return error instanceof StorageFault && error.code === 'STORAGE_UNAVAILABLE'
}

/** What a transaction says that has come to its end. */
export function transactionOver(): StorageFault {
  return new StorageFault('TRANSACTION_OVER', 'The transaction is over.', { ambiguous: false })
}
