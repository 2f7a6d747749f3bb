import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { createEngine, type Storage } from '@segno/core'
import { seededRandom } from '@segno/core/testing'
import type { Definition, Json } from '@segno/schema/plan'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/sqlite/database.ts'
import { faultOf } from '../../src/sqlite/faults.ts'
import { sqliteStorage } from '../../src/sqlite/index.ts'
import type { Question, Questions } from '../../src/sqlite/protocol.ts'
import type { Store } from '../../src/sqlite/store.ts'
import { answer } from '../../src/sqlite/work.ts'

const definition: Definition = {
  segno: 1,
  name: 'damaged',
  output: { size: { type: 'integer', value: '${{ size(steps.large.output) }}' } },
  steps: [
    { id: 'large', uses: 'large' },
    { id: 'loop', repeat: { max: 100, until: 'iteration == 29' }, do: [{ id: 'turn', set: { n: 1 } }] },
    { id: 'wait', waitFor: { signal: 'go' }, timeout: '1h' },
  ],
}
const runs = ['ended', 'waits'] as const
const epoch = 1_700_000_000_000

/** The files of a database that nobody has open. */
interface Bytes {
  readonly database: Buffer
  readonly log: Buffer
}

/** What a database gave, by question. */
type Told = Readonly<Record<string, unknown>>

/** In the place of an answer, where the database said that something is wrong. */
const damaged = Symbol('damaged')

const nothing: Bytes = { database: Buffer.alloc(0), log: Buffer.alloc(0) }
let [sound, logged] = [nothing, nothing]
let truth: Told = {}
const folder = mkdtempSync(join(tmpdir(), 'segno-damage-'))
afterAll(() => rmSync(folder, { recursive: true }))

beforeAll(async () => {
  const file = join(folder, 'sound.db')
  const storage = sqliteStorage({ file, now: () => epoch })
  const engine = createEngine({ storage, handlers: { large: () => 'x'.repeat(20_000) } })
  for (const id of runs) await engine.start(definition, {}, { id, labels: { is: id }, idempotencyKey: id })
  await engine.run('ended').signal('go', 'now')
  await engine.run('ended').result()
  await untilWaiting(storage)
  await engine.close()
  await storage.deliver('waits', { id: 'm', name: 'other', payload: 'kept' })
  logged = { database: readFileSync(file), log: readFileSync(`${file}-wal`) }
  await storage.close()
  sound = { ...nothing, database: readFileSync(file) }
  truth = ask(sound)
}, 60_000)

test('the database that is damaged holds something', () => {
  expect(Object.values(truth)).not.toContain(damaged)
  expect(JSON.stringify(truth)).toContain('run.completed')
})

type Damage = (bytes: Buffer, draw: (below: number) => number) => Buffer

const pageSize = 4096
const kinds: readonly (readonly [what: string, times: number, damage: Damage])[] = [
  ['a bit that is another', 200, (bytes, draw) => altered(bytes, draw(bytes.length), 1, (was) => was ^ (1 << draw(8)))],
  ['a file that was cut off', 40, (bytes, draw) => bytes.subarray(0, draw(bytes.length))],
  ['a page of zeros', 60, (bytes, draw) => altered(bytes, pageOf(bytes, draw), pageSize, () => 0)],
  ['a page of something else', 60, (bytes, draw) => altered(bytes, pageOf(bytes, draw), pageSize, () => draw(256))],
]

describe('a database that is not as it was written', () => {
  test.for(kinds)('is told, or mended, and never misread: %s', ([, times, damage]) => {
    const random = seededRandom(7).stream('damage')
    const all: string[] = []
    for (let n = 0; n < times; n++) {
      const database = damage(Buffer.from(sound.database), (below) => random.integer(below))
      all.push(...misread(ask({ ...nothing, database })).map((text) => `damage ${n}: ${text}`))
    }
    expect(all).toEqual([])
  })
})

describe('a log of a database that is not as it was written', () => {
  test('leaves a state that there was, or is told', () => {
    const random = seededRandom(7).stream('log')
    for (let n = 0; n < 100; n++) {
      const place = random.integer(logged.log.length)
      const isCut = random.chance(0.3)
      const log = isCut ? logged.log.subarray(0, place) : altered(Buffer.from(logged.log), place, 1, (was) => was ^ 4)
      const told = ask({ ...logged, log })
      for (const id of runs) expectStateThatWas(told, id)
    }
  })

  test('is read when it is whole', () => {
    expect(ask(logged)).toEqual(truth)
  })
})

function misread(told: Told): string[] {
  return Object.keys(truth)
    .filter((question) => told[question] !== damaged && !isDeepStrictEqual(told[question], truth[question]))
    .map((question) => `${question}: ${JSON.stringify(told[question])?.slice(0, 300)}`)
}

function expectStateThatWas(told: Told, id: string): void {
  const [row, journal] = [told[`row ${id}`], told[`journal ${id}`]]
  if (row === damaged || journal === damaged || row === undefined) return
  const events = journal as readonly unknown[]
  expect(events).toEqual((truth[`journal ${id}`] as readonly unknown[]).slice(0, events.length))
  expect((row as { readonly head: number }).head).toBe(events.length)
}

function pageOf(bytes: Buffer, draw: (below: number) => number): number {
  return pageSize * draw(bytes.length / pageSize)
}

function altered(bytes: Buffer, from: number, length: number, byte: (was: number) => number): Buffer {
  for (let at = from; at < Math.min(bytes.length, from + length); at++) bytes[at] = byte(bytes[at] ?? 0)
  return bytes
}

/** Asks a database all that can be asked of it; in this thread, which a storage does not do. */
function ask({ database: bytes, log }: Bytes): Told {
  const file = join(folder, 'asked.db')
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
  writeFileSync(file, bytes)
  if (log.length > 0) writeFileSync(`${file}-wal`, log)
  const opened = orDamaged(() => openDatabase(file))
  if (opened === damaged) return Object.fromEntries(Object.keys(truth).map((question) => [question, damaged]))
  const store: Store = { database: opened, identity: () => '{}', isDead: () => false }
  const asked: Asked = (op, args) => answer(store, { id: 1, op, args } as Question, epoch)
  try {
    return Object.fromEntries(
      Object.entries(questions).map(([name, question]) => [name, orDamaged(() => plain(question(asked)))]),
    )
  } finally {
    opened.close()
  }
}

type Asked = <Op extends keyof Questions>(op: Op, args: Questions[Op]['args']) => unknown

const questions: Readonly<Record<string, (asked: Asked) => unknown>> = Object.fromEntries([
  ...runs.flatMap((id) => [
    [`row ${id}`, (asked: Asked) => asked('row', { runId: id })] as const,
    [`load ${id}`, (asked: Asked) => loadedOf(asked, id)] as const,
    [`inbox ${id}`, (asked: Asked) => asked('inbox', { runId: id, after: 0 })] as const,
    [`journal ${id}`, (asked: Asked) => journalOf(asked, id)] as const,
    [`plan ${id}`, (asked: Asked) => planOf(asked, id)] as const,
  ]),
  ['list', (asked: Asked) => asked('list', { filter: {}, page: { limit: 10 } })],
])

// A snapshot that cannot be read is as none: then the events before it are loaded too.
function loadedOf(asked: Asked, runId: string): unknown {
  const loaded = asked('load', { runId }) as { readonly row: Json; readonly inbox: Json } | undefined
  return loaded && { row: loaded.row, inbox: loaded.inbox }
}

// A plan that is missing blocks the runs that are pinned to it.
function planOf(asked: Asked, runId: string): unknown {
  const row = asked('row', { runId }) as { readonly plan: string } | undefined
  const plan = asked('getPlan', { hash: row?.plan ?? '' })
  if (plan === undefined) throw new Error('PLAN_MISSING')
  return plan
}

function journalOf(asked: Asked, runId: string): unknown {
  const journal = asked('journal', { runId }) as { readonly run: number; readonly head: number }
  const events: Json[] = []
  for (let from = 1; from <= journal.head;) {
    const span = { run: journal.run, from, to: journal.head }
    const page = asked('page', span) as { readonly json: string; readonly next: number }
    events.push(...(JSON.parse(page.json) as Json[]))
    from = page.next
  }
  return events
}

function orDamaged<Value>(work: () => Value): Value | typeof damaged {
  try {
    return work()
  } catch (error) {
    // Whatever it is, the thread makes a fault of it.
    faultOf(error, false)
    return damaged
  }
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown)
}

async function untilWaiting(storage: Storage): Promise<void> {
  for (;;) {
    const row = await storage.row('waits')
    if (row?.status === 'waiting' && row.holder === undefined) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}
