import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { Storage } from '@segno/core'
import { postgresStorage } from '../../src/postgres/index.ts'
import { sqliteStorage } from '../../src/sqlite/index.ts'
import { startServer } from '../postgres/server.ts'

/** A database with a store in it, that can be looked at past the store. */
export interface LookedAt {
  readonly storage: Storage
  /** Names of all tables, functions and the like, in order. */
  things(): Promise<readonly string[]>
  /** All that is kept, as text. */
  text(): Promise<string>
  close(): Promise<void>
}

/** A SQLite database in a folder of its own. */
export async function sqliteDatabase(): Promise<LookedAt> {
  const folder = await mkdtemp(join(tmpdir(), 'segno-nasty-'))
  const file = join(folder, 'segno.db')
  const storage = sqliteStorage({ file })
  const look = <Value>(work: (database: DatabaseSync) => Value): Value => {
    const database = new DatabaseSync(file, { readOnly: true })
    try {
      return work(database)
    } finally {
      database.close()
    }
  }
  const names = (database: DatabaseSync, type: string): string[] =>
    database
      .prepare('SELECT name FROM sqlite_schema WHERE type = ? OR ? = type ORDER BY name')
      .all(type, type)
      .map(({ name }) => String(name))
  return {
    storage,
    things: async () =>
      look((database) => ['table', 'index', 'trigger', 'view'].flatMap((type) => names(database, type))),
    text: async () =>
      look((database) =>
        names(database, 'table')
          .map((name) => JSON.stringify(database.prepare(`SELECT * FROM "${name}"`).all()))
          .join('\n'),
      ),
    async close() {
      await storage.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A schema of a PostgreSQL server of its own. */
export async function postgresDatabase(schema = 'segno'): Promise<LookedAt> {
  const server = await startServer()
  const storage = postgresStorage({ connectionString: server.url(), schema })
  const client = new pg.Client(server.url())
  await client.connect()
  const rows = async (sql: string): Promise<readonly Record<string, unknown>[]> => (await client.query(sql)).rows
  return {
    storage,
    async things() {
      const found =
        await rows(`SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') UNION ALL
        SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') UNION ALL SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' ORDER BY 1`)
      return found.map(({ name }) => String(name))
    },
    async text() {
      const tables = await rows(
        `SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
      )
      const texts: string[] = []
      for (const { schemaname, tablename } of tables) {
        const found = await rows(`SELECT t::text AS text FROM "${String(schemaname)}"."${String(tablename)}" t`)
        texts.push(...found.map(({ text }) => String(text)))
      }
      return texts.join('\n')
    },
    async close() {
      await storage.close()
      await client.end()
      await server.stop()
    },
  }
}
