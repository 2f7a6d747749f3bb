import type { Storage } from '@segno/core'
import { fileStorage } from '../../src/file/index.ts'
import { sqliteStorage } from '../../src/sqlite/index.ts'

/** Where a store of a test is. */
export interface StorePlace {
  readonly kind: 'file' | 'sqlite'
  readonly path: string
}

/** How a host is blocked. */
export interface BlockedHost {
  readonly place: StorePlace
  readonly leaseMs: number
  readonly hungAfterMs: number
  readonly blockMs: number
  /** Whether its storage may keep leases from a thread. */
  readonly hasThread: boolean
}

/** Opens a store. */
export function storageAt({ kind, path }: StorePlace): Storage & { close(): Promise<void> } {
  return kind === 'file' ? fileStorage({ dir: path }) : sqliteStorage({ file: `${path}/store.db` })
}
