import type { Storage } from '../../ports/storage.ts'
import { expectEqual, expectThat, LawBroken } from '../expectation.ts'
import type { Law } from '../law.ts'
import { seededRandom } from '../random.ts'
import type { DurableStorageUnderTest } from '../storage-under-test.ts'
import {
  acquire,
  acquiredIds,
  batch,
  claim,
  create,
  event,
  events,
  gathered,
  held,
  parkingBatch,
  send,
  whole,
  write,
} from './law-run.ts'

/** Several processes at one store, all alive. */
export const handleLaws: readonly Law<DurableStorageUnderTest>[] = [
  {
    name: 'of twenty contenders at four handles exactly one gets the run',
    async holds(world) {
      const handles = await open(world, 4)
      for (let round = 0; round < 10; round += 1) {
        await create(world.storage, `run-${round}`)
        const asked = Array.from({ length: 20 }, (_, n) =>
          acquire({ ...world, storage: pick(handles, n) }, 1, `c-${n}`),
        )
        const given = (await Promise.all(asked)).flatMap(({ runs }) => runs.map((run) => run.lease.runId))
        expectEqual(given, [`run-${round}`], 'the leases given')
      }
    },
  },
  {
    name: 'handles share out the runs that are due, and none is given twice or forgotten',
    async holds(world) {
      const handles = await open(world, 4)
      const runIds = Array.from({ length: 20 }, (_, n) => `run-${String(n).padStart(2, '0')}`)
      await Promise.all(runIds.map((runId, n) => create(pick(handles, n), runId)))
      const asked = Array.from({ length: 8 }, (_, n) => acquire({ ...world, storage: pick(handles, n) }, 2))
      const given = (await Promise.all(asked)).flatMap(({ runs }) => runs.map((run) => run.lease.runId))
      const rest = await acquiredIds(world, 20)
      expectEqual([...given, ...rest].toSorted(), runIds, 'the runs given')
    },
  },
  {
    name: 'a holder whose run was taken over through another handle is fenced, and takes nothing back',
    async holds(world) {
      const { storage, leaseMs } = world
      const other = await world.reopen()
      await claim(world, 'run')
      await write(storage, batch('run', 1))
      await world.advance(leaseMs)
      const token = await takenOver(world, other)
      expectEqual((await storage.append(batch('run', 2))).outcome, 'fenced', 'an append at the head')
      await write(other, batch('run', 2, { token, batchId: 'theirs' }))
      expectEqual((await storage.append(batch('run', 2))).outcome, 'fenced', 'an append behind it')
      expectEqual((await storage.append(parkingBatch('run', 3))).outcome, 'fenced', 'a park')
      expectEqual((await storage.renew({ leases: [held('run')], ttlMs: leaseMs })).renewed, [], 'a renewal')
      await storage.release(held('run'))
      await write(other, batch('run', 3, { token }))
      expectEqual((await whole(storage, 'run')).tail, events('run', 1, 4), 'the journal')
    },
  },
  {
    name: 'a lease that was renewed through one handle is held for all of them',
    async holds(world) {
      const other = { ...world, storage: await world.reopen() }
      await claim(world, 'run')
      await world.advance(world.leaseMs / 2)
      await world.storage.renew({ leases: [held('run')], ttlMs: world.leaseMs })
      await world.advance(world.leaseMs / 2)
      expectEqual(await acquiredIds(other), [], 'what the other acquires')
      expectEqual(await other.storage.delete('run'), false, 'what the other deletes')
      await write(world.storage, batch('run', 1))
      await world.storage.release(held('run'))
      expectEqual(await acquiredIds(other), ['run'], 'what the other acquires when it is released')
    },
  },
  {
    name: 'what one handle appends is read through another as soon as it is acknowledged, and by whole batches before',
    async holds(world) {
      const other = await world.reopen()
      await claim(world, 'run')
      let acknowledged = 1
      const writing = (async () => {
        for (let seq = 1; seq < 150; seq += 3) {
          await write(world.storage, batch('run', seq, { events: events('run', seq + 1, 3) }))
          acknowledged = seq + 3
        }
      })()
      for (let round = 0; round < 20; round += 1) {
        const least = acknowledged
        const { row, tail } = await whole(other, 'run')
        expectEqual(tail, events('run', 1, row.head), 'the events')
        expectThat(row.head >= least, `the head ${row.head} has what was acknowledged at ${least}`)
        expectEqual(row.head % 3, 1, 'the head, at the end of a batch')
      }
      await writing
      expectEqual(await gathered(other.read('run', 1)), events('run', 1, 151), 'the journal')
    },
  },
  {
    name: 'a message through one handle makes a run due that another one parked',
    async holds(world) {
      const other = await world.reopen()
      await claim(world, 'run')
      await write(world.storage, parkingBatch('run', 1))
      expectEqual(await send(other, 'run', 'a'), 'accepted', 'the outcome')
      expectEqual((await whole(world.storage, 'run')).inbox, ['a'], 'the inbox')
      expectEqual(await acquiredIds(world), ['run'], 'the runs acquired')
    },
  },
  {
    name: 'a message through one handle that races a park through another is never overlooked',
    async holds(world) {
      const other = await world.reopen()
      for (let round = 0; round < 100; round += 1) {
        const runId = `run-${round}`
        await claim(world, runId)
        const messageFirst = round % 2 === 0 ? send(other, runId, 'a') : undefined
        const park = world.storage.append(parkingBatch(runId, 1))
        const [parked] = await Promise.all([park, messageFirst ?? send(other, runId, 'a')])
        const due = parked.outcome === 'ok' ? [runId] : []
        expectEqual(await acquiredIds(world), due, `what is acquired where the park was ${parked.outcome}`)
        expectThat(due.length === 1 || parked.outcome === 'inboxMoved', 'the park is written or told of the message')
      }
    },
  },
  {
    name: 'messages through several handles have a place each, and one that comes twice is accepted once',
    async holds(world) {
      const handles = await open(world, 4)
      await create(world.storage, 'run')
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, (_, n) => send(pick(handles, n), 'run', n % 2 === 0 ? 'same' : `from-${n}`)),
      )
      expectEqual(outcomes.filter((outcome) => outcome === 'accepted').length, 21, 'how many were accepted')
      const inbox = await world.storage.inbox('run', 0)
      const places = inbox.map(({ n }) => n)
      expectEqual(
        places,
        inbox.map((_, index) => index + 1),
        'the places',
      )
      expectEqual(new Set(inbox.map(({ id }) => id)).size, 21, 'how many messages there are')
    },
  },
  {
    name: 'of fifty creations through several handles with one idempotency key exactly one creates a run',
    async holds(world) {
      const handles = await open(world, 5)
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) => create(pick(handles, n), `run-${n}`, { idempotencyKey: 'key' })),
      )
      const { runs } = await world.storage.list({}, { limit: 99 })
      expectEqual(runs.length, 1, 'how many runs there are')
      const created = answers.filter(({ outcome }) => outcome === 'created')
      expectEqual(created.length, 1, 'how many were told that they created it')
      const named = answers.map((answer) => (answer.outcome === 'existing' ? answer.runId : runs[0]?.runId))
      expectEqual([...new Set(named)], [runs[0]?.runId], 'the runs named')
      expectEqual((await acquiredIds(world, 99)).length, 1, 'how many are due')
    },
  },
  {
    name: 'of fifty creations of one run through several handles exactly one creates it',
    async holds(world) {
      const handles = await open(world, 5)
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) => create(pick(handles, n), 'run', { run: { incarnation: `run-${n}` } })),
      )
      expectEqual(answers.filter(({ outcome }) => outcome === 'created').length, 1, 'how many created it')
      expectEqual((await whole(world.storage, 'run')).tail, [event('run', 1)], 'the journal')
    },
  },
  {
    name: 'a run that is deleted through one handle is gone for its holder at another',
    async holds(world) {
      const other = await world.reopen()
      await claim(world, 'run')
      await write(world.storage, batch('run', 1))
      await world.advance(world.leaseMs)
      expectEqual(await other.delete('run'), true, 'the answer')
      expectEqual((await world.storage.append(batch('run', 2))).outcome, 'gone', 'append')
      expectEqual(await world.storage.row('run'), undefined, 'row')
      expectEqual(await send(world.storage, 'run', 'a'), 'unknown', 'deliver')
      await create(other, 'run', { run: { incarnation: 'run-2' } })
      expectEqual((await world.storage.append(batch('run', 1))).outcome, 'gone', 'append to the run that took its id')
      expectEqual((await whole(world.storage, 'run')).tail, [event('run', 1)], 'the journal of that run')
    },
  },
  {
    name: 'hosts whose clocks are an hour apart never both write one seq, and lose nothing that was acknowledged',
    async holds(world) {
      const hourMs = 3_600_000
      const hosts = [world.storage]
      for (const skewMs of [hourMs, -hourMs]) hosts.push(await world.reopen({ skewMs }))
      for (let seed = 1; seed <= 8; seed += 1) await race(world, hosts, seed)
    },
  },
]

async function open(world: DurableStorageUnderTest, count: number): Promise<readonly Storage[]> {
  const handles = [world.storage]
  while (handles.length < count) handles.push(await world.reopen())
  return handles
}

function pick(handles: readonly Storage[], n: number): Storage {
  const handle = handles[n % handles.length]
  if (handle === undefined) throw new LawBroken('there is a handle')
  return handle
}

async function takenOver(world: DurableStorageUnderTest, storage: Storage): Promise<number> {
  const { runs } = await acquire({ ...world, storage })
  const token = runs[0]?.lease.token
  if (token === undefined) throw new LawBroken('a lease that has run out is taken over through another handle')
  return token
}

// Each host takes the run over whenever it believes that it may, and writes for as long as it believes that it holds it.
async function race(world: DurableStorageUnderTest, hosts: readonly Storage[], seed: number): Promise<void> {
  const random = seededRandom(seed)
  const runId = `race-${seed}`
  await create(world.storage, runId)
  const tokens = hosts.map(() => 0)
  const acknowledged = new Map([[1, event(runId, 1)]])
  const write = async (host: number, name: string): Promise<void> => {
    const storage = pick(hosts, host)
    const seq = Math.max(...acknowledged.keys()) + 1
    const written = event(runId, seq, name)
    const request = batch(runId, seq - 1, { token: tokens[host] ?? 0, batchId: name, events: [written] })
    if ((await storage.append(request)).outcome !== 'ok') return
    expectThat(!acknowledged.has(seq), `event ${seq} is acknowledged to one host only`)
    acknowledged.set(seq, written)
  }
  for (let move = 0; move < 30; move += 1) {
    const host = random.integer(hosts.length)
    const { runs } = await pick(hosts, host).acquire({
      owner: `${host}`,
      ttlMs: world.leaseMs,
      limit: 1,
      runIds: [runId],
    })
    tokens[host] = runs[0]?.lease.token ?? tokens[host] ?? 0
    await Promise.all(hosts.map((_, index) => write(index, `${move}-${index}`)))
    if (random.chance(0.2)) await world.advance(world.leaseMs)
  }
  expectThat(acknowledged.size > 1, 'somebody writes')
  const kept = (await whole(await world.reopen(), runId)).tail
  expectEqual(kept, [...acknowledged.values()], 'the journal, as it was acknowledged')
}
