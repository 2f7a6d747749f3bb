import { expectEqual } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { StorageUnderTest } from '../storage-under-test.ts'
import {
  acquire,
  acquiredIds,
  batch,
  claim,
  create,
  endingBatch,
  newRun,
  event,
  held,
  parkingBatch,
  send,
  whole,
  write,
} from './law-run.ts'

/** Leases: who may write, for how long, and who fences off whom. */
export const leaseLaws: readonly Law<StorageUnderTest>[] = [
  {
    name: 'the creator that claims a run holds its first lease, whose token is 1',
    async holds(world) {
      const first = { events: [event('run', 1)], status: 'running', wakeAt: null } as const
      const created = await world.storage.createRun(newRun('run'), first, {
        inputHash: 'input',
        claim: { owner: 'creator', ttlMs: world.leaseMs },
      })
      const lease = created.outcome === 'created' ? created.lease : undefined
      expectEqual(lease, { ...held('run'), expiresAt: created.now + world.leaseMs }, 'the lease')
      expectEqual(await acquiredIds(world), [], 'what others acquire')
    },
  },
  {
    name: 'a row tells who holds the run, until when, and whether that is over',
    async holds(world) {
      const { storage, leaseMs } = world
      const holders = async () => [
        (await storage.row('run'))?.holder,
        (await whole(storage, 'run')).row.holder,
        (await storage.list({}, { limit: 1 })).runs[0]?.holder,
      ]
      await claim(world, 'run')
      await world.advance(leaseMs / 2)
      const renewal = await storage.renew({ leases: [held('run')], ttlMs: leaseMs })
      const creator = { owner: 'creator', expiresAt: renewal.now + leaseMs, isLost: false }
      expectEqual(await holders(), [creator, creator, creator], 'the holder in row, load and list')
      await world.advance(leaseMs)
      const lost = { ...creator, isLost: true }
      expectEqual(await holders(), [lost, lost, lost], 'the holder after its lease has run out')
      const { now, runs } = await acquire(world, 1, 'other')
      const other = { owner: 'other', expiresAt: now + leaseMs, isLost: false }
      expectEqual([runs[0]?.row.holder, ...(await holders())], [other, other, other, other], 'the next holder')
    },
  },
  {
    name: 'a row names no holder where nobody drives the run',
    async holds(world) {
      const { storage } = world
      await create(storage, 'new')
      for (const runId of ['released', 'releasing', 'parked', 'ended']) await claim(world, runId)
      await storage.release(held('released'))
      await write(storage, batch('releasing', 1, { release: true }))
      await write(storage, parkingBatch('parked', 1))
      await write(storage, endingBatch('ended', 1))
      for (const runId of ['new', 'released', 'releasing', 'parked', 'ended']) {
        expectEqual((await storage.row(runId))?.holder, undefined, `the holder of the run that is ${runId}`)
      }
    },
  },
  {
    name: 'the first lease of a run that nobody claimed has token 1',
    async holds(world) {
      await create(world.storage, 'run')
      const { now, runs } = await acquire(world)
      const lease = { ...held('run'), expiresAt: now + world.leaseMs }
      expectEqual([runs[0]?.lease, runs[0]?.expired], [lease, false], 'the lease')
    },
  },
  {
    name: 'the tokens of a run strictly increase, however a lease ends',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run')
      const endings = [
        () => storage.release(held('run')),
        () => write(storage, batch('run', 1, { token: 2, release: true })),
        () => write(storage, parkingBatch('run', 2, { token: 3, wakeAt: 0 })),
        () => world.advance(world.leaseMs),
      ]
      const tokens: unknown[] = []
      for (const end of endings) {
        await end()
        tokens.push((await acquire(world)).runs[0]?.lease.token)
      }
      expectEqual(tokens, [2, 3, 4, 5], 'the tokens')
    },
  },
  {
    name: 'a lease that has expired is fenced, even if nobody took it over',
    async holds(world) {
      await claim(world, 'run')
      await world.advance(world.leaseMs)
      expectEqual((await world.storage.append(batch('run', 1))).outcome, 'fenced', 'the outcome')
    },
  },
  {
    name: 'a holder whose run was taken over is fenced, at the head and behind it',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run')
      await world.advance(world.leaseMs)
      await acquire(world)
      expectEqual((await storage.append(batch('run', 1, { batchId: 'zombie-1' }))).outcome, 'fenced', 'at the head')
      await write(storage, batch('run', 1, { token: 2 }))
      expectEqual((await storage.append(batch('run', 1, { batchId: 'zombie-2' }))).outcome, 'fenced', 'behind it')
      expectEqual((await storage.append(parkingBatch('run', 2, { batchId: 'zombie-3' }))).outcome, 'fenced', 'parking')
      await write(storage, batch('run', 2, { token: 2 }))
    },
  },
  {
    name: 'a lease that was given back is fenced',
    async holds({ storage, ...clock }) {
      const world = { storage, ...clock }
      for (const runId of ['released', 'releasing', 'parked']) await claim(world, runId)
      await storage.release(held('released'))
      await write(storage, batch('releasing', 1, { release: true }))
      await write(storage, parkingBatch('parked', 1))
      expectEqual((await storage.append(batch('released', 1))).outcome, 'fenced', 'after release')
      expectEqual((await storage.append(batch('releasing', 2))).outcome, 'fenced', 'after a batch that releases')
      expectEqual((await storage.append(batch('parked', 1, { batchId: 'late' }))).outcome, 'fenced', 'after a park')
    },
  },
  {
    name: 'a token that was never given is fenced',
    async holds(world) {
      await create(world.storage, 'free')
      await claim(world, 'held')
      const answers = [
        await world.storage.append(batch('free', 1, { token: 0 })),
        await world.storage.append(batch('free', 1, { token: 1 })),
        await world.storage.append(batch('held', 1, { token: 0 })),
        await world.storage.append(batch('held', 1, { token: 2 })),
      ]
      expectEqual(
        answers.map((answer) => answer.outcome),
        ['fenced', 'fenced', 'fenced', 'fenced'],
        'the outcomes',
      )
    },
  },
  {
    name: 'of fifty that want one run exactly one gets it',
    async holds(world) {
      await create(world.storage, 'run')
      const all = await Promise.all(Array.from({ length: 50 }, (_, n) => acquire(world, 10, `contender-${n}`)))
      expectEqual(all.flatMap(({ runs }) => runs).length, 1, 'leases given')
    },
  },
  {
    name: 'contenders share out the runs that are due, and none is given twice or forgotten',
    async holds(world) {
      const runIds = Array.from({ length: 40 }, (_, n) => `run-${String(n).padStart(2, '0')}`)
      await Promise.all(runIds.map((runId) => create(world.storage, runId)))
      const all = await Promise.all(Array.from({ length: 10 }, (_, n) => acquire(world, 4, `contender-${n}`)))
      const given = all.flatMap(({ runs }) => runs.map((run) => run.lease.runId))
      const rest = await acquiredIds(world, 40)
      expectEqual([...given, ...rest].toSorted(), runIds, 'the runs given')
    },
  },
  {
    name: 'a lease is held until it expires by the store’s clock, and is then taken over as expired',
    async holds(world) {
      await claim(world, 'run')
      await world.advance(world.leaseMs / 2)
      expectEqual(await acquiredIds(world), [], 'half way')
      await world.advance(world.leaseMs / 2)
      const { runs } = await acquire(world)
      expectEqual(
        runs.map(({ lease, expired }) => [lease.token, expired]),
        [[2, true]],
        'when it expires',
      )
    },
  },
  {
    name: 'a lease that was given back is not taken over as expired, however late',
    async holds(world) {
      const { storage } = world
      for (const runId of ['released', 'releasing', 'parked']) await claim(world, runId)
      await storage.release(held('released'))
      await write(storage, batch('releasing', 1, { release: true }))
      await write(storage, parkingBatch('parked', 1, { wakeAt: 0 }))
      await world.advance(2 * world.leaseMs)
      const { runs } = await acquire(world)
      expectEqual(
        runs.map((run) => run.expired),
        [false, false, false],
        'expired',
      )
    },
  },
  {
    name: 'a renewed lease lasts from the renewal on',
    async holds(world) {
      const { storage, leaseMs } = world
      await claim(world, 'run')
      await world.advance(leaseMs / 2)
      const { now, renewed } = await storage.renew({ leases: [held('run')], ttlMs: leaseMs })
      expectEqual(renewed, [{ runId: 'run', expiresAt: now + leaseMs, inboxHead: 0 }], 'the answer')
      await world.advance(leaseMs / 2)
      expectEqual(await acquiredIds(world), [], 'at the first expiry')
      await write(storage, batch('run', 1))
      await world.advance(leaseMs / 2)
      expectEqual(await acquiredIds(world), ['run'], 'at the second expiry')
    },
  },
  {
    name: 'a renewal tells of messages that came meanwhile',
    async holds(world) {
      await claim(world, 'run')
      await send(world.storage, 'run', 'a')
      await send(world.storage, 'run', 'b')
      const { renewed } = await world.storage.renew({ leases: [held('run')], ttlMs: world.leaseMs })
      expectEqual(renewed[0]?.inboxHead, 2, 'inboxHead')
    },
  },
  {
    name: 'only a lease that is held is renewed',
    async holds(world) {
      const { storage, leaseMs } = world
      for (const runId of ['expired', 'taken']) await claim(world, runId)
      await world.advance(leaseMs)
      await storage.acquire({ owner: 'other', ttlMs: leaseMs, limit: 1, runIds: ['taken'] })
      for (const runId of ['released', 'parked', 'ended', 'held']) await claim(world, runId)
      await storage.release(held('released'))
      await write(storage, parkingBatch('parked', 1))
      await write(storage, endingBatch('ended', 1))
      const runIds = ['expired', 'taken', 'released', 'parked', 'ended', 'nobody', 'held']
      const { renewed } = await storage.renew({ leases: runIds.map((runId) => held(runId)), ttlMs: leaseMs })
      expectEqual(
        renewed.map((lease) => lease.runId),
        ['held'],
        'the leases renewed',
      )
      expectEqual((await storage.append(batch('expired', 1))).outcome, 'fenced', 'a renewal after the expiry')
    },
  },
  {
    name: 'releasing a lease that is no longer held leaves the next holder alone',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run')
      await world.advance(world.leaseMs)
      await storage.release(held('run'))
      const { runs } = await acquire(world)
      expectEqual(runs[0]?.expired, true, 'an expired lease is not given back any more')
      await storage.release(held('run'))
      await storage.release(held('nobody'))
      expectEqual(await acquiredIds(world), [], 'what others acquire')
      await write(storage, batch('run', 1, { token: 2 }))
    },
  },
  {
    name: 'appending does not prolong a lease',
    async holds(world) {
      await claim(world, 'run')
      await world.advance(world.leaseMs / 2)
      await write(world.storage, batch('run', 1))
      await world.advance(world.leaseMs / 2)
      expectEqual((await world.storage.append(batch('run', 2))).outcome, 'fenced', 'the outcome')
      expectEqual((await whole(world.storage, 'run')).row.head, 2, 'the head')
    },
  },
]
