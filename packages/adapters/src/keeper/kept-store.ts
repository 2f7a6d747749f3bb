import type { LeaseName, Storage } from '@segno/core'

/** A store as another thread can open it for itself. */
export type KeptStore =
  | { readonly kind: 'file'; readonly options: { readonly dir: string } }
  | { readonly kind: 'sqlite'; readonly options: { readonly file: string } }
  | {
      readonly kind: 'postgres'
      readonly options: { readonly connectionString: string; readonly connectionsMax: number; readonly schema?: string }
    }

/** The leases of a store, to be renewed from beside who holds them. */
export interface Renewals {
  renew(leases: readonly LeaseName[], ttlMs: number): Promise<void>
  close(): Promise<void>
}

/** Opens a store for its leases. Only the module of its kind is loaded. */
export async function renewalsOf({ kind, options }: KeptStore): Promise<Renewals> {
  switch (kind) {
    case 'file': {
      const { fileRenewals } = await import('../file/keep-leases.ts')
      return fileRenewals(options)
    }
    case 'sqlite': {
      const { sqliteStorage } = await import('../sqlite/sqlite-storage.ts')
      return renewalsBy(sqliteStorage(options))
    }
    case 'postgres': {
      const { postgresStorage } = await import('../postgres/postgres-storage.ts')
      return renewalsBy(postgresStorage(options))
    }
    default:
      return kind satisfies never
  }
}

function renewalsBy(storage: Pick<Storage, 'renew'> & { close(): Promise<void> }): Renewals {
  return {
    async renew(leases, ttlMs) {
      await storage.renew({ leases, ttlMs })
    },
    close: () => storage.close(),
  }
}
