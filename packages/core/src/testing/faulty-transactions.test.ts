import { expect, test } from 'vitest'
import { mayHaveWritten, StorageFault } from '../ports/storage-fault.ts'
import type { Storage } from '../ports/storage.ts'
import { memoryStorage } from '../runtime/memory-storage.ts'
import { rejectionOf } from './expectation.ts'
import { faultyStorage, type FaultyStorageOptions } from './faulty-storage.ts'
import { faultyTransactions, type Way } from './faulty-transactions.ts'
import { batch, claim, held, whole } from './laws/law-run.ts'
import { seededRandom } from './random.ts'
import { bookStatement } from './simulated-transactions.ts'
import { SharedStore } from './store-profiles.ts'
import { virtualClock } from './virtual-clock.ts'

/** A run on a store with transactions, as it is and behind faults. */
async function arrange(faults: FaultyStorageOptions['faults']) {
  const clock = virtualClock()
  const memory = memoryStorage({ now: clock.now })
  const shared = new SharedStore(memory, 'sqlite', {
    random: seededRandom(1),
    clock,
    strikes: () => false,
    jump: () => undefined,
    note: () => undefined,
    isHealed: () => false,
  })
  const storage = shared.connect(seededRandom(2))
  await claim({ storage, advance: clock.advanceBy, leaseMs: 30_000 }, 'run')
  const faulty = faultyStorage(storage, { random: seededRandom(3), clock, faults })
  const begin = async (from: Storage = faulty) => {
    const transaction = await from.begin?.(held('run'), { timeoutMs: 5_000 })
    if (transaction === undefined) throw new Error('there is no transaction')
    return transaction
  }
  const kept = async () => [shared.rows.length, (await whole(memory, 'run')).row.head]
  return { clock, storage, faulty, begin, kept }
}

test('what a transaction writes is there with its batch, and not before', async () => {
  const { begin, kept } = await arrange({})
  const transaction = await begin()
  await transaction.sql.query(bookStatement, ['a'])
  expect(await kept()).toEqual([0, 1])
  expect((await transaction.append(batch('run', 1))).outcome).toBe('ok')
  expect(await kept()).toEqual([1, 2])
})

test('a fault between the statements of a transaction undoes it', async () => {
  const { storage, begin, kept } = await arrange({})
  const fault = new StorageFault('STORAGE_UNAVAILABLE', 'The connection broke.', { ambiguous: true })
  let isBroken = false
  const way: Way =
    (call) =>
    async (...given) => {
      if (isBroken) throw fault
      return call(...given)
    }
  const open = await begin(storage)
  const transaction = await begin({ ...storage, begin: faultyTransactions(async () => open, way) })
  await transaction.sql.query(bookStatement, ['a'])
  isBroken = true
  expect(mayHaveWritten(await rejectionOf(transaction.sql.query(bookStatement, ['b'])))).toBe(false)
  isBroken = false
  expect(await rejectionOf(transaction.append(batch('run', 1)))).toMatchObject({ code: 'TRANSACTION_OVER' })
  expect(await rejectionOf(open.append(batch('run', 1)))).toMatchObject({ code: 'TRANSACTION_OVER' })
  expect(await kept()).toEqual([0, 1])
})

test('a late commit fails first and is made later', async () => {
  const { clock, storage, begin, kept } = await arrange({})
  const open = await begin(storage)
  await open.sql.query(bookStatement, ['a'])
  const faults = { lateRequest: 1 }
  const { append } = faultyStorage({ ...storage, append: open.append }, { random: seededRandom(1), clock, faults })
  const way: Way = (call) => call
  const late = { ...open, append }
  const transaction = await begin({ ...storage, begin: faultyTransactions(async () => late, way) })
  expect(mayHaveWritten(await rejectionOf(transaction.append(batch('run', 1))))).toBe(true)
  expect(await kept()).toEqual([0, 1])
  await clock.runUntilIdle()
  expect(await kept()).toEqual([1, 2])
})

test('of a beginning whose answer is lost nothing stays open', async () => {
  const { storage, faulty, begin, kept } = await arrange({ lostAnswer: 1 })
  await rejectionOf(begin(faulty))
  // In SQLite it would be in the way of the next one.
  const next = await begin(storage)
  expect((await next.append(batch('run', 1))).outcome).toBe('ok')
  expect(await kept()).toEqual([0, 2])
})

test('a transaction that nobody ends is ended by the store, and others who write wait for it', async () => {
  const { clock, storage, begin, kept } = await arrange({})
  const transaction = await begin(storage)
  await transaction.sql.query(bookStatement, ['a'])
  const answers: string[] = []
  const other = storage.append(batch('run', 1)).then(({ outcome }) => answers.push(outcome))
  await clock.advanceBy(4_999)
  expect(answers).toEqual([])
  await clock.advanceBy(100)
  await other
  expect(answers).toEqual(['ok'])
  expect(await rejectionOf(transaction.append(batch('run', 2)))).toMatchObject({ code: 'TRANSACTION_OVER' })
  expect(await kept()).toEqual([0, 2])
})

test('a transaction that is not committed under its lease leaves nothing', async () => {
  const { storage, begin, kept } = await arrange({})
  const transaction = await begin(storage)
  await transaction.sql.query(bookStatement, ['a'])
  expect((await transaction.append(batch('run', 1, { token: 7 }))).outcome).toBe('fenced')
  expect(await kept()).toEqual([0, 1])
  await storage.release(held('run'))
  expect(await storage.begin?.(held('run'), { timeoutMs: 5_000 })).toBeUndefined()
})
