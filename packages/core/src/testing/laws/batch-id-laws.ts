import { expectEqual, expectFault, LawBroken } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { StorageUnderTest } from '../storage-under-test.ts'
import { acquire, batch, claim, endingBatch, event, parkingBatch, send, whole, write } from './law-run.ts'

/** A batch sent again: the only legal move, beside a reload, after a lost answer. */
export const batchIdLaws: readonly Law<StorageUnderTest>[] = [
  {
    name: 'a batch sent again is a duplicate and is written once',
    async holds(world) {
      await claim(world, 'run')
      const request = batch('run', 1)
      await write(world.storage, request)
      await send(world.storage, 'run', 'a')
      const again = await world.storage.append(structuredClone(request))
      expectEqual(again.outcome, 'duplicate', 'the second answer')
      expectEqual('inboxHead' in again && again.inboxHead, 1, 'inboxHead in the second answer')
      expectEqual((await whole(world.storage, 'run')).tail.length, 2, 'events in the journal')
    },
  },
  {
    name: 'a batch sent fifty times at once is written once',
    async holds(world) {
      await claim(world, 'run')
      const answers = await Promise.all(Array.from({ length: 50 }, () => world.storage.append(batch('run', 1))))
      const outcomes = answers.map((answer) => answer.outcome).toSorted()
      expectEqual(outcomes, [...Array.from({ length: 49 }, () => 'duplicate'), 'ok'], 'the answers')
      expectEqual((await whole(world.storage, 'run')).tail.length, 2, 'events in the journal')
    },
  },
  {
    name: 'a batch sent again after its lease expired is a duplicate',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, batch('run', 1))
      await world.advance(world.leaseMs)
      expectEqual((await world.storage.append(batch('run', 1))).outcome, 'duplicate', 'the second answer')
    },
  },
  {
    name: 'a batch sent again after another holder wrote is a duplicate',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, batch('run', 1))
      await world.advance(world.leaseMs)
      await acquire(world)
      await write(world.storage, batch('run', 2, { token: 2 }))
      expectEqual((await world.storage.append(batch('run', 1))).outcome, 'duplicate', 'the second answer')
      expectEqual((await whole(world.storage, 'run')).tail.length, 3, 'events in the journal')
    },
  },
  {
    name: 'a batch sent again under a later lease is a duplicate',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, batch('run', 1))
      await world.advance(world.leaseMs)
      await acquire(world)
      expectEqual((await world.storage.append(batch('run', 1, { token: 2 }))).outcome, 'duplicate', 'the second answer')
    },
  },
  {
    name: 'the batch that ended a run is a duplicate when it is sent again',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, endingBatch('run', 1))
      expectEqual((await world.storage.append(endingBatch('run', 1))).outcome, 'duplicate', 'the second answer')
    },
  },
  {
    name: 'a batch that parked a run is a duplicate when it is sent again, whatever was delivered since',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, parkingBatch('run', 1))
      await send(world.storage, 'run', 'a')
      expectEqual((await world.storage.append(parkingBatch('run', 1))).outcome, 'duplicate', 'the second answer')
    },
  },
  {
    name: 'a batch that was refused is not remembered',
    async holds(world) {
      await claim(world, 'run')
      await send(world.storage, 'run', 'a')
      const request = batch('run', 1, { park: { inboxHead: 0 } })
      expectEqual((await world.storage.append(request)).outcome, 'inboxMoved', 'the first answer')
      expectEqual(
        (await world.storage.append({ ...request, park: { inboxHead: 1 } })).outcome,
        'ok',
        'the second answer',
      )
    },
  },
  {
    name: 'a batch id that comes again with other content is a fault',
    async holds(world) {
      await claim(world, 'run')
      await send(world.storage, 'run', 'a')
      const request = batch('run', 1)
      await write(world.storage, request)
      const others = {
        'another event': { ...request, events: [event('run', 2, 'other')] },
        'one event more': { ...request, events: [...request.events, event('run', 3)] },
        'another status': { ...request, status: 'waiting' },
        'another wakeAt': { ...request, wakeAt: 1 },
        'another message consumed': { ...request, consume: ['a'] },
        'another place': batch('run', 2, { batchId: request.batchId }),
      } as const
      for (const [what, other] of Object.entries(others)) {
        await expectFault(world.storage.append(other), 'BATCH_REUSED', what)
      }
      const { tail, inbox } = await whole(world.storage, 'run')
      expectEqual([tail.length, inbox], [2, ['a']], 'events and inbox afterwards')
    },
  },
  {
    name: 'the batch ids of two runs have nothing to do with each other',
    async holds(world) {
      await claim(world, 'run')
      await claim(world, 'run2')
      await write(world.storage, batch('run', 1, { batchId: 'same' }))
      await write(world.storage, batch('run2', 1, { batchId: 'same' }))
    },
  },
  {
    name: 'the batches of a thousand appends are written once each, every one sent twice',
    async holds(world) {
      await claim(world, 'run')
      for (let seq = 1; seq <= 1_000; seq += 1) {
        const first = await world.storage.append(batch('run', seq))
        const second = await world.storage.append(batch('run', seq))
        if (first.outcome !== 'ok' || second.outcome !== 'duplicate') {
          throw new LawBroken(`at ${seq}: expected ok and duplicate, got ${first.outcome} and ${second.outcome}`)
        }
      }
      expectEqual((await whole(world.storage, 'run')).tail.length, 1_001, 'events in the journal')
    },
  },
]
