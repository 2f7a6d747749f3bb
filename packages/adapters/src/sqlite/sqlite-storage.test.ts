import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  durableStorageLaws,
  storageLaws,
  transactionLaws,
  type TransactionalStorageUnderTest,
} from '@segno/core/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { sqliteStorage, type SqliteStorage } from './index.ts'

let root = ''
let stores = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'segno-sqlite-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** A law with a fresh database, whose handles are closed after it. */
async function withDatabase(law: (world: TransactionalStorageUnderTest) => Promise<void>): Promise<void> {
  const opened: SqliteStorage[] = []
  let now = Date.UTC(2026, 0, 1)
  const file = join(root, `store-${(stores += 1)}.db`)
  const open = (skewMs = 0): SqliteStorage => {
    const storage = sqliteStorage({ file, now: () => now + skewMs })
    opened.push(storage)
    return storage
  }
  inDatabase(file, (database) => database.exec('CREATE TABLE numbers (id TEXT PRIMARY KEY, n INTEGER) STRICT'))
  try {
    await law({
      storage: open(),
      reopen: async (host) => open(host?.skewMs),
      advance: async (ms) => {
        now += ms
      },
      leaseMs: 30_000,
      table: 'numbers',
      placeholder: () => '?',
      rows: async () => inDatabase(file, (database) => rowsOf(database)),
    })
  } finally {
    for (const storage of opened) await storage.close()
  }
}

function inDatabase<Value>(file: string, work: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(file, { timeout: 5_000 })
  try {
    return work(database)
  } finally {
    database.close()
  }
}

type Row = Awaited<ReturnType<TransactionalStorageUnderTest['rows']>>[number]

function rowsOf(database: DatabaseSync): Row[] {
  const rows = database.prepare('SELECT id, n FROM numbers ORDER BY id').all()
  return rows.map(({ id, n }) => ({ id: String(id), n: typeof n === 'number' ? n : null }))
}

describe('sqliteStorage keeps the laws', { timeout: 30_000 }, () => {
  test.for([...storageLaws, ...durableStorageLaws, ...transactionLaws])('$name', (law) =>
    withDatabase((world) => law.holds(world)),
  )
})
