import { createEngine, mayHaveWritten, SegnoError, StorageFault, type Storage } from '@segno/core'
import type { Definition } from '@segno/schema/plan'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresStorage } from '../../src/postgres/index.ts'
import { startServer, whyNoServer } from '../postgres/server.ts'
import { postgresDatabase, sqliteDatabase, type LookedAt } from './databases.ts'
import { nasty, nastyTexts } from './nasty.ts'

const noServer = whyNoServer()
if (noServer !== undefined) process.stdout.write(`not run: injection into PostgreSQL: ${noServer}\n`)

const databases: readonly (readonly [name: string, open: () => Promise<LookedAt>])[] = [
  ['SQLite', sqliteDatabase],
  ...(noServer === undefined ? [['PostgreSQL', () => postgresDatabase()] as const] : []),
]
const waits: Definition = { segno: 1, name: 'waits', steps: [{ id: 'wait', waitFor: { signal: 'go' } }] }
const numRuns = 150

describe.for(databases)('%s takes every text for a text:', ([, open]) => {
  let database: LookedAt
  let things: readonly string[] = []
  beforeAll(async () => {
    database = await open()
    await using engine = createEngine({ storage: database.storage })
    await engine.start(waits, {}, { id: 'sentinel', labels: { is: 'sentinel' } })
    things = await database.things()
  })
  afterAll(() => database.close())

  const unharmed = async (): Promise<void> => {
    expect(await database.things()).toEqual(things)
    const { runs } = await database.storage.list({ labels: { is: 'sentinel' } }, { limit: 2 })
    expect(runs.map(({ runId }) => runId)).toEqual(['sentinel'])
  }

  test('what is asked for under a name that nobody has is not there', { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(nasty, nasty, async (a, b) => {
      const { storage } = database
      expect(await plain(storage.row(a))).toBeUndefined()
      expect(await plain(storage.load(a))).toBeUndefined()
      expect(await plain(storage.delete(a), false)).toBe(false)
      expect(await plain(storage.getPlan(a))).toBeUndefined()
      expect(await plain(storage.getBlob('sentinel', a))).toBeUndefined()
      expect(await plain(storage.inbox(a, 0), [])).toEqual([])
      expect(await plain(events(storage, a), [])).toEqual([])
      expect((await plain(storage.list({ workflow: a }, { limit: 5 }), { runs: [] })).runs).toEqual([])
      expect((await plain(storage.list({ labels: { [a]: b } }, { limit: 5 }), { runs: [] })).runs).toEqual([])
      expect((await plain(storage.list({}, { limit: 5, cursor: `x${a}` }), { runs: [] })).runs).toEqual([])
      const wanted = { owner: a, ttlMs: 1000, limit: 5, labels: { [a]: b } }
      expect((await plain(storage.acquire(wanted), { now: 0, runs: [] })).runs).toEqual([])
      const sent = await plain(storage.deliver(a, { id: b, name: b, payload: b }), { outcome: 'unknown', now: 0 })
      expect(sent.outcome).toBe('unknown')
    })
    await fc.assert(property, { numRuns, examples: nastyTexts.map((text) => [text, text]) })
    await unharmed()
  })

  test('a message is kept as it was sent, or refused', { timeout: 120_000 }, async () => {
    const { storage } = database
    const property = fc.asyncProperty(nasty, nasty, async (a, b) => {
      const message = { id: `${a}-${b}`, name: a, payload: { [b]: a }, sender: b }
      const after = (await storage.row('sentinel'))?.inboxHead ?? 0
      const sent = await plain(storage.deliver('sentinel', message), { outcome: 'closed', now: 0 })
      if (sent.outcome !== 'accepted') return
      const [kept] = await storage.inbox('sentinel', after)
      expect(kept).toMatchObject(message)
      expect((await storage.deliver('sentinel', message)).outcome).toBe('duplicate')
    })
    await fc.assert(property, { numRuns })
    await unharmed()
  })

  test('labels and keys of a run find that run and no other', { timeout: 120_000 }, async () => {
    await using engine = createEngine({ storage: database.storage })
    let count = 0
    const property = fc.asyncProperty(nasty, nasty, async (a, b) => {
      count += 1
      const how = { labels: { [a]: b }, idempotencyKey: `${b}${count}` }
      const run = await engine.start(waits, {}, how).catch(refused)
      if (run === undefined) return
      expect((await run.row()).labels).toEqual(how.labels)
      const { runs } = await engine.list({ labels: how.labels }, { limit: 1000 })
      expect(runs.map(({ runId }) => runId)).toContain(run.id)
      for (const { labels } of runs) expect(labels[a]).toBe(b)
      expect((await engine.start(waits, {}, how)).id).toBe(run.id)
      await run.cancel({ force: true })
    })
    await fc.assert(property, { numRuns: 60 })
    await unharmed()
  })
})

describe.skipIf(noServer !== undefined)('the schema of a PostgreSQL store', () => {
  test('is called what the host says and nothing else, or the name is refused', { timeout: 120_000 }, async () => {
    const server = await startServer()
    const client = new pg.Client(server.url())
    await client.connect()
    const schemas = async (): Promise<string[]> => {
      const { rows } = await client.query(
        `SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'`,
      )
      return (rows as readonly { nspname: string }[]).map(({ nspname }) => nspname).toSorted()
    }
    try {
      const made: string[] = ['public']
      for (const schema of nastyTexts.filter((text) => /["';$\\/\0\ud800]|^x+$|proto/.test(text))) {
        const storage = attempt(() => postgresStorage({ connectionString: server.url(), schema }))
        if (storage === undefined) continue
        expect(await storage.row('nothing')).toBeUndefined()
        await storage.close()
        made.push(schema)
      }
      expect(await schemas()).toEqual(made.toSorted())
      expect(made.length).toBeGreaterThan(10)
    } finally {
      await client.end()
      await server.stop()
    }
  })
})

async function events(storage: Storage, runId: string): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const page of storage.read(runId, 1)) all.push(...page)
  return all
}

// What a storage cannot keep it refuses with a code, and is sure that it did nothing.
async function plain<Value>(asked: Promise<Value>): Promise<Value | undefined>
async function plain<Value>(asked: Promise<Value>, otherwise: NoInfer<Value>): Promise<Value>
async function plain<Value>(asked: Promise<Value>, otherwise?: Value): Promise<Value | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof StorageFault && !mayHaveWritten(error) && error.code !== 'STORAGE_UNAVAILABLE')
      return otherwise
    throw error
  })
}

function refused(error: unknown): undefined {
  if (SegnoError.is(error, 'ARGUMENT_INVALID')) return undefined
  if (error instanceof StorageFault && error.code === 'VALUE_UNSUPPORTED') return undefined
  throw error
}

function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work()
  } catch (error) {
    return refused(error)
  }
}
