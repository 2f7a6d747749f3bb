import { memoryStorage, type MemoryStorageOptions } from '../runtime/memory-storage.ts'
import type { Storage } from '../ports/storage.ts'

/** A fresh storage, with a hand on its clock: what a law of the storage port is given. */
export interface StorageUnderTest {
  readonly storage: Storage
  /**
   * Makes at least `ms` pass by the store's clock: sets the clock where it can be
   * set, waits where it cannot.
   */
  advance(ms: number): Promise<void>
  /**
   * How long a lease of a law is. Longer than a law needs for its work, and with a
   * clock that cannot be set short enough to wait for: a law waits for a few.
   */
  readonly leaseMs: number
}

/** A fresh storage that outlives its process: what a law of such storages is given. */
export interface DurableStorageUnderTest extends StorageUnderTest {
  /**
   * The same store as a process sees it that has just begun. `storage` and what was
   * opened before may be used on, as by processes that are still alive. With
   * `skewMs`, the clock of that process's host is so far off, where the store goes
   * by it.
   */
  reopen(host?: { readonly skewMs: number }): Promise<Storage>
}

/** A fresh storage with a table of a user in its database: what a law of transactions is given. */
export interface TransactionalStorageUnderTest extends DurableStorageUnderTest {
  /** The name of an empty table with the columns `id`, a text that is its key, and `n`, a whole number or nothing. */
  readonly table: string
  /** What stands for a bound value, counted from 1: `?`, or `$1`. */
  placeholder(index: number): string
  /** The rows of the table by their ids, as another connection sees them. */
  rows(): Promise<readonly { readonly id: string; readonly n: number | null }[]>
}

/** A memory storage whose clock stands still until it is advanced. */
export function memoryUnderTest(options: Omit<MemoryStorageOptions, 'now'> = {}): StorageUnderTest {
  let now = Date.UTC(2026, 0, 1)
  return {
    storage: memoryStorage({ ...options, now: () => now }),
    advance: async (ms) => {
      now += ms
    },
    leaseMs: 30_000,
  }
}
