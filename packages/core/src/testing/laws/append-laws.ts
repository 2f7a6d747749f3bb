import { expectEqual, expectFault } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { StorageUnderTest } from '../storage-under-test.ts'
import {
  batch,
  claim,
  ending,
  endingBatch,
  event,
  events,
  gathered,
  parkingBatch,
  send,
  whole,
  write,
} from './law-run.ts'

/** Appending: order, atomicity, compare-and-set, the end of a run. */
export const appendLaws: readonly Law<StorageUnderTest>[] = [
  {
    name: 'a batch is in the journal and in the row when its append is answered',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, batch('run', 1, { events: events('run', 2, 3), status: 'waiting', wakeAt: 7 }))
      const { row, tail } = await whole(world.storage, 'run')
      expectEqual(tail, events('run', 1, 4), 'the loaded events')
      expectEqual(await gathered(world.storage.read('run', 1)), events('run', 1, 4), 'the read events')
      expectEqual([row.head, row.status, row.wakeAt], [4, 'waiting', 7], 'head, status and wakeAt of the row')
    },
  },
  {
    name: 'a batch that puts the run on another plan says so in its row, and no other does',
    async holds(world) {
      await claim(world, 'run')
      const planOf = async (): Promise<unknown> => (await whole(world.storage, 'run')).row.plan
      const first = await planOf()
      await write(world.storage, batch('run', 1))
      expectEqual(await planOf(), first, 'the plan after a batch without one')
      await write(world.storage, batch('run', 2, { plan: 'another' }))
      await write(world.storage, batch('run', 3))
      expectEqual(await planOf(), 'another', 'the plan after a batch that names one')
      const listed = (await world.storage.list({}, { limit: 10 })).runs.map(({ plan }) => plan)
      expectEqual(listed, ['another'], 'the plan in the list')
    },
  },
  {
    name: 'the answer to an append tells the store’s time and the head of the inbox',
    async holds(world) {
      await claim(world, 'run')
      await send(world.storage, 'run', 'a')
      const first = await world.storage.append(batch('run', 1))
      await world.advance(1)
      const second = await world.storage.append(batch('run', 2))
      expectEqual('inboxHead' in first && first.inboxHead, 1, 'inboxHead')
      expectEqual(second.now > first.now, true, 'time passes from one answer to the next')
      expectEqual(
        (await whole(world.storage, 'run')).row.updatedAt,
        second.now,
        'updatedAt is when the last batch was written',
      )
    },
  },
  {
    name: 'a batch with a gap, a repetition or another run in it is refused whole',
    async holds(world) {
      await claim(world, 'run')
      const wrong = {
        'a gap inside': [event('run', 2), event('run', 4)],
        'a gap before': [event('run', 3)],
        'a repetition': [event('run', 2), event('run', 2)],
        'a seq of the past': [event('run', 1)],
        'an event of another run': [event('run', 2), event('other', 3)],
      }
      for (const [what, list] of Object.entries(wrong)) {
        await expectFault(world.storage.append(batch('run', 1, { events: list })), 'BATCH_INVALID', what)
      }
      expectEqual((await whole(world.storage, 'run')).tail, events('run', 1, 1), 'the journal afterwards')
    },
  },
  {
    name: 'an empty batch that gives nothing back is refused',
    async holds(world) {
      await claim(world, 'run')
      await expectFault(world.storage.append(batch('run', 1, { events: [] })), 'BATCH_INVALID', 'an empty batch')
    },
  },
  {
    name: 'an append at another seq than the head is a conflict',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, batch('run', 1))
      for (const seq of [0, 1, 3]) {
        const { outcome } = await world.storage.append(batch('run', seq, { batchId: `stray-${seq}` }))
        expectEqual(outcome, 'conflict', `an append at ${seq} where the head is 2`)
      }
      expectEqual((await whole(world.storage, 'run')).tail, events('run', 1, 2), 'the journal afterwards')
    },
  },
  {
    name: 'of fifty appends at the same seq exactly one is written',
    async holds(world) {
      await claim(world, 'run')
      const all = Array.from({ length: 50 }, (_, n) =>
        batch('run', 1, { batchId: `writer-${n}`, events: [event('run', 2, n)] }),
      )
      const answers = await Promise.all(all.map((request) => world.storage.append(request)))
      const winners = all.filter((_, n) => answers[n]?.outcome === 'ok')
      expectEqual(winners.length, 1, 'how many were written')
      expectEqual(answers.filter((answer) => answer.outcome === 'conflict').length, 49, 'how many conflicted')
      expectEqual((await whole(world.storage, 'run')).tail.slice(1), winners[0]?.events, 'what was written')
    },
  },
  {
    name: 'an append that is refused leaves no trace',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run')
      await send(storage, 'run', 'a')
      const before = await whole(storage, 'run')
      const blob = { sha256: 'b'.repeat(64), size: 2, text: '""' }
      const full = batch('run', 1, {
        status: 'waiting',
        wakeAt: before.row.createdAt,
        blobs: [blob],
        consume: ['a'],
        snapshot: { seq: 2, format: 1, state: {} },
      })
      const refused = {
        conflict: { expectedSeq: 5, events: [event('run', 6)] },
        fenced: { token: 2 },
        inboxMoved: { park: { inboxHead: 0 } },
        early: { notBefore: before.row.createdAt + 1_000 * world.leaseMs },
      }
      for (const [outcome, changes] of Object.entries(refused)) {
        const answer = await storage.append({ ...full, ...changes })
        expectEqual(answer.outcome, outcome, 'the outcome')
        expectEqual(await whole(storage, 'run'), before, `the run after ${outcome}`)
        expectEqual(await storage.getBlob('run', blob.sha256), undefined, `the blob after ${outcome}`)
      }
      await write(storage, full)
    },
  },
  {
    name: 'an append for an instant that has not come is early, and is written once it has',
    async holds(world) {
      await claim(world, 'run')
      const notBefore = (await whole(world.storage, 'run')).row.createdAt + world.leaseMs / 2
      const request = batch('run', 1, { notBefore })
      expectEqual((await world.storage.append(request)).outcome, 'early', 'before the instant')
      await world.advance(world.leaseMs / 2)
      expectEqual((await world.storage.append(request)).outcome, 'ok', 'at the instant')
    },
  },
  {
    name: 'nothing is appended to a run that has ended',
    async holds(world) {
      await claim(world, 'run')
      await write(world.storage, endingBatch('run', 1))
      for (const request of [batch('run', 2), endingBatch('run', 2), parkingBatch('run', 2)]) {
        expectEqual((await world.storage.append(request)).outcome, 'gone', 'an append after the end')
      }
      const { row, tail } = await whole(world.storage, 'run')
      expectEqual(tail, [event('run', 1), ending('run', 2)], 'the journal afterwards')
      expectEqual([row.head, row.status], [2, 'completed'], 'head and status of the row')
    },
  },
  {
    name: 'a status that the events do not give is refused',
    async holds(world) {
      await claim(world, 'run')
      const wrong = {
        'an end without its event': batch('run', 1, { status: 'failed' }),
        'an ending of another status': endingBatch('run', 1, { status: 'running' }),
        'an event after the ending': endingBatch('run', 1, { events: [ending('run', 2), event('run', 3)] }),
      }
      for (const [what, request] of Object.entries(wrong)) {
        await expectFault(world.storage.append(request), 'BATCH_INVALID', what)
      }
      expectEqual((await whole(world.storage, 'run')).tail.length, 1, 'events afterwards')
    },
  },
  {
    name: 'an append to a run that does not exist is gone',
    async holds(world) {
      expectEqual((await world.storage.append(batch('nobody', 1))).outcome, 'gone', 'the outcome')
    },
  },
  {
    name: 'runs do not see each other’s events',
    async holds(world) {
      await claim(world, 'run')
      await claim(world, 'run2')
      await write(world.storage, batch('run', 1))
      expectEqual((await whole(world.storage, 'run2')).tail, events('run2', 1, 1), 'the other journal')
    },
  },
]
