import { readFileSync } from 'node:fs'
import { StorageFault, type AppendRequest, type Storage } from '@segno/core'
import { postgresStorage, type PostgresClient, type PostgresPool } from '@segno/adapters/postgres'
import pg from 'pg'
import { expect, test } from 'vitest'
import { freshSchema, storeAtRest } from './virtual-clock.ts'
import { describeWithServer } from './with-server.ts'

const count = 100
const ids = Array.from({ length: count }, (_, index) => `run-${String(index).padStart(3, '0')}`)

function event(runId: string, seq: number) {
  return { seq, v: 1, at: 0, runId, type: 'step.completed', path: `s-${seq}` } as const
}

function create(storage: Storage, runId: string): ReturnType<Storage['createRun']> {
  const labels = { quote: `a "b" \\ {c,d}`, id: runId }
  const run = { runId, incarnation: 'i', workflow: 'w', plan: 'p', labels }
  const claim = { owner: 'o', ttlMs: 30_000 }
  return storage.createRun(
    run,
    { events: [event(runId, 1)], status: 'running', wakeAt: null },
    { inputHash: 'i', claim },
  )
}

function batch(runId: string, more: Partial<AppendRequest> = {}): AppendRequest {
  const written = { expectedSeq: 1, batchId: 'b', events: [event(runId, 2)], status: 'running', wakeAt: null } as const
  return { runId, incarnation: 'i', token: 1, ...written, ...more }
}

describeWithServer('what many runs write at a time', (world) => {
  const quoted = (schema: string): string => `"${schema.replaceAll('"', '""')}"`

  async function heads(storage: Storage): Promise<readonly (number | undefined)[]> {
    return Promise.all(ids.map(async (runId) => (await storage.row(runId))?.head))
  }

  test('is few transactions, and each hears what became of it', async () => {
    const schema = freshSchema()
    const { storage } = await storeAtRest(world.pool, schema)
    const created = await Promise.all(ids.map((runId) => create(storage, runId)))
    expect(created.map(({ outcome }) => outcome)).toEqual(ids.map(() => 'created'))
    const wrong: Partial<Record<string, Partial<AppendRequest>>> = {
      [ids[3] ?? '']: { token: 2 },
      [ids[50] ?? '']: { expectedSeq: 3, events: [event(ids[50] ?? '', 4)] },
      [ids[99] ?? '']: { incarnation: 'another' },
    }
    const outcomes = await Promise.all(ids.map((runId) => storage.append(batch(runId, wrong[runId]))))
    const expected = ids.map((runId) => ({ [ids[3] ?? '']: 'fenced', [ids[50] ?? '']: 'conflict' })[runId] ?? 'ok')
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(expected.with(99, 'gone'))
    expect(await heads(storage)).toEqual(ids.map((_, index) => ([3, 50, 99].includes(index) ? 1 : 2)))
    const { rows } = await world.pool.query(`
      SELECT count(DISTINCT xmin::text) FILTER (WHERE first_seq = 1)::int AS creations,
        count(DISTINCT xmin::text) FILTER (WHERE first_seq = 2)::int AS appends FROM ${quoted(schema)}.journal`)
    expect(Math.max(rows[0].creations, rows[0].appends)).toBeLessThan(10)
    const labelled = await storage.list({ labels: { quote: `a "b" \\ {c,d}`, id: ids[7] ?? '' } }, { limit: 5 })
    expect(labelled.runs.map(({ runId }) => runId)).toEqual([ids[7]])
  })

  test('is not taken down by one of it that the server refuses', async () => {
    const { storage } = await storeAtRest(world.pool)
    await Promise.all(ids.map((runId) => create(storage, runId)))
    const asked = ids.map((runId, index) => storage.append(batch(runId, index === 42 ? { token: 1.5 } : {})))
    const told = await Promise.all(asked.map((answer) => answer.catch((error: unknown) => error)))
    expect(told[42]).toBeInstanceOf(StorageFault)
    expect(told[42]).toMatchObject({ code: 'VALUE_UNSUPPORTED', ambiguous: false })
    expect(await heads(storage)).toEqual(ids.map((_, index) => (index === 42 ? 1 : 2)))
  })

  test('is told to all of it where there is no connection, and nothing was sent', async () => {
    const storage = postgresStorage({ connectionString: 'postgres://127.0.0.1:1/none' })
    const told = await Promise.all(
      ids.map((runId) => storage.append(batch(runId)).catch((error: unknown) => error as StorageFault)),
    )
    expect(told.map((fault) => 'ambiguous' in fault && fault.ambiguous)).toEqual(ids.map(() => false))
    await storage.close()
  })

  test('is written behind a pool whose connections are shared out by transaction', async () => {
    const schema = freshSchema()
    const { storage: owners } = await storeAtRest(world.pool, schema)
    const pool = new pg.Pool({ connectionString: world.server.url(), max: 2 })
    const forgetful = poolThat(pool, (client) => client.query({ text: 'DEALLOCATE ALL' }))
    const storage = postgresStorage({ pool: forgetful, schema })
    for (const runId of ids.slice(0, 5)) await create(storage, runId)
    for (const runId of ids.slice(0, 5)) expect((await storage.append(batch(runId))).outcome).toBe('ok')
    expect((await heads(owners)).slice(0, 6)).toEqual([2, 2, 2, 2, 2, undefined])
    await pool.end()
  })

  test('is written where somebody else has told the server process to keep a statement of that name', async () => {
    const schema = freshSchema()
    const { storage: owners } = await storeAtRest(world.pool, schema)
    const pool = new pg.Pool({ connectionString: world.server.url(), max: 2 })
    const names = new Set<string>()
    const storage = postgresStorage({ schema, pool: poolThat(pool, (client) => namesOf(client, names)) })
    for (const runId of ids.slice(0, 2)) await create(storage, runId)
    for (const runId of ids.slice(0, 2)) expect((await storage.append(batch(runId))).outcome).toBe('ok')
    expect(names.size).toBeGreaterThan(0)
    await pool.end()
    const others = new pg.Pool({ connectionString: world.server.url(), max: 1 })
    const taken = new WeakSet<PostgresClient>()
    const beaten = poolThat(others, async (client) => {
      if (taken.has(client)) return
      taken.add(client)
      for (const name of names) await client.query({ text: `PREPARE "${name}" AS SELECT 'other'` })
    })
    const third = postgresStorage({ schema, pool: beaten })
    await create(third, ids[2] ?? '')
    expect((await third.append(batch(ids[2] ?? ''))).outcome).toBe('ok')
    expect((await heads(owners)).slice(0, 3)).toEqual([2, 2, 2])
    await others.end()
  })

  test('tables of version 1 are brought forward with what is in them', async () => {
    const schema = 'of_version_1'
    await world.pool.query(readFileSync(new URL('tables-of-version-1.sql', import.meta.url), 'utf8'))
    const events = (seq: number): string => JSON.stringify([event('run', seq)])
    await world.pool.query(`SELECT ${schema}.create_run('run', 'i', 'w', 'p', '{"a":"b"}', ARRAY['["a","b"]'],
      NULL, NULL, NULL, 'i', 'running', NULL, 1, '${events(1)}', NULL, NULL, 'o', 1e9)`)
    const remembered = JSON.stringify({ expectedSeq: 1, n: 1, status: 'running', wakeAt: null, consume: [] })
    await world.pool
      .query(`SELECT ${schema}.append('run', 'i', 1, 1, 'b', '${remembered}', 1, '${events(2)}', 'running',
      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL)`)
    const storage = postgresStorage({ pool: world.pool, schema })
    expect((await storage.append(batch('run'))).outcome).toBe('duplicate')
    for (const [seq, batchId] of [
      [3, 'c'],
      [4, 'd'],
    ] as const) {
      const next = batch('run', { expectedSeq: seq - 1, batchId, events: [event('run', seq)] })
      expect((await storage.append(next)).outcome).toBe('ok')
      expect((await storage.append(next)).outcome).toBe('duplicate')
    }
    const read = []
    for await (const page of storage.read('run', 1)) read.push(...page)
    expect(read).toEqual([1, 2, 3, 4].map((seq) => event('run', seq)))
    expect((await storage.list({ labels: { a: 'b' } }, { limit: 5 })).runs).toHaveLength(1)
    const { rows } = await world.pool.query(`SELECT version FROM ${schema}.version`)
    expect(rows).toEqual([{ version: 2 }])
  })
})

function poolThat(pool: pg.Pool, first: (client: PostgresClient) => Promise<unknown>): PostgresPool {
  return {
    async connect() {
      const client = await pool.connect()
      await first(client)
      return client
    },
  }
}

async function namesOf(client: PostgresClient, names: Set<string>): Promise<void> {
  const { rows } = await client.query({ text: 'SELECT name FROM pg_prepared_statements', rowMode: 'array' })
  for (const row of rows) if (Array.isArray(row)) names.add(String(row[0]))
}
