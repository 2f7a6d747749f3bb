import pg from 'pg'
import type { RunEvent } from '@segno/schema/plan'
import type { Journal, StoredRow } from './journal.ts'
import type { PostgresPlace } from './store-place.ts'

/** Reads the journals of a schema with plain SQL. */
export async function readPostgresJournals({ url, schema }: PostgresPlace): Promise<Journal[]> {
  return withDatabase(url, async (client) => {
    const all = async <Row>(sql: string): Promise<Row[]> => (await client.query(sql)).rows as Row[]
    const rows = await all<RunRecord>(`SELECT * FROM "${schema}".runs ORDER BY id`)
    const batches = await all<Batch>(
      `SELECT run, first_seq, last_seq, events FROM "${schema}".journal ORDER BY run, first_seq`,
    )
    const snapshots = await all<{ run: string }>(`SELECT run FROM "${schema}".snapshots`)
    const blobs = await all<{ run: string }>(`SELECT run FROM "${schema}".blobs`)
    const written = Map.groupBy(batches, ({ run }) => run)
    return rows.map((row) => ({
      runId: row.run_id,
      row: rowOf(row),
      written: (written.get(row.id) ?? []).flatMap(eventsOf).map((event) => ({ event })),
      hasSnapshot: snapshots.some(({ run }) => run === row.id),
      blobs: blobs.filter(({ run }) => run === row.id).length,
    }))
  })
}

/** All that a schema holds, as text. */
export async function postgresText({ url, schema }: PostgresPlace): Promise<string> {
  return withDatabase(url, async (client) => {
    const tables = await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = $1`, [schema])
    const texts: string[] = []
    for (const { tablename } of tables.rows as readonly { tablename: string }[]) {
      const { rows } = await client.query(`SELECT t::text AS text FROM "${schema}"."${tablename}" t`)
      texts.push(...(rows as readonly { text: string }[]).map(({ text }) => text))
    }
    return texts.join('\n')
  })
}

async function withDatabase<Value>(url: string, work: (client: pg.Client) => Promise<Value>): Promise<Value> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

// What is `bigint` there is a text here.
interface RunRecord {
  readonly id: string
  readonly run_id: string
  readonly status: string
  readonly head: string
  readonly wake_at: number | null
  readonly lease_expires_at: number | null
}

interface Batch {
  readonly run: string
  readonly first_seq: string
  readonly last_seq: string
  readonly events: string
}

function eventsOf({ events, first_seq: first, last_seq: last }: Batch): readonly RunEvent[] {
  const all = JSON.parse(events) as readonly RunEvent[]
  if (all[0]?.seq === Number(first) && all.at(-1)?.seq === Number(last)) return all
  throw new Error(`the batch from ${first} to ${last} holds other events: ${events.slice(0, 200)}`)
}

function rowOf({ status, head, wake_at: wakeAt, lease_expires_at: expiresAt }: RunRecord): StoredRow {
  return { status, head: Number(head), wakeAt, isHeld: expiresAt !== null }
}
