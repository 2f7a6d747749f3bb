import { crashMatrix, virtualClock, type TestWorld, type VirtualClock } from '@segno/core/testing'
import { createEngine, memoryStorage } from 'segno'
import type { Clock, Engine, RunEvent, RunHandle, RunRow } from 'segno'
import { beforeEach, expect, test } from 'vitest'
import { loadNamed } from '../load-named.ts'
import { eventsOf } from '../play.ts'
import { handlers, type Books } from './handlers.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const workflow = loadNamed('account-statements', handlers())
const accounts = Array.from({ length: 100 }, (_, index) => `A${String(index).padStart(2, '0')}`)
const input = { month: '2026-01', accounts }

/** Books in which a look at an account takes a minute, and the bookings of one are wrong. */
function booksOf(clock: Clock): Books {
  const bookings: Books['bookings'] = (account, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
      clock.schedule(minuteMs, () => resolve({ sum: account === 'A42' ? 9 : 10, balance: 10 }))
    })
  return { bookings, numbers: new Map(), delivered: [], entries: [] }
}

let clock: VirtualClock
let books: Books
beforeEach(() => {
  clock = virtualClock()
  books = booksOf(clock)
})

function newEngine(): Engine {
  return createEngine({ clock, storage: memoryStorage({ now: clock.now }), handlers: handlers(books) })
}

/** The runs that the batch has started, and how many of them were at work at a time. */
function children(events: readonly RunEvent[]): { readonly started: number; readonly together: number } {
  const open = new Set<string>()
  let [started, together] = [0, 0]
  for (const event of events) {
    if (event.type === 'child.settled') open.delete(event.child)
    if (event.type !== 'child.started' || event.path === 'audit') continue
    started += 1
    together = Math.max(together, open.add(event.child).size)
  }
  return { started, together }
}

async function journal(run: RunHandle): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const event of run.events()) events.push(event)
  return events
}

async function rowsOf(engine: Engine, name: string): Promise<readonly RunRow[]> {
  return (await engine.list({ workflow: name }, { limit: 200 })).runs
}

test('a hundred accounts get their statements, ten at a time, and the one that is wrong is told of', async () => {
  await using engine = newEngine()
  const run = await engine.start(workflow, input)
  await clock.advanceBy(20 * minuteMs)
  const output = await run.output()
  expect(output).toEqual({
    sent: 99,
    problems: [expect.stringMatching(/^the run sub_\w+ failed: ASSERTION_FAILED: A42 has 10, and bookings of 9$/)],
    audit: expect.stringMatching(/^sub_/),
  })
  const events = await journal(run)
  expect(children(events)).toEqual({ started: 100, together: 10 })
  expect((events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0)).toBe(10 * minuteMs)
  expect([books.delivered.length, books.numbers.has('A42-2026-01')]).toEqual([99, false])
})

test('each statement is a run of its own, which can be looked at by itself', async () => {
  await using engine = newEngine()
  const run = await engine.start(workflow, input)
  await clock.advanceBy(20 * minuteMs)
  const statuses = (await rowsOf(engine, 'statement')).map(({ status }) => status)
  expect([statuses.length, statuses.filter((status) => status === 'failed').length]).toEqual([100, 1])
  const [settled] = eventsOf(await journal(run), 'child.settled')
  const child = await journal(engine.run(String(settled?.child)))
  expect(child[0]).toMatchObject({ type: 'run.created', parent: { runId: run.id, path: 'statements[0]/statement' } })
})

test('cancelled, a batch cancels the runs that are at work and keeps none of their numbers', async () => {
  await using engine = newEngine()
  const run = await engine.start(workflow, input)
  await clock.advanceBy(2.5 * minuteMs)
  await run.cancel({ reason: 'wrong month' })
  await clock.advanceBy(minuteMs)
  expect(await run.result()).toEqual({ status: 'cancelled', reason: 'wrong month' })
  expect(children(await journal(run))).toEqual({ started: 30, together: 10 })
  const statuses = (await rowsOf(engine, 'statement')).map(({ status }) => status)
  expect(statuses.toSorted()).toEqual([
    ...Array.from({ length: 10 }, () => 'cancelled'),
    ...Array.from({ length: 20 }, () => 'completed'),
  ])
  expect([books.delivered.length, books.numbers.size]).toEqual([20, 20])
})

test('the audit goes on after the batch, also after one that was cancelled', async () => {
  await using engine = newEngine()
  const run = await engine.start(workflow, input, { id: 'batch-1' })
  await clock.advanceBy(2.5 * minuteMs)
  await run.cancel()
  await clock.advanceBy(dayMs)
  expect(await run.status()).toBe('cancelled')
  const [audit] = await rowsOf(engine, 'audit')
  expect(await engine.run(String(audit?.runId)).output()).toEqual({ delivered: 20 })
  expect(books.entries).toEqual(['2026-01: 20 statements of batch-1'])
})

test('a crash anywhere changes nothing', async () => {
  const few = { ...input, accounts: ['A01', 'A42'] }
  const given = { input: few, handlers: (world: TestWorld) => handlers(booksOf(world.clock)) }
  await crashMatrix(workflow, given)
  await crashMatrix(workflow, { ...given, commands: [{ atMs: minuteMs / 2, name: 'cancel' }] })
})
