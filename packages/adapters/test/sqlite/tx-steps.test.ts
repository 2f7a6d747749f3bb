import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  createEngine,
  memoryStorage,
  StorageFault,
  type AppendOutcome,
  type EngineOptions,
  type HandlerContext,
  type RunHandle,
  type Storage,
} from '@segno/core'
import type { Definition, RunEvent } from '@segno/schema/plan'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sqliteStorage, type SqliteStorage } from '../../src/sqlite/index.ts'

const root = mkdtempSync(join(tmpdir(), 'segno-tx-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let file = ''
let stores = 0
let storage: SqliteStorage
let closing: (() => Promise<void>)[] = []
beforeEach(() => {
  file = join(root, `${(stores += 1)}.db`)
  const database = new DatabaseSync(file)
  database.exec('CREATE TABLE accounts (id TEXT PRIMARY KEY, cents INTEGER NOT NULL) STRICT')
  database.close()
  storage = sqliteStorage({ file })
  closing = []
})
afterEach(async () => {
  for (const close of closing.toReversed()) await close()
  await storage.close()
})

const book: Definition = {
  segno: 1,
  name: 'book',
  steps: [
    { id: 'book', uses: 'book', effect: 'tx' },
    { id: 'after', uses: 'after' },
  ],
}

type Handlers = NonNullable<EngineOptions['handlers']>

function engineOf(handlers: Handlers, store: Storage = storage): ReturnType<typeof createEngine> {
  const engine = createEngine({ storage: store, handlers: { after: () => 'after', ...handlers } })
  closing.push(() => engine.close())
  return engine
}

async function insert({ sql }: HandlerContext, id: string): Promise<string> {
  await sql?.query('INSERT INTO accounts (id, cents) VALUES (?, ?)', [id, 5])
  return id
}

function accounts(): unknown[] {
  const database = new DatabaseSync(file, { timeout: 5_000 })
  try {
    return database
      .prepare('SELECT id FROM accounts ORDER BY id')
      .all()
      .map(({ id }) => id)
  } finally {
    database.close()
  }
}

async function eventsOf(run: RunHandle): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const page of storage.read(run.id, 1)) events.push(...page)
  return events
}

/** The storage, with something done to the appends of its transactions. */
function withAppends(judge: (append: () => Promise<AppendOutcome>) => Promise<AppendOutcome>): Storage {
  return {
    ...storage,
    begin: async (lease, options) => {
      const transaction = await storage.begin(lease, options)
      return transaction && { ...transaction, append: (request) => judge(() => transaction.append(request)) }
    },
  }
}

describe('a tx step', () => {
  test('commits its rows with the record that it completed, and the run goes on', async () => {
    const engine = engineOf({ book: (context: HandlerContext) => insert(context, 'a') })
    const run = await engine.start(book, {})
    expect((await run.result()).status).toBe('completed')
    expect(accounts()).toEqual(['a'])
    const [started] = (await eventsOf(run)).filter(({ type }) => type === 'attempt.started')
    expect(started).toMatchObject({ path: 'book', effect: 'tx' })
  })

  test('leaves no rows when its handler throws, and the run has the failure', async () => {
    const engine = engineOf({
      book: async (context: HandlerContext) => {
        await insert(context, 'a')
        throw Object.assign(new Error('no'), { code: 'NO' })
      },
    })
    const run = await engine.start(book, {})
    expect(await run.result()).toMatchObject({ status: 'failed', failure: { code: 'NO' } })
    expect(accounts()).toEqual([])
  })

  test('leaves no rows when what it returns does not fit', async () => {
    const engine = engineOf({ book: (context: HandlerContext) => insert(context, 'a') })
    const steps: Definition['steps'] = [
      { id: 'book', uses: 'book', effect: 'tx', output: { schema: { type: 'number' } } },
    ]
    const run = await engine.start({ ...book, steps }, {})
    expect(await run.result()).toMatchObject({ failure: { code: 'OUTPUT_INVALID' } })
    expect(accounts()).toEqual([])
  })

  test('fails when a statement failed, also when its handler says that all is well', async () => {
    const engine = engineOf({
      book: async (context: HandlerContext) => {
        await insert(context, 'a')
        await Promise.allSettled([insert(context, 'a')])
        return 'well'
      },
    })
    const run = await engine.start(book, {})
    expect(await run.result()).toMatchObject({ status: 'failed', failure: { code: 'SQL_FAILED' } })
    expect(accounts()).toEqual([])
  })

  test('is retried in a transaction of its own', async () => {
    let attempts = 0
    const engine = engineOf({
      book: async (context: HandlerContext) => {
        attempts += 1
        await insert(context, 'a')
        if (attempts === 1) throw new Error('once more')
      },
    })
    const steps: Definition['steps'] = [{ id: 'book', uses: 'book', effect: 'tx', retry: { max: 1, delay: '1ms' } }]
    const run = await engine.start({ ...book, steps }, {})
    expect([(await run.result()).status, attempts, accounts()]).toEqual(['completed', 2, ['a']])
  })

  test('gives no SQL to a handler of another effect', async () => {
    const engine = engineOf({ book: ({ sql }: HandlerContext) => typeof sql })
    const run = await engine.start(
      {
        ...book,
        output: { type: { type: 'string', value: '${{ steps.book.output }}' } },
        steps: [{ id: 'book', uses: 'book' }],
      },
      {},
    )
    expect(await run.result()).toMatchObject({ output: { type: 'undefined' } })
  })

  test('has the effect from its handler where the step says none', async () => {
    const engine = engineOf({ book: { effect: 'tx', perform: (context: HandlerContext) => insert(context, 'a') } })
    const run = await engine.start({ ...book, steps: [{ id: 'book', uses: 'book' }] }, {})
    expect([(await run.result()).status, accounts()]).toEqual(['completed', ['a']])
  })

  test('does not stop its siblings for ever, nor they it', async () => {
    const ids = Array.from({ length: 6 }, (_, n) => `step${n}`)
    const steps: Definition['steps'] = [
      {
        id: 'all',
        parallel: ids.map((id, n) => ({
          id,
          uses: 'book',
          with: { id },
          ...(n % 2 === 0 ? { effect: 'tx' as const } : {}),
        })),
      },
    ]
    const engine = engineOf({
      book: (context: HandlerContext, { id }: { readonly id: string }) =>
        context.sql === undefined ? id : insert(context, id),
    })
    const runs = await Promise.all([1, 2].map(() => engine.start({ ...book, steps }, {})))
    const results = await Promise.all(runs.map((run) => run.result()))
    // The second run finds the rows of the first one.
    expect(results.map(({ status }) => status).toSorted()).toEqual(['completed', 'failed'])
    expect(accounts()).toEqual(['step0', 'step2', 'step4'])
  })

  test('is made again when its commit was refused, and is committed once when the answer was lost', async () => {
    const fates = ['refused', 'lost'] as const
    for (const fate of fates) {
      let [faults, calls] = [0, 0]
      const faulty = withAppends(async (append) => {
        if ((faults += 1) > 1) return append()
        if (fate === 'lost') await append()
        throw new StorageFault('STORAGE_UNAVAILABLE', fate, { ambiguous: fate === 'lost' })
      })
      const engine = engineOf({ book: (context: HandlerContext) => ((calls += 1), insert(context, fate)) }, faulty)
      const run = await engine.start(book, {})
      expect((await run.result()).status).toBe('completed')
      expect(calls).toBe(fate === 'lost' ? 1 : 2)
      const ends = (await eventsOf(run)).filter((event) => event.type === 'step.completed' && event.path === 'book')
      expect(ends.length).toBe(1)
    }
    expect(accounts()).toEqual(fates.toSorted())
  })

  test('is fenced with its rows when another one has taken the run over', async () => {
    const entered = Promise.withResolvers<undefined>()
    let isFirst = true
    const engine = engineOf(
      { book: (context: HandlerContext) => (entered.resolve(undefined), insert(context, 'a')) },
      withAppends(async (append) => {
        const outcome = isFirst ? ({ outcome: 'fenced', now: Date.now() } as const) : await append()
        isFirst = false
        return outcome
      }),
    )
    const run = await engine.start(book, {})
    await entered.promise
    await engine.close()
    expect([accounts(), (await storage.row(run.id))?.status]).toEqual([[], 'running'])
  })

  test('is undone and fails when its handler does not end', { timeout: 20_000 }, async () => {
    const engine = engineOf({
      book: async (context: HandlerContext) => {
        await insert(context, 'a')
        await new Promise(() => undefined)
      },
    })
    const run = await engine.start(book, {})
    expect(await run.result()).toMatchObject({ status: 'failed', failure: { code: 'TRANSACTION_OVER' } })
    expect(accounts()).toEqual([])
  })

  test('is refused where the storage has no transactions, before anything starts', async () => {
    const memory = memoryStorage()
    const engine = engineOf({ book: () => 'book' }, memory)
    await expect(engine.start(book, {})).rejects.toMatchObject({ code: 'TRANSACTIONS_MISSING' })
    expect((await memory.list({}, { limit: 1 })).runs).toEqual([])
  })

  test('cannot be a process, nor a request', async () => {
    const engine = engineOf({})
    const steps = [{ id: 'book', exec: ['true'], effect: 'tx' }] as const
    await expect(engine.start({ ...book, steps }, {})).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
  })
})
