import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStorage } from '@segno/adapters/file'
import { memoryStorage } from '@segno/adapters/memory'
import { postgresStorage } from '@segno/adapters/postgres'
import { sqliteStorage, type SqliteStorage } from '@segno/adapters/sqlite'
import { memoryUnderTest, type DurableStorageUnderTest, type StorageUnderTest } from '@segno/core/testing'
import type { Storage } from '@segno/core'
import { afterAll, beforeAll, describe } from 'vitest'
import { freshSchema, storeAtRest } from '../postgres/virtual-clock.ts'
import { describeWithServer } from '../postgres/with-server.ts'

/** A storage of a test, whose clock stands still until it is advanced. */
export type StorageInTests = StorageUnderTest | DurableStorageUnderTest

/** A fresh store in real time, and how a process that has just begun sees it. */
export interface LiveStore {
  readonly storage: Storage
  reopen(): Promise<Storage>
}

/** What a group of tests is given. With each call, a store is fresh. */
export interface Stores {
  readonly name: 'memory' | 'file' | 'sqlite' | 'postgres'
  atRest(): Promise<StorageInTests>
  live(): Promise<LiveStore>
}

/** Defines the same tests for every storage there is: memory, files, SQLite and PostgreSQL. */
export function describeOnEachStorage(name: string, define: (stores: Stores) => void): void {
  describe(`${name} (memory)`, () => define(inMemory))
  describe(`${name} (file)`, () => define(inFolders(temporaryFolder())))
  describe(`${name} (sqlite)`, () => define(inDatabases(temporaryFolder())))
  describeWithServer(`${name} (postgres)`, (world) =>
    define({
      name: 'postgres',
      atRest: () => storeAtRest(world.pool),
      async live() {
        const options = { pool: world.pool, schema: freshSchema() }
        return { storage: postgresStorage(options), reopen: async () => postgresStorage(options) }
      },
    }),
  )
}

const inMemory: Stores = {
  name: 'memory',
  atRest: async () => memoryUnderTest(),
  async live() {
    const storage = memoryStorage()
    return { storage, reopen: async () => storage }
  },
}

/** A folder that is there for the tests of a group, and what has to be closed before it goes. */
interface TemporaryFolder {
  /** A path in it that nothing is at. */
  fresh(): string
  readonly closings: (() => Promise<void>)[]
}

function temporaryFolder(): TemporaryFolder {
  let root = ''
  let stores = 0
  const closings: (() => Promise<void>)[] = []
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'segno-stores-'))
  })
  afterAll(async () => {
    for (const close of closings) await close()
    await rm(root, { recursive: true, force: true })
  })
  return { fresh: () => join(root, `store-${(stores += 1)}`), closings }
}

function inFolders(folder: TemporaryFolder): Stores {
  return {
    name: 'file',
    async atRest() {
      let now = Date.UTC(2026, 0, 1)
      const dir = folder.fresh()
      const open = (skewMs = 0): Storage => fileStorage({ dir, now: () => now + skewMs })
      const advance = async (ms: number): Promise<void> => {
        now += ms
      }
      return { storage: open(), reopen: async (host) => open(host?.skewMs), advance, leaseMs: 30_000 }
    },
    async live() {
      const dir = folder.fresh()
      return { storage: fileStorage({ dir }), reopen: async () => fileStorage({ dir }) }
    },
  }
}

function inDatabases(folder: TemporaryFolder): Stores {
  const opened = (storage: SqliteStorage): SqliteStorage => {
    folder.closings.push(() => storage.close())
    return storage
  }
  return {
    name: 'sqlite',
    async atRest() {
      let now = Date.UTC(2026, 0, 1)
      const file = `${folder.fresh()}.db`
      const open = (skewMs = 0): Storage => opened(sqliteStorage({ file, now: () => now + skewMs }))
      const advance = async (ms: number): Promise<void> => {
        now += ms
      }
      return { storage: open(), reopen: async (host) => open(host?.skewMs), advance, leaseMs: 30_000 }
    },
    async live() {
      const file = `${folder.fresh()}.db`
      return { storage: opened(sqliteStorage({ file })), reopen: async () => opened(sqliteStorage({ file })) }
    },
  }
}
