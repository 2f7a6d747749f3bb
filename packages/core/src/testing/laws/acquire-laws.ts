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
  held,
  parkingBatch,
  send,
  whole,
  write,
} from './law-run.ts'

/** Acquiring: which runs are due, and in which order. */
export const acquireLaws: readonly Law<StorageUnderTest>[] = [
  {
    name: 'a run that was released is due at once, whatever its wakeAt',
    async holds(world) {
      const { storage } = world
      for (const runId of ['a', 'b']) await claim(world, runId)
      await storage.release(held('a'))
      await world.advance(1)
      await write(storage, batch('b', 1, { release: true, wakeAt: Number.MAX_SAFE_INTEGER }))
      expectEqual(await acquiredIds(world), ['a', 'b'], 'the runs acquired')
    },
  },
  {
    name: 'a parked run is acquired when its time comes, not before',
    async holds(world) {
      await claim(world, 'run')
      const wakeAt = (await whole(world.storage, 'run')).row.createdAt + world.leaseMs
      await write(world.storage, parkingBatch('run', 1, { wakeAt }))
      await world.advance(world.leaseMs / 2)
      expectEqual(await acquiredIds(world), [], 'before its time')
      await world.advance(world.leaseMs / 2)
      expectEqual(await acquiredIds(world), ['run'], 'at its time')
    },
  },
  {
    name: 'a run parked for a time that has passed is due at once',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, parkingBatch('run', 1, { wakeAt: 0 }))
      expectEqual(await acquiredIds(world), ['run'], 'the runs acquired')
    },
  },
  {
    name: 'a run parked for a message waits for it, however long',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, parkingBatch('run', 1))
      await world.advance(3 * world.leaseMs)
      expectEqual(await acquiredIds(world), [], 'without a message')
      await send(world.storage, 'run', 'a')
      expectEqual(await acquiredIds(world), ['run'], 'with a message')
    },
  },
  {
    name: 'a message makes a run due that sleeps',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, parkingBatch('run', 1, { wakeAt: Number.MAX_SAFE_INTEGER }))
      await send(world.storage, 'run', 'a')
      const { runs } = await acquire(world)
      expectEqual(
        runs.map(({ row }) => [row.runId, row.inboxHead]),
        [['run', 1]],
        'the runs acquired',
      )
    },
  },
  {
    name: 'a run that has ended is never acquired',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, endingBatch('run', 1, { wakeAt: 0 }))
      await send(world.storage, 'run', 'a')
      await world.advance(2 * world.leaseMs)
      expectEqual(await acquiredIds(world), [], 'the runs acquired')
    },
  },
  {
    name: 'runs are acquired longest due first, expired ones in their turn',
    async holds(world) {
      const { storage, leaseMs } = world
      await claim(world, 'expires-2nd')
      const start = (await whole(storage, 'expires-2nd')).row.createdAt
      for (const [runId, wakeAt] of [
        ['sleeps-4th', 4],
        ['sleeps-1st', 1],
        ['sleeps-3rd', 3],
      ] as const) {
        await claim(world, runId)
        await write(storage, parkingBatch(runId, 1, { wakeAt: start + (leaseMs / 2) * wakeAt }))
      }
      await world.advance(2 * leaseMs)
      expectEqual(await acquiredIds(world), ['sleeps-1st', 'expires-2nd', 'sleeps-3rd', 'sleeps-4th'], 'the order')
    },
  },
  {
    name: 'a run that is due is not starved by those that are due again and again',
    async holds(world) {
      const { storage } = world
      for (const runId of ['a', 'b', 'c']) {
        await create(storage, runId)
        await world.advance(1)
      }
      const turns: string[] = []
      for (let turn = 0; turn < 9; turn += 1) {
        const { runs } = await acquire(world, 1)
        for (const { lease } of runs) {
          turns.push(lease.runId)
          await world.advance(1)
          await storage.release(lease)
        }
      }
      expectEqual(turns.join(''), 'abcabcabc', 'the turns')
    },
  },
  {
    name: 'no more runs are acquired than asked for',
    async holds(world) {
      for (const runId of ['a', 'b', 'c']) await create(world.storage, runId)
      const [first, second] = [await acquiredIds(world, 2), await acquiredIds(world, 2)]
      expectEqual([first.length, second.length], [2, 1], 'how many are acquired')
      expectEqual([...first, ...second].toSorted(), ['a', 'b', 'c'], 'all that are acquired')
    },
  },
  {
    name: 'many runs that are held do not hide the one that is due',
    async holds(world) {
      for (let n = 0; n < 100; n += 1) await claim(world, `held-${n}`)
      await create(world.storage, 'due')
      expectEqual(await acquiredIds(world, 1), ['due'], 'the runs acquired')
    },
  },
  {
    name: 'with run ids only these are acquired, if they are due',
    async holds(world) {
      const { storage, leaseMs } = world
      for (const runId of ['a', 'b', 'c']) await create(storage, runId)
      await claim(world, 'held')
      const runIds = ['c', 'held', 'nobody', 'a', 'c']
      const { runs } = await storage.acquire({ owner: 'other', ttlMs: leaseMs, limit: 10, runIds })
      expectEqual(runs.map((run) => run.lease.runId).toSorted(), ['a', 'c'], 'the runs acquired')
      expectEqual(await acquiredIds(world), ['b'], 'the run left')
    },
  },
  {
    name: 'with labels only runs that have all of them are acquired, and the others stay due',
    async holds(world) {
      const { storage, leaseMs } = world
      await create(storage, 'both', { run: { labels: { zone: 'eu', size: 'xl' } } })
      await create(storage, 'one', { run: { labels: { zone: 'eu' } } })
      await create(storage, 'none')
      const labels = { zone: 'eu', size: 'xl' }
      const { runs } = await storage.acquire({ owner: 'other', ttlMs: leaseMs, limit: 10, labels })
      expectEqual(
        runs.map((run) => run.lease.runId),
        ['both'],
        'the runs acquired',
      )
      expectEqual((await acquiredIds(world)).toSorted(), ['none', 'one'], 'the runs left')
    },
  },
  {
    name: 'with workflows only runs of these are acquired, and the others stay due',
    async holds(world) {
      const { storage, leaseMs } = world
      for (const workflow of ['bill', 'ship', 'call']) await create(storage, `a-${workflow}`, { run: { workflow } })
      const workflows = ['call', 'nobody', 'bill']
      const { runs } = await storage.acquire({ owner: 'other', ttlMs: leaseMs, limit: 10, workflows })
      expectEqual(runs.map((run) => run.lease.runId).toSorted(), ['a-bill', 'a-call'], 'the runs acquired')
      const none = await storage.acquire({ owner: 'other', ttlMs: leaseMs, limit: 10, workflows: [] })
      expectEqual(none.runs.length, 0, 'how many are acquired with no workflow')
      expectEqual(await acquiredIds(world), ['a-ship'], 'the run left')
    },
  },
  {
    name: 'runs and plans that are excepted are passed over, hide no other, and stay due',
    async holds(world) {
      const { storage, leaseMs } = world
      for (const [runId, plan] of [
        ['a', 'old'],
        ['b', 'old'],
        ['c', 'plan'],
        ['d', 'plan'],
      ] as const) {
        await create(storage, runId, { run: { plan } })
        await world.advance(1)
      }
      const except = { plans: ['old', 'none'], runIds: ['c', 'nobody'] }
      const { runs } = await storage.acquire({ owner: 'other', ttlMs: leaseMs, limit: 1, except })
      expectEqual(
        runs.map((run) => run.lease.runId),
        ['d'],
        'the runs acquired',
      )
      const named = { owner: 'other', ttlMs: leaseMs, limit: 9, runIds: ['a', 'c'], except: { runIds: ['c'] } }
      const among = await storage.acquire(named)
      expectEqual(
        among.runs.map((run) => run.lease.runId),
        ['a'],
        'those acquired among some',
      )
      const nothing = { owner: 'other', ttlMs: leaseMs, limit: 9, except: {} }
      const left = await storage.acquire(nothing)
      expectEqual(
        left.runs.map((run) => run.lease.runId),
        ['b', 'c'],
        'the runs left',
      )
    },
  },
]
