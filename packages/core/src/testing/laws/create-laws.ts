import type { Definition } from '@segno/schema/plan'
import { expectEqual, expectFault } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { StorageUnderTest } from '../storage-under-test.ts'
import {
  acquiredIds,
  batch,
  create,
  ending,
  endingBatch,
  event,
  events,
  held,
  newRun,
  parkingBatch,
  whole,
  write,
} from './law-run.ts'

/** Creating runs and keeping plans. */
export const createLaws: readonly Law<StorageUnderTest>[] = [
  {
    name: 'a created run has its first events and a row that tells of it',
    async holds({ storage }) {
      const parent = { runId: 'parent', path: 'loop[1]/child' }
      const run = { labels: { team: 'a', 'x y': '' }, parent }
      const { now } = await create(storage, 'run', { first: events('run', 1, 3), idempotencyKey: 'key', run })
      const { row, tail, inbox, snapshot } = await whole(storage, 'run')
      expectEqual(tail, events('run', 1, 3), 'the events')
      expectEqual([inbox, snapshot], [[], undefined], 'inbox and snapshot')
      const told = { status: 'running', head: 3, wakeAt: null, createdAt: now, updatedAt: now, inboxHead: 0 }
      expectEqual(row, { ...newRun('run', run), ...told, idempotencyKey: 'key' }, 'the row')
    },
  },
  {
    name: 'a run id that exists is told with whether the input is the same, and nothing is changed',
    async holds({ storage }) {
      await create(storage, 'run')
      const before = await whole(storage, 'run')
      const again = { run: { incarnation: 'run-2', workflow: 'other', labels: { a: 'b' } }, first: events('run', 1, 2) }
      for (const [inputHash, sameInput] of [
        ['input', true],
        ['another', false],
      ] as const) {
        const { now, ...answer } = await create(storage, 'run', { ...again, inputHash })
        expectEqual(answer, { outcome: 'existing', runId: 'run', sameInput }, `the answer at ${now}`)
      }
      expectEqual(await whole(storage, 'run'), before, 'the run')
    },
  },
  {
    name: 'an idempotency key that is taken is told with its run, and nothing is created',
    async holds({ storage }) {
      await create(storage, 'first', { idempotencyKey: 'key' })
      for (const [inputHash, sameInput] of [
        ['input', true],
        ['another', false],
      ] as const) {
        const { now, ...answer } = await create(storage, 'second', { idempotencyKey: 'key', inputHash })
        expectEqual(answer, { outcome: 'existing', runId: 'first', sameInput }, `the answer at ${now}`)
      }
      expectEqual(await storage.load('second'), undefined, 'the second run')
    },
  },
  {
    name: 'the idempotency keys of two workflows have nothing to do with each other',
    async holds({ storage }) {
      const keyed = (runId: string, workflow: string, idempotencyKey: string) =>
        create(storage, runId, { idempotencyKey, run: { workflow } })
      const answers = [await keyed('a', 'ab', 'c'), await keyed('b', 'a', 'bc'), await keyed('c', 'ab', 'bc')]
      expectEqual(
        answers.map(({ outcome }) => outcome),
        ['created', 'created', 'created'],
        'the outcomes',
      )
    },
  },
  {
    name: 'of fifty creations of one run exactly one creates it',
    async holds({ storage }) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) => create(storage, 'run', { run: { incarnation: `run-${n}` } })),
      )
      expectEqual(answers.filter(({ outcome }) => outcome === 'created').length, 1, 'how many created it')
      expectEqual((await whole(storage, 'run')).tail.length, 1, 'events in the journal')
    },
  },
  {
    name: 'of fifty creations with one idempotency key exactly one creates a run, and all name it',
    async holds(world) {
      const { storage } = world
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) => create(storage, `run-${n}`, { idempotencyKey: 'key' })),
      )
      const { runs } = await storage.list({}, { limit: 100 })
      expectEqual(runs.length, 1, 'how many runs there are')
      const named = new Set(answers.map((answer) => (answer.outcome === 'existing' ? answer.runId : runs[0]?.runId)))
      expectEqual([...named], [runs[0]?.runId], 'the runs named')
      expectEqual(await acquiredIds(world, 100), [runs[0]?.runId], 'the runs acquired')
    },
  },
  {
    name: 'a creation sent again gives the same lease again for as long as it stands',
    async holds(world) {
      const options = { ...claimed(world), idempotencyKey: 'key' }
      const first = await world.storage.createRun(newRun('run'), firstBatch, options)
      await world.advance(world.leaseMs / 2)
      const second = await world.storage.createRun(newRun('run'), firstBatch, options)
      expectEqual({ ...second, now: 0 }, { ...first, now: 0 }, 'the second answer')
      await write(world.storage, batch('run', 1))
      expectEqual((await whole(world.storage, 'run')).tail, events('run', 1, 2), 'the journal')
    },
  },
  {
    name: 'a creation sent fifty times at once is written once and gives one lease',
    async holds(world) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => world.storage.createRun(newRun('run'), firstBatch, claimed(world))),
      )
      const leases = new Set(answers.map((answer) => JSON.stringify('lease' in answer && answer.lease)))
      expectEqual([leases.size, answers[0]?.outcome], [1, 'created'], 'how many leases there are, and the outcome')
      expectEqual((await whole(world.storage, 'run')).tail.length, 1, 'events in the journal')
    },
  },
  {
    name: 'a creation sent again when its lease is over, or without a claim, is told as existing',
    async holds(world) {
      const { storage, leaseMs } = world
      const overs: Readonly<Record<string, (runId: string) => Promise<unknown>>> = {
        expired: () => world.advance(leaseMs),
        taken: async (runId) => {
          await world.advance(leaseMs)
          await storage.acquire({ owner: 'other', ttlMs: leaseMs, limit: 1, runIds: [runId] })
        },
        released: (runId) => storage.release(held(runId)),
        parked: (runId) => write(storage, parkingBatch(runId, 1)),
        ended: (runId) => write(storage, endingBatch(runId, 1)),
      }
      const existing = { outcome: 'existing', sameInput: true }
      for (const [runId, over] of Object.entries(overs)) {
        const first = { ...firstBatch, events: [event(runId, 1)] }
        await storage.createRun(newRun(runId), first, claimed(world))
        await over(runId)
        const { now, ...answer } = await storage.createRun(newRun(runId), first, claimed(world))
        expectEqual(answer, { ...existing, runId }, `the answer at ${now} where the lease was ${runId}`)
      }
      await create(storage, 'unclaimed')
      const { now, ...answer } = await create(storage, 'unclaimed')
      expectEqual(answer, { ...existing, runId: 'unclaimed' }, `the answer at ${now} without a claim`)
    },
  },
  {
    name: 'another creation of a run that is held is given no lease',
    async holds(world) {
      await world.storage.createRun(newRun('run'), firstBatch, claimed(world))
      const other = newRun('run', { incarnation: 'run-2' })
      const { now, ...answer } = await world.storage.createRun(other, firstBatch, claimed(world))
      expectEqual(answer, { outcome: 'existing', runId: 'run', sameInput: true }, `the answer at ${now}`)
    },
  },
  {
    name: 'a run that cannot be is not created',
    async holds({ storage }) {
      const wrong = {
        'no event': [],
        'a gap': [event('run', 2)],
        'an event of another run': [event('other', 1)],
        'an ending that its status does not tell': [ending('run', 1)],
      }
      for (const [what, first] of Object.entries(wrong)) {
        await expectFault(create(storage, 'run', { first, idempotencyKey: 'key' }), 'BATCH_INVALID', what)
      }
      expectEqual(await storage.load('run'), undefined, 'the run')
      expectEqual((await create(storage, 'other', { idempotencyKey: 'key' })).outcome, 'created', 'the key afterwards')
    },
  },
  {
    name: 'a run that ends as it is created is leased to nobody',
    async holds(world) {
      const first = { events: [ending('run', 1)], status: 'completed', wakeAt: null } as const
      const claim = { owner: 'creator', ttlMs: world.leaseMs }
      const created = await world.storage.createRun(newRun('run'), first, { inputHash: 'input', claim })
      expectEqual('lease' in created ? created.lease : undefined, undefined, 'the lease')
      await world.advance(world.leaseMs)
      expectEqual(await acquiredIds(world), [], 'the runs acquired')
    },
  },
  {
    name: 'a plan is kept under its hash, and the same hash again changes nothing',
    async holds({ storage }) {
      const definition: Definition = { segno: 1, name: 'plan', steps: [], 'x-note': '\u{1d11e}' }
      expectEqual(await storage.getPlan('hash'), undefined, 'before')
      await Promise.all([storage.putPlan('hash', definition), storage.putPlan('hash', definition)])
      await storage.putPlan('hash', { segno: 1, name: 'forged', steps: [] })
      expectEqual(await storage.getPlan('hash'), definition, 'after')
    },
  },
]

const firstBatch = { events: [event('run', 1)], status: 'running', wakeAt: null } as const

function claimed({ leaseMs }: StorageUnderTest) {
  return { inputHash: 'input', claim: { owner: 'creator', ttlMs: leaseMs } } as const
}
