import { createEngine, memoryStorage, type Storage } from '@segno/core'
import type { Definition } from '@segno/schema'
import { beforeEach, describe, expect, test } from 'vitest'
import { matchingRows, wantedOf, type ListOptions } from './run-list.ts'

const all: ListOptions = { status: [], label: [], limit: '20' }
const startedAt = 1_000_000_000_000

const ends: readonly (readonly [id: string, steps: Definition['steps'], team: string])[] = [
  ['done', [{ id: 'a', set: {} }], 'web'],
  ['failed', [{ id: 'a', assert: 'false' }], 'web'],
  ['waits', [{ id: 'a', waitFor: { signal: 'go' } }], 'ops'],
]

let storage: Storage
beforeEach(async () => {
  let now = startedAt
  storage = memoryStorage({ now: () => now })
  await using engine = createEngine({ storage })
  for (const [id, steps, team] of ends) {
    const run = await engine.start({ segno: 1, name: id, steps }, {}, { id, labels: { team } })
    if (id !== 'waits') await run.result()
    now += 1
  }
  const created = { plan: 'none', workflow: 'crashes', incarnation: 'inc', engine: '0', labels: {}, handlers: {} }
  const event = { seq: 1, v: 1, at: now, runId: 'crashed', type: 'run.created', ...created } as const
  await storage.createRun(
    { ...{ runId: 'crashed', incarnation: 'inc', workflow: 'crashes' }, plan: 'none', labels: {} },
    { events: [event], status: 'running', wakeAt: now },
    { inputHash: '', claim: { owner: 'gone', ttlMs: 1 } },
  )
  now += 2
})

async function found(options: Partial<ListOptions>, cursor?: string): Promise<readonly string[]> {
  const { rows } = await matchingRows(storage, wantedOf({ ...all, ...options }), cursor)
  return rows.map(({ runId }) => runId)
}

describe('the runs that are asked for', () => {
  test.for<readonly [options: Partial<ListOptions>, ids: readonly string[]]>([
    [{}, ['crashed', 'waits', 'failed', 'done']],
    [{ status: ['failed,waiting'] }, ['waits', 'failed']],
    [{ status: ['failed', 'completed'] }, ['failed', 'done']],
    [{ status: ['crashed'] }, ['crashed']],
    [{ status: ['crashed', 'failed'] }, ['crashed', 'failed']],
    [{ status: ['running'] }, []],
    [{ workflow: 'failed' }, ['failed']],
    [{ label: ['team=web'] }, ['failed', 'done']],
    [{ label: ['team=ops'], status: ['failed'] }, []],
    [{ since: '1h' }, []],
    [{ since: '36500d' }, ['crashed', 'waits', 'failed', 'done']],
    [{ limit: '2' }, ['crashed', 'waits']],
  ])('by %j are %j', async ([options, ids]) => {
    expect(await found(options)).toEqual(ids)
  })

  test('come page by page, whatever is passed over', async () => {
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const page = await matchingRows(
        storage,
        wantedOf({ ...all, status: ['crashed', 'completed'], limit: '1' }),
        cursor,
      )
      ids.push(...page.rows.map(({ runId }) => runId))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(ids).toEqual(['crashed', 'done'])
  })

  test.for<readonly [options: Partial<ListOptions>, says: string]>([
    [{ status: ['done'] }, '--status done: there is no such status'],
    [{ since: 'yesterday' }, '--since yesterday: expected a duration'],
    [{ limit: '0' }, '--limit 0: expected a whole number from 1 to 1000'],
    [{ limit: 'many' }, '--limit many: expected a whole number from 1 to 1000'],
    [{ label: ['team'] }, '--label team: expected key=value'],
  ])('cannot be asked for by %j', ([options, says]) => {
    expect(() => wantedOf({ ...all, ...options })).toThrow(says)
  })
})
