import { StorageFault } from '@segno/core'
import { askOn, withClient, type PostgresClient, type PostgresPool } from './connection.ts'
import { faultOf } from './faults.ts'
import { migrations, quoted } from './schema.ts'

/**
 * Brings the tables of a schema to the version that this adapter knows, or makes
 * them: forward only. A newer version is refused. Many processes may do it at once.
 */
export async function migrate(pool: PostgresPool, schemaName: string): Promise<void> {
  const schema = quoted(schemaName)
  const steps = migrations(schema)
  await withClient(pool, async (client) => {
    if (isCurrent(await versionOf(client, schema), steps.length, schema)) return
    await run(client, 'BEGIN')
    try {
      // Held until the end of the transaction: of those who begin at once one makes the tables, and the others find them.
      const lock = `SELECT pg_advisory_xact_lock(hashtextextended('segno ' || $1, 0))::text`
      await askOn(client, { text: lock, values: [schemaName], writes: false })
      const version = await versionOf(client, schema)
      if (!isCurrent(version, steps.length, schema)) await bringForward(client, schema, version)
    } catch (error) {
      await run(client, 'ROLLBACK').catch(() => undefined)
      throw error
    }
    await run(client, 'COMMIT')
  })
}

async function bringForward(client: PostgresClient, schema: string, version: number): Promise<void> {
  if (version === 0) {
    const text = `SELECT (to_regnamespace($1) IS NULL)::text`
    // Asked first: to make a schema takes a privilege, also where it is there.
    if ((await askOn(client, { text, values: [schema], writes: false })) === 'true')
      await run(client, `CREATE SCHEMA ${schema}`)
    await run(client, `CREATE TABLE ${schema}.version (version integer NOT NULL)`)
    await run(client, `INSERT INTO ${schema}.version VALUES (0)`)
  }
  const steps = migrations(schema)
  for (const step of steps.slice(version)) await run(client, step)
  await run(client, `UPDATE ${schema}.version SET version = ${steps.length}`)
}

/** The version of the tables; 0 where there are none. */
async function versionOf(client: PostgresClient, schema: string): Promise<number> {
  const there = `SELECT (to_regclass($1) IS NOT NULL)::text`
  if ((await askOn(client, { text: there, values: [`${schema}.version`], writes: false })) !== 'true') return 0
  const version = `SELECT version::text FROM ${schema}.version`
  return Number((await askOn(client, { text: version, values: [], writes: false })) ?? 0)
}

function isCurrent(version: number, known: number, schema: string): boolean {
  if (version <= known) return version === known
  const message = `The tables in ${schema} are of version ${version}, and this version of Segno knows up to ${known}.`
  throw new StorageFault('JOURNAL_FORMAT', message, { ambiguous: false })
}

async function run(client: PostgresClient, text: string): Promise<void> {
  try {
    await client.query({ text })
  } catch (error) {
    throw faultOf(error, { wrote: false })
  }
}
