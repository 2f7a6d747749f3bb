import type { RunFilter } from '../../ports/storage.ts'
import { expectEqual, expectFault, expectThat } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { StorageUnderTest } from '../storage-under-test.ts'
import { batch, claim, create, endingBatch, whole, write } from './law-run.ts'

/** The list of runs. */
export const listLaws: readonly Law<StorageUnderTest>[] = [
  {
    name: 'runs are listed newest first, as their rows are',
    async holds(world) {
      const { storage } = world
      await createInTurn(world, ['b', 'a', 'c'])
      const { runs, cursor } = await storage.list({}, { limit: 10 })
      const rows = []
      for (const runId of ['c', 'a', 'b']) rows.push((await whole(storage, runId)).row)
      expectEqual([runs, cursor], [rows, undefined], 'the list')
    },
  },
  {
    name: 'pages give every run once, and the last page has no cursor',
    async holds(world) {
      const runIds = Array.from({ length: 6 }, (_, n) => `run-${n}`)
      await createInTurn(world, runIds)
      for (const limit of [1, 2, 4, 6, 7]) {
        const pages = await pagesOf(world, {}, limit)
        expectEqual(pages.flat(), runIds.toReversed(), `all pages of ${limit}`)
        expectEqual(pages.length, Math.ceil(6 / limit), `how many pages of ${limit} there are`)
      }
    },
  },
  {
    name: 'a cursor is stable while runs are created and deleted',
    async holds(world) {
      const { storage } = world
      await createInTurn(world, ['1', '2', '3', '4', '5', '6'])
      const first = await storage.list({}, { limit: 2 })
      await createInTurn(world, ['7', '8', '9'])
      await storage.delete('5')
      const pages = [first.runs.map(({ runId }) => runId), ...(await pagesOf(world, {}, 2, first.cursor))]
      expectEqual(pages.flat(), ['6', '5', '4', '3', '2', '1'], 'the runs listed')
    },
  },
  {
    name: 'a filter holds with all its conditions, page after page',
    async holds(world) {
      const { storage } = world
      for (let n = 0; n < 12; n += 1) {
        const labels = { parity: n % 2 === 0 ? 'even' : 'odd', third: String(n % 3) }
        await claim(world, `run-${n}`, { run: { workflow: n < 6 ? 'low' : 'high', labels } })
        if (n % 4 === 0) await write(storage, endingBatch(`run-${n}`, 1))
        await world.advance(1)
      }
      const listed = async (filter: RunFilter) =>
        (await pagesOf(world, filter, 2)).flat().map((runId) => Number(runId.slice(4)))
      expectEqual(await listed({ status: ['completed'] }), [8, 4, 0], 'by status')
      expectEqual(
        await listed({ status: ['completed', 'running'], workflow: 'low' }),
        [5, 4, 3, 2, 1, 0],
        'by workflow',
      )
      expectEqual(await listed({ labels: { parity: 'even', third: '0' } }), [6, 0], 'by labels')
      expectEqual(
        await listed({ status: ['running'], workflow: 'high', labels: { parity: 'even' } }),
        [10, 6],
        'by all',
      )
      expectEqual(await listed({ status: [] }), [], 'by no status')
      expectEqual(await listed({ labels: { constructor: 'x' } }), [], 'by a label that no run has')
    },
  },
  {
    name: 'a cursor that was never given is refused',
    async holds({ storage }) {
      await create(storage, 'run')
      for (const cursor of ['', 'no cursor', '\u0000']) {
        await expectFault(storage.list({}, { limit: 1, cursor }), 'CURSOR_INVALID', JSON.stringify(cursor))
      }
    },
  },
  {
    name: 'a row that was given out does not change afterwards',
    async holds(world) {
      const { storage } = world
      await claim(world, 'run')
      const loaded = await storage.load('run')
      const { runs } = await storage.list({}, { limit: 1 })
      await write(storage, batch('run', 1, { status: 'waiting', wakeAt: 1 }))
      expectEqual([loaded?.row.head, loaded?.row.status], [1, 'running'], 'the loaded row')
      expectEqual([runs[0]?.head, runs[0]?.status], [1, 'running'], 'the listed row')
    },
  },
]

async function createInTurn(world: StorageUnderTest, runIds: readonly string[]): Promise<void> {
  for (const runId of runIds) {
    await create(world.storage, runId)
    await world.advance(1)
  }
}

async function pagesOf(world: StorageUnderTest, filter: RunFilter, limit: number, from?: string): Promise<string[][]> {
  const pages: string[][] = []
  let cursor = from
  do {
    const page = await world.storage.list(filter, { limit, ...(cursor === undefined ? {} : { cursor }) })
    pages.push(page.runs.map(({ runId }) => runId))
    cursor = page.cursor
    expectThat(pages.length <= pagesMax, 'pages come to an end')
  } while (cursor !== undefined)
  return pages
}

const pagesMax = 20
