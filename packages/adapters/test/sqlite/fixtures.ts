import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach } from 'vitest'
import { sqliteStorage, type SqliteStorage } from '../../src/sqlite/index.ts'

/** Databases of one test file, each new, and closed after its test. */
export function databases(): { path(): string; open(file: string): SqliteStorage } {
  const root = mkdtempSync(join(tmpdir(), 'segno-sqlite-'))
  let opened: SqliteStorage[] = []
  let made = 0
  afterEach(async () => {
    for (const storage of opened) await storage.close()
    opened = []
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  return {
    path: () => join(root, `${(made += 1)}.db`),
    open(file) {
      const storage = sqliteStorage({ file })
      opened.push(storage)
      return storage
    },
  }
}

/** Does something with a database, as an administrator does. */
export function inDatabase<Value>(file: string, work: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(file, { timeout: 5_000 })
  try {
    return work(database)
  } finally {
    database.close()
  }
}
