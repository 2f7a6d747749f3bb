import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { durableStorageLaws, storageLaws, type DurableStorageUnderTest } from '@segno/core/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { sqliteStorage, type SqliteStorage } from './index.ts'

let root = ''
let stores = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'segno-sqlite-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** A law with a fresh database, whose handles are closed after it. */
async function withDatabase(law: (world: DurableStorageUnderTest) => Promise<void>): Promise<void> {
  const opened: SqliteStorage[] = []
  let now = Date.UTC(2026, 0, 1)
  const file = join(root, `store-${(stores += 1)}.db`)
  const open = (skewMs = 0): SqliteStorage => {
    const storage = sqliteStorage({ file, now: () => now + skewMs })
    opened.push(storage)
    return storage
  }
  try {
    await law({
      storage: open(),
      reopen: async (host) => open(host?.skewMs),
      advance: async (ms) => {
        now += ms
      },
      leaseMs: 30_000,
    })
  } finally {
    for (const storage of opened) await storage.close()
  }
}

describe('sqliteStorage keeps the laws', { timeout: 30_000 }, () => {
  test.for([...storageLaws, ...durableStorageLaws])('$name', (law) => withDatabase((world) => law.holds(world)))
})
