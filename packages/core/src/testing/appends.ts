import type { AppendOutcome, AppendRequest, Storage } from '../ports/storage.ts'

/** What becomes of an append on its way to a storage; `send` gives it to the storage. */
export type AppendWay = (request: AppendRequest, send: () => Promise<AppendOutcome>) => Promise<AppendOutcome>

/** A storage whose appends go another way: those of its own, and those that commit a transaction. */
export function withAppends(storage: Storage, way: AppendWay): Storage {
  const { begin } = storage
  const append: Storage['append'] = (request) => way(request, () => storage.append(request))
  if (begin === undefined) return { ...storage, append }
  return {
    ...storage,
    append,
    begin: async (lease, options) => {
      const transaction = await begin(lease, options)
      if (transaction === undefined) return undefined
      return { ...transaction, append: (request) => way(request, () => transaction.append(request)) }
    },
  }
}
