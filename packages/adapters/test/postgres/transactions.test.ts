import type { AppendRequest, LeaseName, Storage, Transaction } from '@segno/core'
import { postgresClient } from '@segno/adapters/postgres'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { freshSchema, storeAtRest } from './virtual-clock.ts'
import { describeWithServer } from './with-server.ts'

const lease: LeaseName = { runId: 'run', incarnation: 'run-1', token: 1 }
const timeoutMs = 5_000

describeWithServer('a transaction of a step on PostgreSQL', (world) => {
  let storage: Storage
  let schema: string
  beforeAll(async () => {
    await world.pool.query(
      'CREATE TABLE rows (id text PRIMARY KEY, n integer, UNIQUE (n) DEFERRABLE INITIALLY DEFERRED)',
    )
  })
  beforeEach(async () => {
    await world.pool.query('TRUNCATE rows')
    schema = freshSchema()
    storage = (await storeAtRest(world.pool, schema)).storage
    const first = { events: [event(1)], status: 'running', wakeAt: null } as const
    const run = { ...lease, workflow: 'w', plan: 'p', labels: {} }
    await storage.createRun(run, first, { inputHash: 'i', claim: { owner: 'o', ttlMs: 30_000 } })
  })

  async function begun(limit = timeoutMs): Promise<Transaction> {
    const transaction = await storage.begin?.(lease, { timeoutMs: limit })
    if (transaction === undefined) throw new Error('the lease is held')
    return transaction
  }
  const ids = async () => (await world.pool.query('SELECT id FROM rows ORDER BY id')).rows.map(({ id }) => id)
  const head = async () => (await storage.row('run'))?.head

  test('what a step wrote and its batch are there together', async () => {
    const transaction = await begun()
    const inserted = await transaction.sql.query('INSERT INTO rows VALUES ($1, $2)', ['a', 1])
    expect(inserted).toEqual({ rows: [], rowCount: 1 })
    expect(await transaction.sql.query('SELECT * FROM rows')).toEqual({ rows: [{ id: 'a', n: 1 }], rowCount: 1 })
    expect(await ids()).toEqual([])
    expect((await transaction.append(batch())).outcome).toBe('ok')
    expect([await ids(), await head()]).toEqual([['a'], 2])
    expect((await storage.append(batch())).outcome).toBe('duplicate')
  })

  test('a batch that is not written undoes what the step wrote', async () => {
    const transaction = await begun()
    await transaction.sql.query('INSERT INTO rows VALUES ($1, $2)', ['a', 1])
    expect((await transaction.append(batch({ expectedSeq: 7, events: [event(8)] }))).outcome).toBe('conflict')
    expect([await ids(), await head()]).toEqual([[], 1])
    const invalid = await begun()
    await invalid.sql.query('INSERT INTO rows VALUES ($1, $2)', ['a', 1])
    await expect(invalid.append(batch({ consume: ['never'] }))).rejects.toMatchObject({ code: 'BATCH_INVALID' })
    expect([await ids(), await head()]).toEqual([[], 1])
  })

  test('it is opened only for a lease that is held', async () => {
    for (const other of [{ token: 2 }, { incarnation: 'run-2' }, { runId: 'nobody' }]) {
      expect(await storage.begin?.({ ...lease, ...other }, { timeoutMs })).toBeUndefined()
    }
    await storage.release(lease)
    expect(await storage.begin?.(lease, { timeoutMs })).toBeUndefined()
  })

  test('a statement that fails spoils it, and nothing of it stays', async () => {
    const transaction = await begun()
    await transaction.sql.query('INSERT INTO rows VALUES ($1, $2)', ['a', 1])
    await expect(transaction.sql.query('SELECT no_such')).rejects.toMatchObject({
      code: 'SQL_FAILED',
      ambiguous: false,
    })
    await expect(transaction.sql.query('SELECT 1')).rejects.toMatchObject({ code: 'SQL_FAILED' })
    await expect(transaction.append(batch())).rejects.toMatchObject({ code: 'SQL_FAILED', ambiguous: false })
    await expect(transaction.append(batch())).rejects.toMatchObject({ code: 'TRANSACTION_OVER' })
    expect([await ids(), await head()]).toEqual([[], 1])
  })

  test('a constraint that is judged at the COMMIT fails the step, and the batch is not written', async () => {
    const transaction = await begun()
    await transaction.sql.query("INSERT INTO rows VALUES ('a', 1), ('b', 1)")
    await expect(transaction.append(batch())).rejects.toMatchObject({ code: 'SQL_FAILED', ambiguous: false })
    expect([await ids(), await head()]).toEqual([[], 1])
  })

  test('a statement that would end it, or that names the tables of the store, is refused, and it goes on', async () => {
    const transaction = await begun()
    const texts = [
      'COMMIT',
      ' /* now */ rollback',
      '-- x\nSAVEPOINT a',
      'SELECT 1; SELECT 2',
      'START TRANSACTION',
      "PREPARE TRANSACTION 'x'",
      `DELETE FROM "${schema.replaceAll('"', '""')}".runs`,
    ]
    for (const text of texts) {
      await expect(transaction.sql.query(text), text).rejects.toMatchObject({ code: 'SQL_REFUSED', ambiguous: false })
    }
    await transaction.sql.query("INSERT INTO rows VALUES ('a;b $x$ COMMIT', 1); -- the end")
    expect((await transaction.append(batch())).outcome).toBe('ok')
    expect(await ids()).toEqual(['a;b $x$ COMMIT'])
  })

  test('the connection itself can be had, and a step that ends the transaction on it is found out', async () => {
    const transaction = await begun()
    const client = postgresClient(transaction.sql)
    await client.query({ text: 'INSERT INTO rows VALUES ($1, $2)', values: ['a', 1] })
    await client.query({ text: 'ROLLBACK' })
    await expect(transaction.append(batch())).rejects.toMatchObject({ code: 'TRANSACTION_OVER', ambiguous: false })
    expect([await ids(), await head()]).toEqual([[], 1])
    expect(() => postgresClient(undefined)).toThrow(TypeError)
  })

  test('one that is open for too long is undone, also in the middle of a statement', async () => {
    const transaction = await begun(50)
    await transaction.sql.query("INSERT INTO rows VALUES ('a', 1)")
    await expect(transaction.sql.query('SELECT pg_sleep(60)')).rejects.toMatchObject({ ambiguous: false })
    await expect(transaction.append(batch())).rejects.toMatchObject({ ambiguous: false })
    expect([await ids(), await head()]).toEqual([[], 1])
    const { rows } = await world.pool.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' AND pid <> pg_backend_pid()",
    )
    expect(rows).toEqual([{ n: 0 }])
  })

  test('messages and renewals for its run do not wait for it', async () => {
    const transaction = await begun()
    await transaction.sql.query("INSERT INTO rows VALUES ('a', 1)")
    expect((await storage.deliver('run', { id: 'm', name: 'note', payload: null })).outcome).toBe('accepted')
    expect((await storage.renew({ leases: [lease], ttlMs: 30_000 })).renewed).toHaveLength(1)
    expect(await transaction.append(batch())).toMatchObject({ outcome: 'ok', inboxHead: 1 })
  })

  test('undoing it is harmless at any time', async () => {
    const transaction = await begun()
    await transaction.sql.query("INSERT INTO rows VALUES ('a', 1)")
    await transaction.rollback()
    await transaction.rollback()
    await expect(transaction.sql.query('SELECT 1')).rejects.toMatchObject({ code: 'TRANSACTION_OVER' })
    expect(await ids()).toEqual([])
  })
})

function event(seq: number) {
  return { seq, v: 1, at: 0, runId: 'run', type: 'step.completed', path: `s-${seq}` } as const
}

function batch(changes: Partial<AppendRequest> = {}): AppendRequest {
  return { ...lease, expectedSeq: 1, batchId: 'b', events: [event(2)], status: 'running', wakeAt: null, ...changes }
}
