import type { DurableStorageUnderTest } from '@segno/core/testing'
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
export async function storeAtRest(pool: Pool, schemaName = freshSchema()): Promise<DurableStorageUnderTest> {
  const storage = postgresStorage({ pool, schema: schemaName })
  await storage.getPlan('none')
  const schema = `"${schemaName.replaceAll('"', '""')}"`
  await pool.query(`
    CREATE TABLE ${schema}.test_clock (ms float8 NOT NULL);
    INSERT INTO ${schema}.test_clock VALUES (${Date.UTC(2026, 0, 1)});
    CREATE OR REPLACE FUNCTION ${schema}.now_ms() RETURNS float8 LANGUAGE sql VOLATILE AS
      $$ SELECT ms FROM ${schema}.test_clock $$`)
  return {
    storage,
    reopen: async () => postgresStorage({ pool, schema: schemaName }),
    async advance(ms) {
      await pool.query(`UPDATE ${schema}.test_clock SET ms = ms + $1`, [ms])
    },
    leaseMs: 30_000,
  }
}
