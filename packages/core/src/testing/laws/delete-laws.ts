import { expectEqual } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { StorageUnderTest } from '../storage-under-test.ts'
import { acquiredIds, batch, claim, create, endingBatch, event, gathered, held, send, whole, write } from './law-run.ts'

const blob = { sha256: 'c'.repeat(64), size: 4, text: '"ab"' }

/** Deleting runs. */
export const deleteLaws: readonly Law<StorageUnderTest>[] = [
  {
    name: 'a run that was deleted is gone with all that belonged to it',
    async holds(world) {
      const { storage } = world
      await createFull(world, 'run')
      await create(storage, 'neighbour', { blobs: [blob] })
      expectEqual(await storage.delete('run'), true, 'the answer')
      expectEqual(await storage.load('run'), undefined, 'load')
      expectEqual(await gathered(storage.read('run', 1)), [], 'read')
      expectEqual(await storage.inbox('run', 0), [], 'inbox')
      expectEqual(await storage.getBlob('run', blob.sha256), undefined, 'getBlob')
      expectEqual(await send(storage, 'run', 'b'), 'unknown', 'deliver')
      expectEqual((await storage.append(batch('run', 2))).outcome, 'gone', 'append')
      expectEqual((await storage.renew({ leases: [held('run')], ttlMs: 1 })).renewed, [], 'renew')
      expectEqual(
        (await storage.list({}, { limit: 9 })).runs.map(({ runId }) => runId),
        ['neighbour'],
        'list',
      )
      expectEqual(await acquiredIds(world), ['neighbour'], 'acquire')
      expectEqual(await storage.getBlob('neighbour', blob.sha256), blob.text, 'the blob of the neighbour')
    },
  },
  {
    name: 'a run created with the id of a deleted one sees nothing of it',
    async holds(world) {
      const { storage } = world
      await createFull(world, 'run')
      await storage.delete('run')
      await claim(world, 'run', { run: { incarnation: 'run-2' }, first: [event('run', 1, 'new')] })
      const { row, tail, inbox, snapshot } = await whole(storage, 'run')
      expectEqual([tail, inbox, snapshot], [[event('run', 1, 'new')], [], undefined], 'events, inbox and snapshot')
      expectEqual([row.incarnation, row.inboxHead, row.idempotencyKey], ['run-2', 0, undefined], 'the row')
      expectEqual(await storage.getBlob('run', blob.sha256), undefined, 'the blob')
      expectEqual(await send(storage, 'run', 'a'), 'accepted', 'a message id of the deleted run')
      await write(storage, batch('run', 1, { incarnation: 'run-2' }))
    },
  },
  {
    name: 'a lease of a run that was deleted is no lease of the run that took its id',
    async holds(world) {
      const { storage, leaseMs } = world
      await createFull(world, 'run')
      await storage.delete('run')
      await claim(world, 'run', { run: { incarnation: 'run-2' } })
      expectEqual((await storage.append(batch('run', 1))).outcome, 'gone', 'append')
      expectEqual((await storage.renew({ leases: [held('run')], ttlMs: leaseMs })).renewed, [], 'renew')
      await storage.release(held('run'))
      expectEqual(await acquiredIds(world), [], 'what others acquire after a release')
      await write(storage, batch('run', 1, { incarnation: 'run-2' }))
    },
  },
  {
    name: 'the idempotency key of a deleted run is free',
    async holds(world) {
      await createFull(world, 'run')
      await world.storage.delete('run')
      expectEqual((await create(world.storage, 'next', { idempotencyKey: 'key' })).outcome, 'created', 'the outcome')
    },
  },
  {
    name: 'a run that is held, or does not exist, is not deleted',
    async holds(world) {
      const { storage } = world
      await claim(world, 'held')
      expectEqual([await storage.delete('held'), await storage.delete('nobody')], [false, false], 'the answers')
      await write(storage, batch('held', 1))
      await world.advance(world.leaseMs)
      expectEqual(await storage.delete('held'), true, 'the answer after the lease expired')
    },
  },
  {
    name: 'a run that has ended is deleted at once, and only once',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, endingBatch('run', 1))
      const answers = await Promise.all([world.storage.delete('run'), world.storage.delete('run')])
      expectEqual(answers.toSorted(), [false, true], 'the answers')
    },
  },
]

async function createFull(world: StorageUnderTest, runId: string): Promise<void> {
  await claim(world, runId, { blobs: [blob], idempotencyKey: 'key' })
  await send(world.storage, runId, 'a')
  const snapshot = { seq: 2, format: 1, state: { old: true } }
  await write(world.storage, batch(runId, 1, { snapshot, release: true, status: 'waiting' }))
}
