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

  test('ends, goes on and is refused in one group as it is alone', async () => {
    const { storage } = await storeAtRest(world.pool)
    await Promise.all(ids.map((runId) => create(storage, runId)))
    const requests = ids.map((runId, index): AppendRequest => {
      const end = { seq: 2, v: 1, at: 0, runId, type: 'run.completed' } as const
      const kinds = [
        {},
        { status: 'completed', events: [end] },
        { wakeAt: 7, status: 'waiting' },
        { token: 3 },
      ] as const
      return batch(runId, kinds[index % 4])
    })
    const asked = requests.map((request) => storage.append(request))
    const outcomes = (await Promise.all(asked)).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(ids.map((_, index) => (index % 4 === 3 ? 'fenced' : 'ok')))
    const again = await Promise.all(requests.map((request) => storage.append(request)))
    expect(again.map(({ outcome }) => outcome)).toEqual(
      ids.map((_, index) => (index % 4 === 3 ? 'fenced' : 'duplicate')),
    )
    const rows = await Promise.all(ids.slice(0, 4).map((runId) => storage.row(runId)))
    expect(rows.map((row) => [row?.status, row?.wakeAt, row?.head, row?.holder?.owner])).toEqual([
      ['running', null, 2, 'o'],
      ['completed', null, 2, undefined],
      ['waiting', 7, 2, 'o'],
      ['running', null, 1, 'o'],
    ])
    const reused = batch(ids[0] ?? '', { expectedSeq: 2, events: [event(ids[0] ?? '', 3)] })
    const told = await Promise.all(
      [reused, batch(ids[2] ?? '', { expectedSeq: 2, batchId: 'c', events: [event(ids[2] ?? '', 3)] })].map((request) =>
        storage.append(request).catch((error: unknown) => error),
      ),
    )
    expect(told[0]).toMatchObject({ code: 'BATCH_REUSED' })
    expect(told[1]).toMatchObject({ outcome: 'ok' })
  })

  test('looks each run up by its name, however few runs there were when its plan was made', async () => {
    const schema = freshSchema()
    const pool = new pg.Pool({ connectionString: world.server.url(), max: 1 })
    const { storage } = await storeAtRest(pool, schema)
    const [first = '', second = ''] = ids
    await Promise.all([first, second].map((runId) => create(storage, runId)))
    await pool.query(`ANALYZE ${quoted(schema)}.runs`)
    await Promise.all([first, second].map((runId) => storage.append(batch(runId))))
    await Promise.all(ids.slice(2).map((runId) => create(storage, runId)))
    const seen = `SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()`
    const scans = `SELECT seq_scan::int AS scans FROM pg_stat_user_tables WHERE schemaname = $1 AND relname = 'runs'`
    await pool.query(seen)
    const before = (await pool.query(scans, [schema])).rows
    await Promise.all(ids.slice(2).map((runId) => storage.append(batch(runId))))
    await pool.query(seen)
    expect((await pool.query(scans, [schema])).rows).toEqual(before)
    await pool.end()
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

  test.for([
    [1, ''],
    [2, ', NULL'],
  ] as const)('tables of version %i are brought forward with what is in them', async ([version, process]) => {
    const schema = `of_version_${version}`
    await world.pool.query(readFileSync(new URL(`tables-of-version-${version}.sql`, import.meta.url), 'utf8'))
    const events = (seq: number): string => JSON.stringify([event('run', seq)])
    await world.pool.query(`SELECT ${schema}.create_run('run', 'i', 'w', 'p', '{"a":"b"}', ARRAY['["a","b"]'],
      NULL, NULL, NULL, 'i', 'running', NULL, 1, '${events(1)}', ${version === 1 ? 'NULL, NULL, ' : ''}'o', 1e9${process})`)
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
    expect(rows).toEqual([{ version: 3 }])
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
