import { expectEqual, expectFault } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { StorageUnderTest } from '../storage-under-test.ts'
import { acquire, acquiredIds, batch, claim, create, endingBatch, parkingBatch, send, whole, write } from './law-run.ts'

/** The inbox: delivered once, consumed with an append, never overlooked by a park. */
export const inboxLaws: readonly Law<StorageUnderTest>[] = [
  {
    name: 'a message is kept as it was sent, with its place and the store’s time',
    async holds({ storage }) {
      await create(storage, 'run')
      const message = { id: 'a', name: 'approve', payload: { by: ['ann', null, 1.5] }, sender: 'ann' }
      const { outcome, now } = await storage.deliver('run', message)
      expectEqual(outcome, 'accepted', 'the outcome')
      expectEqual(await storage.inbox('run', 0), [{ ...message, n: 1, deliveredAt: now }], 'the inbox')
      expectEqual((await storage.load('run'))?.inbox, [{ ...message, n: 1, deliveredAt: now }], 'the loaded inbox')
    },
  },
  {
    name: 'messages are kept in the order of their delivery, numbered from 1',
    async holds({ storage }) {
      await create(storage, 'run')
      for (const id of ['c', 'a', 'b']) await send(storage, 'run', id)
      const all = await storage.inbox('run', 0)
      expectEqual(
        all.map(({ id, n }) => [id, n]),
        [
          ['c', 1],
          ['a', 2],
          ['b', 3],
        ],
        'the inbox',
      )
      expectEqual(
        (await storage.inbox('run', 2)).map(({ id }) => id),
        ['b'],
        'the messages after the second',
      )
      expectEqual(await storage.inbox('run', 3), [], 'the messages after the last')
      expectEqual((await whole(storage, 'run')).row.inboxHead, 3, 'inboxHead of the row')
    },
  },
  {
    name: 'a message that fifty senders deliver at once is accepted once',
    async holds({ storage }) {
      await create(storage, 'run')
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => send(storage, 'run', 'same')))
      expectEqual(outcomes.toSorted(), ['accepted', ...Array.from({ length: 49 }, () => 'duplicate')], 'the outcomes')
      const { inbox, row } = await whole(storage, 'run')
      expectEqual([inbox, row.inboxHead], [['same'], 1], 'the inbox')
    },
  },
  {
    name: 'the messages of fifty senders are all kept, each in a place of its own',
    async holds({ storage }) {
      await create(storage, 'run')
      await Promise.all(Array.from({ length: 50 }, (_, n) => send(storage, 'run', `from-${n}`)))
      const all = await storage.inbox('run', 0)
      expectEqual(
        all.map(({ n }) => n),
        Array.from({ length: 50 }, (_, n) => n + 1),
        'the places',
      )
      expectEqual(new Set(all.map(({ id }) => id)).size, 50, 'how many ids there are')
    },
  },
  {
    name: 'a message that was consumed is a duplicate when it is delivered again',
    async holds(world) {
      await claim(world, 'run')
      await send(world.storage, 'run', 'a')
      await write(world.storage, batch('run', 1, { consume: ['a'] }))
      expectEqual(await send(world.storage, 'run', 'a'), 'duplicate', 'the outcome')
      const { inbox, row } = await whole(world.storage, 'run')
      expectEqual([inbox, row.inboxHead], [[], 1], 'the inbox')
    },
  },
  {
    name: 'a duplicate does not make a parked run due',
    async holds(world) {
      await claim(world, 'run')
      await send(world.storage, 'run', 'a')
      await write(world.storage, parkingBatch('run', 1, { consume: ['a'], park: { inboxHead: 1 } }))
      await send(world.storage, 'run', 'a')
      expectEqual(await acquiredIds(world), [], 'the runs acquired')
    },
  },
  {
    name: 'the message ids of two runs have nothing to do with each other',
    async holds({ storage }) {
      for (const runId of ['run', 'run2']) await create(storage, runId)
      expectEqual(
        [await send(storage, 'run', 'a'), await send(storage, 'run2', 'a')],
        ['accepted', 'accepted'],
        'the outcomes',
      )
    },
  },
  {
    name: 'a message to a run that does not exist is unknown, and is not kept for one that comes',
    async holds({ storage }) {
      expectEqual(await send(storage, 'run', 'a'), 'unknown', 'the outcome')
      await create(storage, 'run')
      expectEqual((await whole(storage, 'run')).inbox, [], 'the inbox')
    },
  },
  {
    name: 'a run that has ended is closed to new messages, and knows the old ones',
    async holds(world) {
      await claim(world, 'run')
      await send(world.storage, 'run', 'before')
      await write(world.storage, endingBatch('run', 1))
      expectEqual(await send(world.storage, 'run', 'after'), 'closed', 'a new message')
      expectEqual(await send(world.storage, 'run', 'before'), 'duplicate', 'an old message')
    },
  },
  {
    name: 'consuming takes a message out in the same write',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run')
      for (const id of ['a', 'b', 'c']) await send(storage, 'run', id)
      await write(storage, batch('run', 1, { consume: ['b', 'a'] }))
      const { inbox, row } = await whole(storage, 'run')
      expectEqual([inbox, row.inboxHead, row.head], [['c'], 3, 2], 'inbox, inboxHead and head')
      expectEqual(
        (await storage.inbox('run', 0)).map(({ n }) => n),
        [3],
        'the places',
      )
    },
  },
  {
    name: 'consuming a message that is not there is refused whole',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run')
      for (const id of ['a', 'b']) await send(storage, 'run', id)
      await write(storage, batch('run', 1, { consume: ['a'] }))
      for (const id of ['a', 'never']) {
        const request = batch('run', 2, { batchId: `takes-${id}`, consume: ['b', id] })
        await expectFault(storage.append(request), 'BATCH_INVALID', `consuming ${id}`)
      }
      const { inbox, row } = await whole(storage, 'run')
      expectEqual([inbox, row.head], [['b'], 2], 'inbox and head')
    },
  },
  {
    name: 'a park that has not seen the newest message is refused, and the lease is kept',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run')
      await send(storage, 'run', 'a')
      const request = batch('run', 1, { park: { inboxHead: 0 }, status: 'waiting' })
      expectEqual((await storage.append(request)).outcome, 'inboxMoved', 'the outcome')
      expectEqual(await acquiredIds(world), [], 'what others acquire')
      await write(storage, batch('run', 1, { batchId: 'next' }))
    },
  },
  {
    name: 'a park that has seen the newest message stands, also if it leaves it where it is',
    async holds(world) {
      await claim(world, 'run')
      await send(world.storage, 'run', 'a')
      await write(world.storage, parkingBatch('run', 1, { park: { inboxHead: 1 } }))
      expectEqual(await acquiredIds(world), [], 'what is acquired after the park')
      await send(world.storage, 'run', 'b')
      expectEqual(await acquiredIds(world), ['run'], 'what is acquired after another message')
      expectEqual((await whole(world.storage, 'run')).inbox, ['a', 'b'], 'the inbox')
    },
  },
  {
    name: 'a message that races a park is never overlooked',
    async holds(world) {
      const { storage } = world
      for (let round = 0; round < 200; round += 1) {
        const runId = `run-${round}`
        await claim(world, runId)
        const park = () => storage.append(parkingBatch(runId, 1))
        const deliver = () => send(storage, runId, 'a')
        const [parked] =
          round % 2 === 0
            ? await Promise.all([park(), deliver()])
            : (await Promise.all([deliver(), park()])).toReversed()
        const outcome = typeof parked === 'object' ? parked.outcome : parked
        // Parked: the message makes it due. Not parked: the holder was told.
        expectEqual(
          await acquiredIds(world),
          outcome === 'ok' ? [runId] : [],
          `what is acquired where the park was ${outcome}`,
        )
        expectEqual(outcome === 'ok' || outcome === 'inboxMoved', true, 'the park is written or told of the message')
      }
    },
  },
  {
    name: 'a message to a run that is held waits for the next holder if this one dies',
    async holds(world) {
      await claim(world, 'run')
      await send(world.storage, 'run', 'a')
      expectEqual(await acquiredIds(world), [], 'what others acquire')
      await world.advance(world.leaseMs)
      const { runs } = await acquire(world)
      expectEqual(
        runs.map(({ row }) => row.inboxHead),
        [1],
        'inboxHead of what is acquired',
      )
      expectEqual((await whole(world.storage, 'run')).inbox, ['a'], 'the inbox')
    },
  },
]
