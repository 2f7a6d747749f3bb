import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { StorageFault, type Storage } from '@segno/core'
import { storageLaws } from '@segno/core/testing'
import { postgresStorage } from '@segno/adapters/postgres'
import pg from 'pg'
import { expect, test } from 'vitest'
import { cuttingProxy, type Cut } from './proxy.ts'
import { freshSchema, storeAtRest, storeInRealTime } from './virtual-clock.ts'
import { describeWithServer } from './with-server.ts'

const claim = { inputHash: 'i', claim: { owner: 'o', ttlMs: 30_000 } }

describeWithServer('postgresStorage', (world) => {
  const quoted = (schema: string): string => `"${schema.replaceAll('"', '""')}"`

  async function withPool<Value>(config: pg.PoolConfig, work: (pool: pg.Pool) => Promise<Value>): Promise<Value> {
    const pool = new pg.Pool({ connectionString: world.server.url(), ...config })
    pool.on('error', () => undefined)
    try {
      return await work(pool)
    } finally {
      await pool.end()
    }
  }

  test('twenty hosts that open a new schema at once make its tables once', async () => {
    const schema = freshSchema()
    const storages = Array.from({ length: 20 }, () =>
      postgresStorage({ connectionString: world.server.url(), connectionsMax: 1, schema }),
    )
    const pages = await Promise.all(storages.map((storage) => storage.list({}, { limit: 1 })))
    expect(pages).toEqual(storages.map(() => ({ runs: [] })))
    await Promise.all(storages.map((storage) => storage.close()))
  })

  test('tables of a newer version are refused, and left as they are', async () => {
    const schema = freshSchema()
    await storeInRealTime(world.pool, schema)
    await world.pool.query(`UPDATE ${quoted(schema)}.version SET version = 1000`)
    const storage = postgresStorage({ pool: world.pool, schema })
    await expect(storage.row('run')).rejects.toMatchObject({ code: 'JOURNAL_FORMAT', ambiguous: false })
    const { rows } = await world.pool.query(`SELECT version FROM ${quoted(schema)}.version`)
    expect(rows).toEqual([{ version: 1000 }])
  })

  test.for(['', 'a$$; DROP TABLE x', 'a\0b', 'ä'.repeat(32)])('%j cannot be the name of a schema', (schema) => {
    expect(() => postgresStorage({ pool: world.pool, schema })).toThrow(
      expect.objectContaining({ code: 'ARGUMENT_INVALID' }),
    )
  })

  test('a run comes with its plan and its journal where the plan is asked for', async () => {
    const { storage } = await storeInRealTime(world.pool, freshSchema())
    const definition = { segno: 1, name: 'w', steps: [{ id: 'nap', sleep: '1s' }] } as const
    await create(storage, 'run')
    expect(await storage.load('run', { withPlan: true })).not.toHaveProperty('definition')
    await storage.putPlan('p', definition)
    expect(await storage.load('run')).not.toHaveProperty('definition')
    const loaded = await storage.load('run', { withPlan: true })
    expect(loaded?.definition).toEqual(definition)
    expect(loaded?.row).toEqual(await storage.row('run'))
    expect(await gathered(loaded?.tail ?? storage.read('run', 2))).toEqual([event('run', 1)])
  })

  const looks: readonly [name: string, among: Partial<Parameters<Storage['acquire']>[0]>][] = [
    ['all', {}],
    ['some', { workflows: ['w'], except: { runIds: ['run-8'], plans: ['q'] } }],
  ]
  test.for(looks)(
    'looking for work among %s runs reads what is due, and not what is held or waits',
    async ([, among]) => {
      const schema = freshSchema()
      await storeAtRest(world.pool, schema)
      const runs = `${quoted(schema)}.runs`
      // Before there are statistics too: nobody makes them here.
      await world.pool.query(`ALTER TABLE ${runs} SET (autovacuum_enabled = off)`)
      await world.pool.query(`INSERT INTO ${runs} (run_id, incarnation, workflow, plan, labels, label_pairs,
        input_hash, status, head, created_at, updated_at, token, lease_expires_at, due_at)
      SELECT 'run-' || n, 'i', 'w', 'p', '{}', '{}', 'i', 'running', 1, 0, 0, 1,
        CASE WHEN n % 2 = 0 THEN 1e15 END, CASE WHEN n % 2 = 0 THEN 1e15 WHEN n % 5 = 0 THEN 2e15 END
      FROM generate_series(1, 20000) AS n`)
      await withPool({ max: 1 }, async (pool) => {
        const storage = postgresStorage({ pool, schema })
        await storage.getPlan('none')
        const found = async () => {
          // What the statements of a transaction have read is counted in it.
          await pool.query('BEGIN')
          const answer = await storage.acquire({ owner: 'o', ttlMs: 1_000, limit: 5, ...among })
          const { rows } =
            await pool.query(`SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_xact_user_tables
          WHERE relid = '${runs}'::regclass`)
          await pool.query('COMMIT')
          return { read: Number(rows[0]?.read), runIds: answer.runs.map(({ row }) => row.runId) }
        }
        const none = await found()
        await world.pool.query(`UPDATE ${runs} SET due_at = id WHERE id % 1000 = 7`)
        await world.pool.query(`ANALYZE ${runs}`)
        const some = await found()
        expect({ none: none.runIds, some: some.runIds }).toEqual({
          none: [],
          some: ['run-7', 'run-1007', 'run-2007', 'run-3007', 'run-4007'],
        })
        expect(none.read).toBeLessThan(5)
        expect(some.read).toBeLessThan(25)
      })
    },
  )

  test('a write whose connection is cut is in doubt, a look is not, and without a connection nothing is', async () => {
    let fate: Cut = 'unsent'
    const schema = freshSchema()
    await storeInRealTime(world.pool, schema)
    const proxy = await cuttingProxy({ serverPort: world.server.port, isWrite: () => true, decide: () => fate })
    const faults = async (port: number, isWarm: boolean): Promise<unknown[]> =>
      withPool({ connectionString: `postgres://postgres@127.0.0.1:${port}/postgres` }, async (pool) => {
        const storage = postgresStorage({ pool, schema })
        fate = 'none'
        if (isWarm) await storage.row('run')
        fate = 'unsent'
        const found = []
        for (const call of callsOn(storage)) found.push(await call().catch((error: unknown) => faultIn(error)))
        return found
      })
    const code = 'STORAGE_UNAVAILABLE'
    const inDoubt = { code, ambiguous: true }
    const sure = { code, ambiguous: false }
    expect(await faults(proxy.port, true)).toEqual([sure, sure, ...Array.from({ length: 7 }, () => inDoubt)])
    await proxy.close()
    expect(await faults(proxy.port, false)).toEqual(Array.from({ length: 9 }, () => sure))
  })

  test('what others were in the way of is tried again', async () => {
    const schema = freshSchema()
    const { storage } = await storeAtRest(world.pool, schema)
    await create(storage, 'run')
    await withPool({ options: '-c default_transaction_isolation=serializable', max: 3 }, async (pool) => {
      const strict = postgresStorage({ pool, schema })
      const all = Array.from({ length: 30 }, (_, n) =>
        strict.deliver('run', { id: `${n % 10}`, name: 'x', payload: n }),
      )
      const outcomes = (await Promise.all(all)).map(({ outcome }) => outcome)
      expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(10)
    })
  })

  // As behind a PgBouncer that shares connections out by transaction: a statement finds nothing of the one before.
  const someLaws = storageLaws.filter((_, index) => index % 9 === 3)
  test.for(someLaws)('with a new connection for each statement: $name', async (law) => {
    await withPool({ maxUses: 1 }, async (pool) => law.holds(await storeAtRest(pool)))
  })

  test('a database that acknowledges what is not on the disk is told not to', async () => {
    const schema = freshSchema()
    const { storage } = await storeAtRest(world.pool, schema)
    await create(storage, 'run')
    await withPool({ options: '-c synchronous_commit=off', max: 1 }, async (pool) => {
      for (const call of [
        `deliver('run', 'a', '{}')`,
        `acquire('o', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
      ]) {
        await pool.query('BEGIN')
        await pool.query(`SELECT ${quoted(schema)}.${call}`)
        expect((await pool.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: 'on' }])
        await pool.query('ROLLBACK')
        expect((await pool.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: 'off' }])
      }
    })
    for (const [setting, written] of [
      ['off', 0],
      ['on', 1],
    ] as const) {
      await withPool({ options: `-c synchronous_commit=${setting}`, max: 1 }, async (pool) => {
        const values = `'{run}', '{i}', '{1}', '{1}', '{b}', '{x}', '{1}', '{y}', '{running}', '{NULL}'`
        const { rows } = await pool.query(`SELECT * FROM ${quoted(schema)}.append_many(${values})`)
        expect(rows).toHaveLength(written)
      })
    }
  })

  test('a role that may only read and write rows can do all but make the tables', async () => {
    const schema = freshSchema()
    const name = quoted(schema)
    const { storage: owners } = await storeInRealTime(world.pool, schema)
    // As the documentation says, with the name of this schema.
    const granted = docsBlock('sql').replaceAll('SCHEMA segno', `SCHEMA ${name}`).replaceAll('segno.', `${name}.`)
    await world.pool.query(`CREATE ROLE worker LOGIN; ${granted}`)
    await withPool(
      { user: 'worker', connectionString: world.server.url().replace('postgres@', 'worker@') },
      async (pool) => {
        const storage = postgresStorage({ pool, schema })
        await create(storage, 'run')
        expect((await storage.deliver('run', { id: 'a', name: 'x', payload: null })).outcome).toBe('accepted')
        expect((await storage.append(batch('run'))).outcome).toBe('ok')
        expect(await storage.delete('run')).toBe(true)
        const elsewhere = postgresStorage({ pool, schema: freshSchema() })
        await expect(elsewhere.row('run')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', ambiguous: false })
      },
    )
    expect(await owners.row('run')).toBeUndefined()
  })

  test('the example of the documentation runs', async () => {
    const program = docsBlock('ts')
    const flags = ['--conditions=@segno/source', '--input-type=module-typescript', '--eval', program]
    // Where `segno` and the adapters are found by their names.
    const cwd = new URL('../../../cli/', import.meta.url)
    const env = { ...process.env, DATABASE_URL: world.server.url() }
    const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd, env })
    expect(stdout).toBe('completed\n')
    const { rows } = await world.pool.query(`
      SELECT e->>'type' AS type FROM segno.journal, json_array_elements(events::json) AS e WHERE run = 1`)
    expect(rows.at(-1)).toEqual({ type: 'run.completed' })
  })

  test('what the host has told `pg` to do with numbers and JSON changes nothing', async () => {
    const types = { getTypeParser: () => () => 'spoiled' }
    await withPool({ types }, async (pool) => {
      const { storage } = await storeAtRest(pool)
      await create(storage, 'run')
      expect(await storage.row('run')).toMatchObject({ runId: 'run', head: 1, status: 'running' })
    })
  })

  test('a run that is deleted leaves no row behind', async () => {
    const schema = freshSchema()
    const { storage } = await storeAtRest(world.pool, schema)
    await create(storage, 'run')
    await storage.deliver('run', { id: 'a', name: 'x', payload: null })
    const blobs = [{ sha256: 'b'.repeat(64), size: 2, text: '""' }]
    await storage.append({ ...batch('run'), blobs, snapshot: { seq: 2, format: 1, state: {} } })
    expect(await storage.delete('run')).toBe(true)
    for (const table of ['runs', 'journal', 'snapshots', 'blobs', 'inbox']) {
      const { rows } = await world.pool.query(`SELECT count(*)::int AS n FROM ${quoted(schema)}.${table}`)
      expect(rows, table).toEqual([{ n: 0 }])
    }
  })

  test('a journal that lacks a batch, or holds one that is no JSON, is damaged', async () => {
    const schema = freshSchema()
    const { storage } = await storeAtRest(world.pool, schema)
    for (const runId of ['lacks', 'torn']) {
      await create(storage, runId)
      await storage.append(batch(runId))
    }
    const journal = `${quoted(schema)}.journal`
    await world.pool.query(`DELETE FROM ${journal} WHERE run = 1 AND last_seq = 1`)
    await world.pool.query(`UPDATE ${journal} SET events = left(events, 9) WHERE run = 2 AND last_seq = 2`)
    for (const runId of ['lacks', 'torn']) {
      await expect(gathered(storage.read(runId, 1)), runId).rejects.toMatchObject({
        code: 'JOURNAL_DAMAGED',
        ambiguous: false,
      })
    }
  })

  test('a connection string that cannot be read is not told to anybody', async () => {
    const storage = postgresStorage({ connectionString: 'postgres://me:s3cret-word@[nowhere:port/x' })
    const error: unknown = await storage.row('run').catch((fault: unknown) => fault)
    expect(error).toBeInstanceOf(StorageFault)
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('s3cret-word')
    expect(error).toMatchObject({ code: 'STORAGE_UNAVAILABLE', ambiguous: false })
    await storage.close()
  })

  test('a storage that is closed answers nothing, and closing it again does nothing', async () => {
    const storage = postgresStorage({ connectionString: world.server.url(), schema: freshSchema() })
    expect(await storage.row('run')).toBeUndefined()
    await storage.close()
    await storage.close()
    await expect(storage.row('run')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', ambiguous: false })
  })
})

function docsBlock(language: 'ts' | 'sql'): string {
  const page = readFileSync(new URL('../../../../docs/11-storage.md', import.meta.url), 'utf8')
  const section = page.slice(page.indexOf('## PostgreSQL'))
  const block = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section)?.[1]
  if (block === undefined) throw new Error(`the section has no block in ${language}`)
  return block
}

function event(runId: string, seq: number) {
  return { seq, v: 1, at: 0, runId, type: 'step.completed', path: `s-${seq}` } as const
}

function batch(runId: string) {
  const written = { expectedSeq: 1, batchId: 'b', events: [event(runId, 2)], status: 'running', wakeAt: null } as const
  return { runId, incarnation: 'i', token: 1, ...written, release: true }
}

function create(storage: Storage, runId: string): ReturnType<Storage['createRun']> {
  const run = { runId, incarnation: 'i', workflow: 'w', plan: 'p', labels: {} }
  return storage.createRun(run, { events: [event(runId, 1)], status: 'running', wakeAt: null }, claim)
}

async function gathered(pages: ReturnType<Storage['read']>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const page of pages) all.push(...page)
  return all
}

function callsOn(storage: Storage): (() => Promise<unknown>)[] {
  const lease = { runId: 'run', incarnation: 'i', token: 1 }
  const looks = [() => storage.row('run'), () => storage.load('run')]
  const writes = [
    () => create(storage, 'run'),
    () => storage.append(batch('run')),
    () => storage.deliver('run', { id: 'a', name: 'x', payload: null }),
    () => storage.acquire({ owner: 'o', ttlMs: 1, limit: 1 }),
    () => storage.renew({ leases: [lease], ttlMs: 1 }),
    () => storage.release(lease),
    () => storage.delete('run'),
  ]
  return [...looks, ...writes]
}

function faultIn(error: unknown): unknown {
  return error instanceof StorageFault ? { code: error.code, ambiguous: error.ambiguous } : error
}
