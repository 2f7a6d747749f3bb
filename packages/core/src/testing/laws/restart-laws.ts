import type { Definition } from '@segno/schema/plan'
import type { Storage } from '../../ports/storage.ts'
import { expectEqual, expectFault, expectThat } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { DurableStorageUnderTest } from '../storage-under-test.ts'
import {
  acquire,
  acquiredIds,
  batch,
  claim,
  create,
  endingBatch,
  event,
  events,
  gathered,
  held,
  parkingBatch,
  send,
  whole,
  write,
} from './law-run.ts'

/** What outlives the process that was told that it is written. */
export const restartLaws: readonly Law<DurableStorageUnderTest>[] = [
  {
    name: 'after a restart the journal and the row are as they were acknowledged',
    async holds(world) {
      const run = { labels: { team: 'ä', '': 'x' }, parent: { runId: 'up', path: 'call' } }
      await claim(world, 'run', { run, first: events('run', 1, 3) })
      await write(world.storage, batch('run', 3, { events: events('run', 4, 2), status: 'waiting', wakeAt: 7 }))
      const before = await whole(world.storage, 'run')
      const again = await world.reopen()
      expectEqual(await whole(again, 'run'), before, 'the run')
      expectEqual(await gathered(again.read('run', 1)), events('run', 1, 5), 'the events')
      expectEqual(await again.list({ labels: { team: 'ä' } }, { limit: 9 }), { runs: [before.row] }, 'the list')
    },
  },
  {
    name: 'after a restart a snapshot still stands for the events up to it',
    async holds(world) {
      const snapshot = { seq: 2, format: 1, state: { deep: [null, 'ä'] } }
      await claim(world, 'run')
      await write(world.storage, batch('run', 1, { snapshot }))
      await write(world.storage, batch('run', 2))
      const { snapshot: kept, tail } = await whole(await world.reopen(), 'run')
      expectEqual([kept, tail], [snapshot, [event('run', 3)]], 'the snapshot, and the events after it')
    },
  },
  {
    name: 'after a restart plans and blobs are there, byte for byte',
    async holds(world) {
      const definition: Definition = { segno: 1, name: 'plan', steps: [], 'x-note': '\u{1d11e}' }
      const texts = [16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 8 * 1024 * 1024].map(
        (size) => `"${'x'.repeat(size - 2)}"`,
      )
      const blobs = texts.map((text, n) => ({ sha256: String(n).repeat(64), size: text.length, text }))
      await world.storage.putPlan('hash', definition)
      await claim(world, 'run', { blobs: blobs.slice(0, 2) })
      await write(world.storage, batch('run', 1, { blobs: blobs.slice(2) }))
      const again = await world.reopen()
      expectEqual(await again.getPlan('hash'), definition, 'the plan')
      for (const { sha256, text } of blobs) {
        expectThat((await again.getBlob('run', sha256)) === text, `the blob of ${text.length} bytes is as it was`)
      }
    },
  },
  {
    name: 'after a restart the inbox holds what was not consumed, and knows every message that it accepted',
    async holds(world) {
      await claim(world, 'run')
      for (const id of ['a', 'b', 'c']) await send(world.storage, 'run', id)
      await write(world.storage, batch('run', 1, { consume: ['b'] }))
      const before = await world.storage.inbox('run', 0)
      const again = await world.reopen()
      expectEqual(await again.inbox('run', 0), before, 'the inbox')
      const outcomes = []
      for (const id of ['a', 'b', 'c', 'd']) outcomes.push(await send(again, 'run', id))
      expectEqual(outcomes, ['duplicate', 'duplicate', 'duplicate', 'accepted'], 'the messages delivered again')
      const places = (await again.inbox('run', 0)).map(({ n }) => n)
      expectEqual(places, [1, 3, 4], 'the places')
    },
  },
  {
    name: 'after a restart an idempotency key still names its run',
    async holds(world) {
      await create(world.storage, 'run', { idempotencyKey: 'key' })
      const again = await world.reopen()
      const { now, ...answer } = await create(again, 'other', { idempotencyKey: 'key' })
      expectEqual(answer, { outcome: 'existing', runId: 'run', sameInput: true }, `the answer at ${now}`)
      expectEqual(await again.load('other'), undefined, 'the other run')
    },
  },
  {
    name: 'after a restart a deleted run stays deleted, and its key and its id are free',
    async holds(world) {
      await create(world.storage, 'run', { idempotencyKey: 'key' })
      await send(world.storage, 'run', 'a')
      await world.storage.delete('run')
      const again = await world.reopen()
      expectEqual([await again.row('run'), await acquiredIds({ ...world, storage: again })], [undefined, []], 'the run')
      const anew = await create(again, 'run', { idempotencyKey: 'key', run: { incarnation: 'run-2' } })
      expectEqual(anew.outcome, 'created', 'a run of the same id and key')
      expectEqual(await (await world.reopen()).inbox('run', 0), [], 'its inbox')
    },
  },
  {
    name: 'the tokens of a run strictly increase over restarts',
    async holds(world) {
      await claim(world, 'run')
      const tokens = [1]
      for (let restart = 0; restart < 4; restart += 1) {
        await world.advance(world.leaseMs)
        const storage = await world.reopen()
        const { runs } = await acquire({ ...world, storage })
        tokens.push(runs[0]?.lease.token ?? 0)
        if (restart % 2 === 0) await storage.release(held('run', tokens.at(-1)))
      }
      const rising = tokens.every((token, index) => token > (tokens[index - 1] ?? 0))
      expectThat(rising, `every token is higher than the one before: ${tokens.join(', ')}`)
    },
  },
  {
    name: 'a lease outlives its process until it runs out, and is then taken over as expired',
    async holds(world) {
      await claim(world, 'run')
      const again = { ...world, storage: await world.reopen() }
      expectEqual(await acquiredIds(again), [], 'what is acquired before')
      await world.advance(world.leaseMs)
      const { runs } = await acquire(again)
      expectEqual(
        runs.map(({ expired }) => expired),
        [true],
        'what is acquired after',
      )
    },
  },
  {
    name: 'after a restart a parked run waits for its time or its message, and a run that has ended for nothing',
    async holds(world) {
      const wakeAt = (await world.storage.acquire({ owner: 'x', ttlMs: 1, limit: 1 })).now + 2 * world.leaseMs
      for (const runId of ['sleeps', 'waits', 'ended']) await claim(world, runId)
      await write(world.storage, parkingBatch('sleeps', 1, { wakeAt }))
      await write(world.storage, parkingBatch('waits', 1))
      await write(world.storage, endingBatch('ended', 1))
      const again = { ...world, storage: await world.reopen() }
      await world.advance(world.leaseMs)
      expectEqual(await acquiredIds(again), [], 'what is acquired before')
      await world.advance(world.leaseMs)
      const outcomes = [await send(again.storage, 'waits', 'a'), await send(again.storage, 'ended', 'a')]
      expectEqual(outcomes, ['accepted', 'closed'], 'the messages delivered')
      expectEqual((await acquiredIds(again)).toSorted(), ['sleeps', 'waits'], 'what is acquired after')
    },
  },
  {
    name: 'a batch sent again after a restart is a duplicate, and with other content a fault',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, batch('run', 1))
      await judgeAgain(await world.reopen(), 2)
    },
  },
  {
    name: 'a batch sent again after a restart and a takeover is a duplicate, and with other content a fault',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, batch('run', 1))
      await world.advance(world.leaseMs)
      const second = await world.reopen()
      const { runs } = await acquire({ ...world, storage: second })
      await write(second, batch('run', 2, { token: runs[0]?.lease.token ?? 0 }))
      await judgeAgain(await world.reopen(), 3)
    },
  },
  {
    name: 'a journal of 100,000 events is read whole after a restart, page by page',
    async holds(world) {
      const [batches, size] = [100, 1_000]
      await claim(world, 'run', { first: events('run', 1, size) })
      for (let n = 1; n < batches; n += 1) {
        await write(world.storage, batch('run', n * size, { events: events('run', n * size + 1, size) }))
      }
      const again = await world.reopen()
      const loaded = await again.load('run')
      for (const [what, pages, from] of [
        ['loaded', loaded?.tail, 1],
        ['read', again.read('run', 1), 1],
        ['read from the middle', again.read('run', 50_001), 50_001],
      ] as const) {
        const read = await counted(pages)
        expectEqual(read.first, from, `the first event ${what}`)
        expectEqual(read.next, batches * size + 1, `where the events ${what} end, none missing`)
        expectThat(read.pages > 1, `the events are ${what} in pages`)
      }
    },
  },
]

async function judgeAgain(storage: Storage, head: number): Promise<void> {
  expectEqual((await storage.append(batch('run', 1))).outcome, 'duplicate', 'the same batch')
  await expectFault(storage.append(batch('run', 1, { status: 'waiting' })), 'BATCH_REUSED', 'another batch of its id')
  expectEqual((await whole(storage, 'run')).tail, events('run', 1, head), 'the journal')
}

/** Where events begin and end; `next` stays behind where one is missing. */
async function counted(pages: ReturnType<Storage['read']> = gone()) {
  const read = { pages: 0, first: 0, next: 0 }
  for await (const page of pages) {
    read.pages += 1
    for (const { seq } of page) {
      if (read.first === 0) read.first = read.next = seq
      if (seq === read.next) read.next += 1
    }
  }
  return read
}

async function* gone(): ReturnType<Storage['read']> {}
