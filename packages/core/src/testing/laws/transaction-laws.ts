import type { SqlResult, Transaction } from '../../ports/storage.ts'
import { expectEqual, expectFault, LawBroken } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { TransactionalStorageUnderTest } from '../storage-under-test.ts'
import {
  acquire,
  batch,
  claim,
  create,
  endingBatch,
  event,
  events,
  held,
  parkingBatch,
  send,
  whole,
  write,
} from './law-run.ts'

type World = TransactionalStorageUnderTest

/**
 * What a storage keeps beside the others if `capabilities.transactions` is true: what
 * a step writes by SQL and the batch that records its end are one. Each law wants a
 * fresh storage and an empty table.
 */
export const transactionLaws: readonly Law<TransactionalStorageUnderTest>[] = [
  {
    name: 'rows of a step and its batch are there together, and after a restart too',
    async holds(world) {
      await claim(world, 'run')
      const transaction = await begun(world, 'run')
      const inserted = await insert(world, transaction, 'a', 1)
      expectEqual([inserted.rows.length, inserted.rowCount], [0, 1], 'what an insertion gives')
      expectEqual(await world.rows(), [], 'the rows before')
      expectEqual((await whole(world.storage, 'run')).row.head, 1, 'the journal before')
      const answer = await transaction.append(batch('run', 1))
      expectEqual([answer.outcome, 'inboxHead' in answer && answer.inboxHead], ['ok', 0], 'the answer')
      expectEqual(await world.rows(), [{ id: 'a', n: 1 }], 'the rows after')
      expectEqual((await whole(world.storage, 'run')).tail, events('run', 1, 2), 'the journal after')
      const again = await world.reopen()
      expectEqual((await whole(again, 'run')).tail, events('run', 1, 2), 'the journal after a restart')
      await write(world.storage, batch('run', 2))
    },
  },
  {
    name: 'all that belongs to a batch is kept by a transaction as by an append',
    async holds(world) {
      const { storage } = world
      const blob = { sha256: 'd'.repeat(64), size: 4, text: '"ab"' }
      await claim(world, 'run')
      await send(storage, 'run', 'a')
      const transaction = await begun(world, 'run')
      const snapshot = { seq: 2, format: 1, state: { deep: ['ä'] } }
      await transaction.append(batch('run', 1, { blobs: [blob], consume: ['a'], snapshot, release: true, wakeAt: 7 }))
      const { row, inbox, snapshot: kept } = await whole(storage, 'run')
      expectEqual([row.wakeAt, row.holder, inbox, kept], [7, undefined, [], snapshot], 'row, inbox and snapshot')
      expectEqual(await storage.getBlob('run', blob.sha256), blob.text, 'the blob')
      expectEqual((await acquire(world)).runs.length, 1, 'the runs that are due')
    },
  },
  {
    name: 'a transaction may end its run',
    async holds(world) {
      await claim(world, 'run')
      const transaction = await begun(world, 'run')
      await insert(world, transaction, 'a', 1)
      expectEqual((await transaction.append(endingBatch('run', 1))).outcome, 'ok', 'the outcome')
      expectEqual([await send(world.storage, 'run', 'a'), (await world.rows()).length], ['closed', 1], 'run and rows')
    },
  },
  {
    name: 'a step reads what it wrote, and rows with all their values',
    async holds(world) {
      const { table, placeholder } = world
      await claim(world, 'run')
      const { sql, rollback } = await begun(world, 'run')
      const values = `(${placeholder(1)}, ${placeholder(2)}), (${placeholder(3)}, ${placeholder(4)})`
      const text = `INSERT INTO ${table} (id, n) VALUES ${values}`
      expectEqual((await sql.query(text, ["'; -- ä\u{1d11e}", 2 ** 31 - 1, 'b', null])).rowCount, 2, 'rows inserted')
      const read = await sql.query(`SELECT id, n FROM ${table} ORDER BY n`)
      const rows = [
        { id: "'; -- ä\u{1d11e}", n: 2 ** 31 - 1 },
        { id: 'b', n: null },
      ]
      expectEqual([read.rowCount, sorted(read)], [2, rows], 'the rows read')
      const changed = await sql.query(`UPDATE ${table} SET n = 5`)
      expectEqual(changed.rowCount, 2, 'rows changed')
      const none = await sql.query(`SELECT id FROM ${table} WHERE id = ${placeholder(1)}`, ['nobody'])
      expectEqual([none.rowCount, none.rows.length], [0, 0], 'rows that are not there')
      await rollback()
    },
  },
  {
    name: 'a transaction that is rolled back leaves nothing, and rolling back again does nothing',
    async holds(world) {
      await claim(world, 'run')
      const transaction = await begun(world, 'run')
      await insert(world, transaction, 'a', 1)
      await transaction.rollback()
      await transaction.rollback()
      expectEqual([await world.rows(), (await whole(world.storage, 'run')).row.head], [[], 1], 'rows and head')
      await write(world.storage, batch('run', 1))
      const next = await begun(world, 'run')
      expectEqual((await next.append(batch('run', 2))).outcome, 'ok', 'the next transaction')
      await next.rollback()
      expectEqual((await whole(world.storage, 'run')).row.head, 3, 'the head, after a late rollback')
    },
  },
  {
    name: 'a batch that is not written leaves no rows, whatever the reason',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run')
      await write(storage, batch('run', 1, { batchId: 'known' }))
      await send(storage, 'run', 'a')
      const refused = {
        duplicate: batch('run', 1, { batchId: 'known' }),
        fenced: batch('run', 2, { token: 7 }),
        conflict: batch('run', 1),
        early: batch('run', 2, { notBefore: Number.MAX_SAFE_INTEGER }),
        inboxMoved: parkingBatch('run', 2),
        gone: batch('run', 2, { incarnation: 'other' }),
      }
      for (const [outcome, request] of Object.entries(refused)) {
        const transaction = await begun(world, 'run')
        await insert(world, transaction, outcome, 1)
        expectEqual((await transaction.append(request)).outcome, outcome, 'the outcome')
        await expectFault(transaction.sql.query('SELECT 1'), 'TRANSACTION_OVER', `a statement after ${outcome}`)
      }
      const invalid = await begun(world, 'run')
      await insert(world, invalid, 'invalid', 1)
      await expectFault(invalid.append(batch('run', 2, { consume: ['nothing'] })), 'BATCH_INVALID', 'an invalid batch')
      await expectFault(invalid.append(batch('run', 2)), 'TRANSACTION_OVER', 'an append after it')
      expectEqual([await world.rows(), (await whole(storage, 'run')).row.head], [[], 2], 'rows and head')
      await write(storage, batch('run', 2))
    },
  },
  {
    name: 'a lease that has run out is fenced, and its rows are gone',
    async holds(world) {
      await claim(world, 'run')
      const transaction = await begun(world, 'run')
      await insert(world, transaction, 'a', 1)
      await world.advance(world.leaseMs)
      expectEqual((await transaction.append(batch('run', 1))).outcome, 'fenced', 'the outcome')
      expectEqual(await world.rows(), [], 'the rows')
    },
  },
  {
    name: 'there is no transaction without a lease that is held',
    async holds(world) {
      const { storage } = world
      const options = { timeoutMs: 5_000 }
      await create(storage, 'free')
      for (const runId of ['released', 'expired']) await claim(world, runId)
      await storage.release(held('released'))
      await world.advance(world.leaseMs)
      await claim(world, 'held')
      const names = {
        'a run that does not exist': held('nobody'),
        'a run that nobody holds': held('free'),
        'a lease that was given back': held('released'),
        'a lease that has run out': held('expired'),
        'another token': held('held', 2),
        'another incarnation': { ...held('held'), incarnation: 'other' },
      }
      for (const [what, lease] of Object.entries(names)) {
        expectEqual(await storage.begin?.(lease, options), undefined, `a transaction for ${what}`)
      }
      const transaction = await begun(world, 'held')
      await transaction.rollback()
    },
  },
  {
    name: 'after a statement that failed all is undone, and nothing more can be done',
    async holds(world) {
      await claim(world, 'run')
      const transaction = await begun(world, 'run')
      await insert(world, transaction, 'a', 1)
      await expectFault(insert(world, transaction, 'a', 2), 'SQL_FAILED', 'a second row of its key')
      await expectFault(transaction.sql.query('SELECT 1'), 'SQL_FAILED', 'a statement after it')
      await expectFault(transaction.append(batch('run', 1)), 'SQL_FAILED', 'an append after it')
      expectEqual([await world.rows(), (await whole(world.storage, 'run')).row.head], [[], 1], 'rows and head')
      const syntax = await begun(world, 'run')
      await expectFault(syntax.sql.query('SELEKT 1'), 'SQL_FAILED', 'what is no SQL')
      await syntax.rollback()
      await write(world.storage, batch('run', 1))
    },
  },
  {
    name: 'a statement that would end the transaction is not run, and the transaction goes on',
    async holds(world) {
      await claim(world, 'run')
      const transaction = await begun(world, 'run')
      await insert(world, transaction, 'a', 1)
      const texts = [
        'COMMIT',
        'rollback;',
        'END',
        'BEGIN',
        ' \n-- c\n/* c */ Commit',
        'SAVEPOINT a',
        'RELEASE a',
        'SELECT 1; COMMIT',
        ';',
        '',
      ]
      for (const text of texts) {
        await expectFault(transaction.sql.query(text), 'SQL_REFUSED', JSON.stringify(text))
      }
      expectEqual((await transaction.append(batch('run', 1))).outcome, 'ok', 'the outcome')
      expectEqual(await world.rows(), [{ id: 'a', n: 1 }], 'the rows')
    },
  },
  {
    name: 'a transaction that is open for too long is undone, and the run goes on without it',
    async holds(world) {
      await claim(world, 'run')
      const transaction = await world.storage.begin?.(held('run'), { timeoutMs: 500 })
      if (transaction === undefined) throw new LawBroken('the transaction is open')
      await insert(world, transaction, 'a', 1)
      // Whoever wants to write next may have to wait for its end, and need not do anything about it.
      await write(world.storage, batch('run', 1))
      for (;;) {
        const isOver = await transaction.sql.query('SELECT 1').then(
          () => false,
          () => true,
        )
        if (isOver) break
      }
      await expectFault(transaction.sql.query('SELECT 1'), 'TRANSACTION_OVER', 'a statement')
      await expectFault(transaction.append(batch('run', 2)), 'TRANSACTION_OVER', 'an append')
      expectEqual([await world.rows(), (await whole(world.storage, 'run')).row.head], [[], 2], 'rows and head')
      await transaction.rollback()
    },
  },
  {
    name: 'a transaction that was committed is over',
    async holds(world) {
      await claim(world, 'run')
      const transaction = await begun(world, 'run')
      await transaction.append(batch('run', 1))
      await expectFault(transaction.append(batch('run', 2)), 'TRANSACTION_OVER', 'another append')
      await expectFault(insert(world, transaction, 'a', 1), 'TRANSACTION_OVER', 'a statement')
      await transaction.rollback()
      expectEqual([await world.rows(), (await whole(world.storage, 'run')).row.head], [[], 2], 'rows and head')
    },
  },
  {
    name: 'statements asked for at once run one after another, and the append after them',
    async holds(world) {
      await claim(world, 'run')
      const transaction = await begun(world, 'run')
      const { sql } = transaction
      const steps = Array.from({ length: 20 }, () => sql.query(`UPDATE ${world.table} SET n = n + 1`))
      const first = insert(world, transaction, 'a', 0)
      const last = sql.query(`UPDATE ${world.table} SET n = n + 1`)
      const answer = transaction.append(batch('run', 1))
      const counts = (await Promise.all([...steps, first, last])).map(({ rowCount }) => rowCount)
      expectEqual(counts, [...steps.map(() => 0), 1, 1], 'the rows that each changed')
      expectEqual((await answer).outcome, 'ok', 'the outcome')
      expectEqual(await world.rows(), [{ id: 'a', n: 1 }], 'the rows')
    },
  },
  {
    name: 'transactions of many runs come to their end, and so does what others write meanwhile',
    async holds(world) {
      const { storage } = world
      const runIds = Array.from({ length: 8 }, (_, n) => `run-${n}`)
      await Promise.all([...runIds, 'other'].map((runId) => claim(world, runId)))
      const steps = runIds.map(async (runId, n) => {
        const transaction = await begun(world, runId)
        await insert(world, transaction, runId, n)
        return (await transaction.append(batch(runId, 1))).outcome
      })
      const appends = [storage.append(batch('other', 1)), storage.append(batch('other', 1))]
      const deliveries = [send(storage, 'run-0', 'a'), send(storage, 'run-7', 'a')]
      const renewal = storage.renew({ leases: runIds.map((runId) => held(runId)), ttlMs: world.leaseMs })
      expectEqual(
        await Promise.all(steps),
        runIds.map(() => 'ok'),
        'the outcomes',
      )
      const written = (await Promise.all(appends)).map(({ outcome }) => outcome).toSorted()
      expectEqual(written, ['duplicate', 'ok'], 'the appends of another run')
      expectEqual(await Promise.all(deliveries), ['accepted', 'accepted'], 'the deliveries')
      expectEqual((await renewal).renewed.length, runIds.length, 'the leases renewed')
      expectEqual((await world.rows()).length, runIds.length, 'how many rows there are')
    },
  },
  {
    name: 'a message that is delivered while a transaction is open is not lost',
    async holds(world) {
      await claim(world, 'run')
      const transaction = await begun(world, 'run')
      const delivered = send(world.storage, 'run', 'a')
      await insert(world, transaction, 'a', 1)
      expectEqual((await transaction.append(batch('run', 1, { batchId: 'tx' }))).outcome, 'ok', 'the outcome')
      expectEqual(await delivered, 'accepted', 'the delivery')
      const { row, inbox } = await whole(world.storage, 'run')
      expectEqual([row.inboxHead, row.head, inbox], [1, 2, ['a']], 'inbox head, head and inbox')
    },
  },
  {
    name: 'a batch that a transaction wrote is known when it is sent again',
    async holds(world) {
      await claim(world, 'run')
      const transaction = await begun(world, 'run')
      await transaction.append(batch('run', 1))
      expectEqual((await world.storage.append(batch('run', 1))).outcome, 'duplicate', 'the same batch by an append')
      const other = batch('run', 1, { events: [event('run', 2, 'other')] })
      await expectFault(world.storage.append(other), 'BATCH_REUSED', 'another batch of its id')
    },
  },
]

async function begun(world: World, runId: string): Promise<Transaction> {
  const transaction = await world.storage.begin?.(held(runId), { timeoutMs: 5_000 })
  if (transaction === undefined) throw new LawBroken(`a transaction for ${JSON.stringify(runId)} is opened`)
  return transaction
}

function insert({ table, placeholder }: World, { sql }: Transaction, id: string, n: number): Promise<SqlResult> {
  return sql.query(`INSERT INTO ${table} (id, n) VALUES (${placeholder(1)}, ${placeholder(2)})`, [id, n])
}

// Where databases put what is nothing differs.
function sorted({ rows }: SqlResult): unknown[] {
  return rows.map(({ id, n }) => ({ id, n })).toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
}
