import type { RunEvent } from '@segno/schema/plan'
import type { Storage } from '../../ports/storage.ts'
import { expectEqual, expectFault, LawBroken } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { StorageUnderTest } from '../storage-under-test.ts'
import { batch, claim, create, event, events, gathered, whole, write } from './law-run.ts'

const lengths = [1, 2, 999, 1_000, 1_001, 2_000, 10_000]

/** Reading journals: pages, prefixes, snapshots. */
export const journalLaws: readonly Law<StorageUnderTest>[] = [
  ...lengths.map((length) => ({
    name: `a journal of ${length} events is read whole, from any place`,
    async holds({ storage }: StorageUnderTest) {
      await create(storage, 'run', { first: events('run', 1, length) })
      expectEqual((await whole(storage, 'run')).tail, events('run', 1, length), 'the loaded events')
      for (const from of new Set([1, 2, length - 1, length, length + 1, length + 1_000].filter((seq) => seq >= 1))) {
        const rest = await gathered(storage.read('run', from))
        expectEqual(
          rest.map(({ seq }) => seq),
          events('run', from, Math.max(0, length - from + 1)).map(({ seq }) => seq),
          `from ${from}`,
        )
      }
    },
  })),
  {
    name: 'a run that does not exist has nothing to load or read',
    async holds({ storage }) {
      expectEqual(await storage.load('nobody'), undefined, 'load')
      expectEqual(await gathered(storage.read('nobody', 1)), [], 'read')
      expectEqual(await storage.inbox('nobody', 0), [], 'inbox')
    },
  },
  {
    name: 'a load tells of one moment: its events end where its row does',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run')
      const writing = (async () => {
        for (let seq = 1; seq < 300; seq += 3)
          await write(storage, batch('run', seq, { events: events('run', seq + 1, 3) }))
      })()
      for (let round = 0; round < 30; round += 1) {
        const { row, tail } = await whole(storage, 'run')
        expectEqual(tail, events('run', 1, row.head), 'the events')
        expectEqual(row.head % 3, 1, 'the head, at the end of a batch')
      }
      await writing
    },
  },
  {
    name: 'what is appended after a load or read was asked for is not in it',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run', { first: events('run', 1, 1_500) })
      const [halfway, untouched] = [await pagesOf(storage), await pagesOf(storage)]
      const read = storage.read('run', 1)
      const first = await halfway.next()
      await write(storage, batch('run', 1_500, { snapshot: { seq: 1_501, format: 1, state: {} } }))
      const start = first.done === true ? [] : first.value
      expectEqual([...start, ...(await rest(halfway))], events('run', 1, 1_500), 'events of a load read half')
      expectEqual(await rest(untouched), events('run', 1, 1_500), 'events of a load not yet read')
      const seqs = (await gathered(read)).map(({ seq }) => seq)
      // A read may begin with its first page or with the call: it is a prefix either way.
      expectEqual(
        seqs,
        events('run', 1, seqs.length).map(({ seq }) => seq),
        'the read events',
      )
    },
  },
  {
    name: 'a snapshot stands for the events up to it',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run')
      const snapshot = { seq: 2, format: 3, state: { deep: [{ a: null }] } }
      await write(storage, batch('run', 1, { events: events('run', 2, 2), snapshot }))
      await write(storage, batch('run', 3))
      const run = await whole(storage, 'run')
      expectEqual(run.snapshot, snapshot, 'the snapshot')
      expectEqual(run.tail, events('run', 3, 2), 'the events after it')
      expectEqual(run.row.head, 4, 'the head')
      expectEqual(await gathered(storage.read('run', 4)), events('run', 4, 1), 'the last event')
    },
  },
  {
    name: 'only a newer snapshot takes the place of a snapshot',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run', { first: events('run', 1, 5) })
      const at = (seq: number, state: string) => ({ seq, format: 1, state })
      await write(storage, batch('run', 5, { snapshot: at(3, 'first') }))
      await write(storage, batch('run', 6, { snapshot: at(2, 'older') }))
      await write(storage, batch('run', 7, { snapshot: at(3, 'as old') }))
      expectEqual((await whole(storage, 'run')).snapshot, at(3, 'first'), 'the snapshot kept')
      await write(storage, batch('run', 8, { snapshot: at(9, 'newer') }))
      const { snapshot, tail } = await whole(storage, 'run')
      expectEqual([snapshot, tail], [at(9, 'newer'), []], 'the newer snapshot, and the events after it')
    },
  },
  {
    name: 'a snapshot of what has not happened is refused',
    async holds(world) {
      await claim(world, 'run')
      const request = batch('run', 1, { snapshot: { seq: 3, format: 1, state: {} } })
      await expectFault(world.storage.append(request), 'BATCH_INVALID', 'a snapshot after the last event')
      expectEqual((await whole(world.storage, 'run')).tail, [event('run', 1)], 'the events')
    },
  },
]

type Pages = AsyncIterator<readonly RunEvent[]>

async function pagesOf(storage: Storage): Promise<Pages> {
  const run = await storage.load('run')
  if (run === undefined) throw new LawBroken('the run exists')
  return run.tail[Symbol.asyncIterator]()
}

function rest(pages: Pages): Promise<RunEvent[]> {
  return gathered({ [Symbol.asyncIterator]: () => pages })
}
