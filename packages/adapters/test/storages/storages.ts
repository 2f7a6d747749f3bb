import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStorage } from '@segno/adapters/file'
import { sqliteStorage, type SqliteStorage } from '@segno/adapters/sqlite'
import { memoryUnderTest, type DurableStorageUnderTest, type StorageUnderTest } from '@segno/core/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import { storeAtRest } from '../postgres/virtual-clock.ts'
import { describeWithServer } from '../postgres/with-server.ts'

/** A storage of a test, whose clock stands still until it is advanced. */
export type StorageInTests = StorageUnderTest | DurableStorageUnderTest

/** What a group of tests is given: a storage of the kind it is about, fresh with each call. */
export type OpenStorage = () => Promise<StorageInTests>

/** Defines the same tests for every storage there is: memory, files, SQLite and PostgreSQL. */
export function describeOnEachStorage(name: string, define: (open: OpenStorage, storage: string) => void): void {
  describe(`${name} (memory)`, () => define(async () => memoryUnderTest(), 'memory'))
  withFolder(`${name} (file)`, 'file', define, (root, closed) => inFolder(root, closed))
  withFolder(`${name} (sqlite)`, 'sqlite', define, (root, closed) => inDatabase(root, closed))
  describeWithServer(`${name} (postgres)`, (world) => define(() => storeAtRest(world.pool), 'postgres'))
}

type Close = () => Promise<void>

function withFolder(
  name: string,
  storage: string,
  define: (open: OpenStorage, storage: string) => void,
  opener: (root: () => string, closed: Close[]) => OpenStorage,
): void {
  describe(name, () => {
    let root = ''
    const opened: Close[] = []
    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), `segno-${storage}-`))
    })
    afterAll(async () => {
      for (const close of opened) await close()
      await rm(root, { recursive: true, force: true })
    })
    define(
      opener(() => root, opened),
      storage,
    )
  })
}

function inFolder(root: () => string, _opened: Close[]): OpenStorage {
  let stores = 0
  return async () => {
    let now = Date.UTC(2026, 0, 1)
    const dir = join(root(), `store-${(stores += 1)}`)
    return {
      storage: fileStorage({ dir, now: () => now }),
      reopen: async (host) => fileStorage({ dir, now: () => now + (host?.skewMs ?? 0) }),
      advance: async (ms) => {
        now += ms
      },
      leaseMs: 30_000,
    }
  }
}

function inDatabase(root: () => string, opened: Close[]): OpenStorage {
  let stores = 0
  return async () => {
    let now = Date.UTC(2026, 0, 1)
    const file = join(root(), `store-${(stores += 1)}.db`)
    const open = (skewMs = 0): SqliteStorage => {
      const storage = sqliteStorage({ file, now: () => now + skewMs })
      opened.push(() => storage.close())
      return storage
    }
    return {
      storage: open(),
      reopen: async (host) => open(host?.skewMs),
      advance: async (ms) => {
        now += ms
      },
      leaseMs: 30_000,
    }
  }
}
