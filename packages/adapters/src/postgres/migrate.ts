import { StorageFault } from '@segno/core'
import { askOn, askRowsOn, causeOf, withClient, type PostgresClient, type PostgresPool } from './connection.ts'
import { faultOf, sqlState } from './faults.ts'
import { functions, migrations, quoted } from './schema.ts'

/**
 * Brings the tables of a schema to the version that this adapter knows, or makes
 * them: forward only. A newer version is refused. Many processes may do it at once. Tells of the processes
 * that hold leases there, of those that began in the start `boot` of their system.
 */
export async function migrate(
  pool: PostgresPool,
  { schemaName, boot }: { readonly schemaName: string; readonly boot: string | null },
): Promise<readonly string[]> {
  const schema = quoted(schemaName)
  const steps = migrations(schema)
  return withClient(pool, async (client) => {
    const holders = await holdersIn(client, { schema, boot, version: steps.length })
    if (holders !== undefined) return holders
    await makeOrBringForward(client, schemaName)
    return (await holdersIn(client, { schema, boot, version: steps.length })) ?? []
  })
}

async function makeOrBringForward(client: PostgresClient, schemaName: string): Promise<void> {
  const schema = quoted(schemaName)
  const steps = migrations(schema)
  if (isCurrent(await versionOf(client, schemaName), steps.length, schema)) return
  await run(client, 'BEGIN ISOLATION LEVEL READ COMMITTED')
  try {
    // Held until the end of the transaction: of those who begin at once one makes the tables, and the others find them.
    const lock = `SELECT pg_advisory_xact_lock(hashtextextended('segno ' || $1, 0))::text`
    await askOn(client, { text: lock, values: [schemaName], writes: false })
    const version = await versionOf(client, schemaName)
    if (!isCurrent(version, steps.length, schema)) await bringForward(client, schemaName, version)
  } catch (error) {
    await run(client, 'ROLLBACK').catch(() => undefined)
    throw error
  }
  await run(client, 'COMMIT')
}

// One question where all is as it is nearly always; `undefined` where the tables are others, or none.
async function holdersIn(client: PostgresClient, wanted: Wanted): Promise<readonly string[] | undefined> {
  const { schema, boot, version } = wanted
  const text = `SELECT version::text, (SELECT json_agg(identity)::text FROM ${schema}.processes WHERE boot = $1) FROM ${schema}.version`
  try {
    const [row] = await askRowsOn(client, { text, values: [boot], writes: false })
    return Number(row?.[0]) === version ? JSON.parse(row?.[1] ?? '[]') : undefined
  } catch (error) {
    const state = sqlState(causeOf(error))
    if (state?.startsWith('42') === true || state === '3F000') return undefined
    throw error
  }
}

interface Wanted {
  readonly schema: string
  readonly boot: string | null
  readonly version: number
}

/** Whether the tables are there; throws where the server cannot be reached, or where they are of a newer version. Makes nothing. */
export async function tablesThere(pool: PostgresPool, schemaName: string): Promise<boolean> {
  return withClient(pool, async (client) => {
    const version = await versionOf(client, schemaName)
    isCurrent(version, migrations(quoted(schemaName)).length, quoted(schemaName))
    return version > 0
  })
}

async function bringForward(client: PostgresClient, schemaName: string, version: number): Promise<void> {
  const schema = quoted(schemaName)
  if (version === 0) {
    const text = `SELECT (count(*) = 0)::text FROM pg_catalog.pg_namespace WHERE nspname = $1`
    // Asked first: to make a schema takes a privilege, also where it is there.
    if ((await askOn(client, { text, values: [schemaName], writes: false })) === 'true')
      await run(client, `CREATE SCHEMA ${schema}`)
    await run(client, `CREATE TABLE ${schema}.version (version integer NOT NULL)`)
    await run(client, `INSERT INTO ${schema}.version VALUES (0)`)
  }
  const steps = migrations(schema)
  for (const step of steps.slice(version)) await run(client, step)
  await run(client, functions(schema))
  await run(client, `UPDATE ${schema}.version SET version = ${steps.length}`)
}

/** The version of the tables; 0 where there are none. */
async function versionOf(client: PostgresClient, schemaName: string): Promise<number> {
  // Asked of the catalog itself: `to_regclass` may answer from what this connection knew before it waited for the lock.
  const there = `SELECT count(*)::text FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'version'`
  if ((await askOn(client, { text: there, values: [schemaName], writes: false })) === '0') return 0
  const version = `SELECT version::text FROM ${quoted(schemaName)}.version`
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
