import type { Json } from '@segno/schema/plan'
import { expectEqual, faultOf } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { StorageUnderTest } from '../storage-under-test.ts'
import { batch, claim, create, event, whole } from './law-run.ts'

/** Values that have been lost, changed or confused somewhere before. */
const values: Readonly<Record<string, Json>> = {
  'no text': '',
  'text beyond ASCII': 'Grüße, 日本語, עברית, \u0301combining',
  'text beyond the basic plane': '\u{1d11e}\u{1f469}\u200d\u{1f4bb}',
  'a lone surrogate': 'a\ud834b',
  'a NUL': 'a\u0000b',
  'line separators and controls': '\u2028\u2029\u0001\u001f\u007f\r\n\t',
  'quotes and escapes': `'"\\\\"' $1 :id ? %s \${{ x }}`,
  'a byte order mark': '\ufeffx',
  'a key named __proto__': JSON.parse('{"__proto__":{"polluted":1},"constructor":2,"toString":3,"hasOwnProperty":4}'),
  'an empty key': { '': { '': [] } },
  'keys that look like numbers': { 10: 'a', 9: 'b', '01': 'c', '-1': 'd' },
  'negative zero': -0,
  'the largest numbers': [1e308, -1e308, Number.MAX_VALUE],
  'the smallest numbers': [5e-324, -5e-324, 2.2250738585072014e-308],
  'integers around 2^53': [2 ** 53 - 1, 2 ** 53, -(2 ** 53) + 1, 2 ** 53 + 2],
  fractions: [0.1, 0.1 + 0.2, 1 / 3, 123456789.12345679],
  nothing: null,
  'empty lists and objects': [[], {}, [[]], [{}]],
  'text that looks like something else': ['null', 'true', '1', '[]', '2026-01-01T00:00:00Z'],
  'a deep list': Array.from({ length: 60 }).reduce<Json>((inner) => [inner], 0),
  'a text of 16 KiB less one byte': 'x'.repeat(16 * 1024 - 1),
  'a text of 16 KiB and one byte': 'x'.repeat(16 * 1024 + 1),
  'a text of 8 MiB': 'ä'.repeat(4 * 1024 * 1024),
}

/** Names that file systems, paths, SQL and objects treat specially. */
// prettier-ignore
const oddNames = [
  '.', '..', '../up', 'a/b', 'a\\b', '/etc', 'C:', 'CON', 'nul.txt', 'a b', ' ', 'a.', '-rf', '~', '%2e%2e', 'a%b', "'; --",
  'ünï', 'u\u0308', '\u{1f3b5}', 'a\u0000b', 'a\nb', '__proto__', 'constructor', '0', 'x'.repeat(255), 'ä'.repeat(128),
]

/** Values come back as they went in, or are refused by a typed fault. */
export const valueLaws: readonly Law<StorageUnderTest>[] = [
  ...Object.entries(values).map(([what, value]) => ({
    name: `${what} comes back as it went in`,
    async holds(world: StorageUnderTest) {
      const { storage } = world
      await claim(world, 'run', { run: { labels: { label: typeof value === 'string' ? value.slice(0, 99) : '' } } })
      await keptOrRefused(async () => {
        await storage.deliver('run', { id: 'a', name: 'note', payload: value })
        expectEqual((await storage.inbox('run', 0))[0]?.payload, value, 'the payload of a message')
      })
      await keptOrRefused(async () => {
        await storage.append(batch('run', 1, { events: [event('run', 2, value)] }))
        expectEqual((await whole(storage, 'run')).tail[1], event('run', 2, value), 'the output of an event')
        await storage.append(batch('run', 2, { snapshot: { seq: 3, format: 1, state: value } }))
        expectEqual((await whole(storage, 'run')).snapshot?.state, value, 'the state of a snapshot')
      })
    },
  })),
  {
    name: 'a value that is refused leaves nothing behind',
    async holds(world) {
      await claim(world, 'run')
      for (const [what, value] of Object.entries(values)) {
        const { row } = await whole(world.storage, 'run')
        const request = batch('run', row.head, { batchId: what, events: [event('run', row.head + 1, value)] })
        const written = await keptOrRefused(() => world.storage.append(request))
        const { tail } = await whole(world.storage, 'run')
        expectEqual(tail.length, written ? row.head + 1 : row.head, `events after ${what}`)
      }
    },
  },
  {
    name: 'runs with odd names are runs of their own',
    async holds(world) {
      const { storage } = world
      const kept: string[] = []
      for (const runId of oddNames) {
        if (await keptOrRefused(() => claim(world, runId))) kept.push(runId)
      }
      for (const runId of kept) await storage.append(batch(runId, 1, { events: [event(runId, 2, runId)] }))
      for (const runId of kept) {
        expectEqual(
          (await whole(storage, runId)).tail,
          [event(runId, 1), event(runId, 2, runId)],
          JSON.stringify(runId),
        )
      }
      const { runs } = await storage.list({}, { limit: 100 })
      expectEqual(runs.map((run) => run.runId).toSorted(), kept.toSorted(), 'the runs listed')
    },
  },
  {
    name: 'run ids that differ only in case, or in how a letter is composed, are two runs',
    async holds({ storage }) {
      for (const [first, second] of [
        ['run', 'RUN'],
        ['\u00e9', 'e\u0301'],
        ['a', 'a '],
      ] as const) {
        await create(storage, first, { first: [event(first, 1, 'first')] })
        const written = await keptOrRefused(() => create(storage, second, { first: [event(second, 1, 'second')] }))
        expectEqual((await whole(storage, first)).tail, [event(first, 1, 'first')], JSON.stringify(first))
        if (written)
          expectEqual((await whole(storage, second)).tail, [event(second, 1, 'second')], JSON.stringify(second))
      }
    },
  },
  {
    name: 'odd message ids, names, labels, batch ids and idempotency keys are kept apart',
    async holds(world) {
      const { storage } = world
      const labels = Object.fromEntries(oddNames.map((name) => [`label ${name}`, name]))
      await keptOrRefused(() => claim(world, 'labelled', { run: { labels } }))
      await claim(world, 'run')
      const accepted: string[] = []
      for (const id of oddNames) {
        const message = { id, name: id, payload: id, sender: id }
        if (await keptOrRefused(() => storage.deliver('run', message))) accepted.push(id)
      }
      const inbox = await storage.inbox('run', 0)
      expectEqual(
        inbox.map(({ id, name }) => [id, name]),
        accepted.map((id) => [id, id]),
        'the inbox',
      )
      for (const id of accepted) {
        const { row } = await whole(storage, 'run')
        const request = batch('run', row.head, { batchId: id, consume: [id] })
        expectEqual(
          [(await storage.append(request)).outcome, (await storage.append(request)).outcome],
          ['ok', 'duplicate'],
          JSON.stringify(id),
        )
      }
      for (const [n, idempotencyKey] of oddNames.entries()) {
        await keptOrRefused(async () => {
          expectEqual(
            (await create(storage, `keyed-${n}`, { idempotencyKey })).outcome,
            'created',
            JSON.stringify(idempotencyKey),
          )
        })
      }
      const labelled = await storage.load('labelled')
      if (labelled !== undefined) expectEqual(labelled.row.labels, labels, 'the labels')
    },
  },
]

/** False where the storage refused a value by its type; any other rejection breaks the law. */
async function keptOrRefused(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    const fault = faultOf(error)
    if (typeof fault !== 'object') throw error
    expectEqual(fault, { code: 'VALUE_UNSUPPORTED', ambiguous: false }, 'a refusal')
    return false
  }
}
