import { setTimeout } from 'node:timers/promises'
import type { TransactionalStorageUnderTest } from '@segno/core/testing'
import { postgresStorage } from '@segno/adapters/postgres'
import type { Pool } from 'pg'

let schemas = 0

/** The name of a schema that no other test of this process uses. */
export function freshSchema(): string {
  return `Test "${process.pid}" ${(schemas += 1)}`
}

/**
 * A store in a schema of its own, whose clock stands still until it is advanced: the
 * function by which the store tells the time reads a table.
 */
export async function storeAtRest(pool: Pool, schemaName = freshSchema()): Promise<TransactionalStorageUnderTest> {
  const world = await storeInRealTime(pool, schemaName)
  const schema = quotedName(schemaName)
  await pool.query(`
    CREATE TABLE ${schema}.test_clock (ms float8 NOT NULL);
    INSERT INTO ${schema}.test_clock VALUES (${Date.UTC(2026, 0, 1)});
    CREATE OR REPLACE FUNCTION ${schema}.now_ms() RETURNS float8 LANGUAGE sql VOLATILE AS
      $$ SELECT ms FROM ${schema}.test_clock $$`)
  return {
    ...world,
    async advance(ms) {
      await pool.query(`UPDATE ${schema}.test_clock SET ms = ms + $1`, [ms])
    },
    leaseMs: 30_000,
  }
}

/** A store in a schema of its own, by the clock of the server. */
export async function storeInRealTime(pool: Pool, schemaName = freshSchema()): Promise<TransactionalStorageUnderTest> {
  const storage = postgresStorage({ pool, schema: schemaName })
  // Whatever is asked first makes the tables.
  await storage.getPlan('none')
  const table = `${quotedName(schemaName)}.numbers`
  await pool.query(`CREATE TABLE ${table} (id text PRIMARY KEY, n integer)`)
  return {
    storage,
    reopen: async () => postgresStorage({ pool, schema: schemaName }),
    advance: (ms) => setTimeout(ms),
    leaseMs: 2_000,
    table,
    placeholder: (index) => `$${index}`,
    rows: async () => (await pool.query(`SELECT id, n FROM ${table} ORDER BY id`)).rows,
  }
}

function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
