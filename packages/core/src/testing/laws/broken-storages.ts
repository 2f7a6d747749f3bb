import type { RunEvent } from '@segno/schema/plan'
import type { AppendRequest, Storage } from '../../ports/storage.ts'
import { brokenInboxes } from './broken-inboxes.ts'
import { brokenLeases } from './broken-leases.ts'
import { brokenLists } from './broken-lists.ts'
import { brokenValues } from './broken-values.ts'
import { without } from './without.ts'

/** A storage with one mistake in it, to see that the laws find it. */
export interface BrokenStorage {
  /** What it does wrong: "a storage that …". */
  readonly name: string
  /** The law that has to find it; others may too. */
  readonly breaks: string
  /** What takes the place of the methods of a storage that is whole. */
  readonly instead: (whole: Storage, leaseMs: number) => Partial<Storage>
}

const brokenJournals: readonly BrokenStorage[] = [
  {
    name: 'keeps the plan that a run was created with',
    breaks: 'a batch that puts the run on another plan says so in its row, and no other does',
    instead: (whole) => ({ append: (request) => whole.append(without(request, 'plan')) }),
  },
  {
    name: 'renumbers what comes at a stale head',
    breaks: 'an append at another seq than the head is a conflict',
    instead: (whole) => ({ append: async (request) => whole.append(await rebased(whole, request)) }),
  },
  {
    name: 'knows no batch ids',
    breaks: 'a batch sent again is a duplicate and is written once',
    instead: (whole) => {
      let count = 0
      return { append: (request) => whole.append({ ...request, batchId: String((count += 1)) }) }
    },
  },
  {
    name: 'knows a batch only under its own token',
    breaks: 'a batch sent again under a later lease is a duplicate',
    instead: (whole) => ({
      append: (request) => whole.append({ ...request, batchId: `${request.token} ${request.batchId}` }),
    }),
  },
  {
    name: 'does not look at the content of a batch it knows',
    breaks: 'a batch id that comes again with other content is a fault',
    instead: (whole) => {
      const known = new Map<string, AppendRequest>()
      return {
        async append(request) {
          const answer = await whole.append(known.get(request.batchId) ?? request)
          if (answer.outcome === 'ok') known.set(request.batchId, request)
          return answer
        },
      }
    },
  },
  {
    name: 'remembers batches that it refused',
    breaks: 'a batch that was refused is not remembered',
    instead: (whole) => {
      const seen = new Set<string>()
      return {
        async append(request) {
          const again = seen.has(request.batchId)
          seen.add(request.batchId)
          const answer = await whole.append(request)
          return again && answer.outcome === 'ok' ? { ...answer, outcome: 'duplicate' } : answer
        },
      }
    },
  },
  {
    name: 'asks for the lease before it looks whether it has the batch',
    breaks: 'a batch sent again after its lease expired is a duplicate',
    instead: (whole) => ({
      async append(request) {
        const { renewed } = await whole.renew({ leases: [request], ttlMs: 30_000 })
        const answer = await whole.append(request)
        return renewed.length === 0 && answer.outcome === 'duplicate' ? { outcome: 'fenced', now: answer.now } : answer
      },
    }),
  },
  {
    name: 'writes the events of a batch one by one',
    breaks: 'a batch with a gap, a repetition or another run in it is refused whole',
    instead: (whole) => ({
      async append(request) {
        for (const [index, event] of request.events.slice(0, -1).entries()) {
          const expectedSeq = request.expectedSeq + index
          await whole.append({ ...request, batchId: `${request.batchId} ${index}`, events: [event], expectedSeq })
        }
        const rest = Math.max(0, request.events.length - 1)
        return whole.append({ ...request, events: request.events.slice(rest), expectedSeq: request.expectedSeq + rest })
      },
    }),
  },
  {
    name: 'takes an empty batch for a written one',
    breaks: 'an empty batch that gives nothing back is refused',
    instead: (whole) => ({
      append: async (request) =>
        request.events.length === 0 && request.park === undefined
          ? { outcome: 'ok', now: 0, inboxHead: 0 }
          : whole.append(request),
    }),
  },
  {
    name: 'lets timers fire early',
    breaks: 'an append for an instant that has not come is early, and is written once it has',
    instead: (whole) => ({ append: (request) => whole.append(without(request, 'notBefore')) }),
  },
  {
    name: 'answers by a clock of its own',
    breaks: 'the answer to an append tells the store’s time and the head of the inbox',
    instead: (whole) => ({ append: async (request) => ({ ...(await whole.append(request)), now: 1 }) }),
  },
  {
    name: 'answers before it has written',
    breaks: 'a batch is in the journal and in the row when its append is answered',
    instead: (whole) => {
      const late: AppendRequest[] = []
      return {
        async append(request) {
          for (const earlier of late.splice(0)) await whole.append(earlier)
          late.push(request)
          return { outcome: 'ok', now: 0, inboxHead: 0 }
        },
      }
    },
  },
  {
    name: 'takes the status of a run from whoever tells it',
    breaks: 'a status that the events do not give is refused',
    instead: (whole) => ({ append: async (request) => whole.append({ ...request, status: statusOf(request) }) }),
  },
  {
    name: 'goes on after the end',
    breaks: 'nothing is appended to a run that has ended',
    instead: (whole) => ({
      async append(request) {
        const answer = await whole.append(request)
        return answer.outcome === 'gone' ? { outcome: 'ok', now: answer.now, inboxHead: 0 } : answer
      },
    }),
  },
  {
    name: 'keeps all journals in one',
    breaks: 'runs do not see each other’s events',
    instead: (whole) => {
      const all: RunEvent[] = []
      return {
        async append(request) {
          const answer = await whole.append(request)
          if (answer.outcome === 'ok') all.push(...request.events)
          return answer
        },
        async load(runId) {
          const run = await whole.load(runId)
          return (
            run && {
              ...run,
              tail: follow(
                run.tail,
                all.filter((event) => event.runId !== runId),
              ),
            }
          )
        },
      }
    },
  },
  {
    name: 'loses the last event of a page',
    breaks: 'a journal of 1001 events is read whole, from any place',
    instead: (whole) => ({
      read: (runId, from) => shorter(whole.read(runId, from)),
      async load(runId) {
        const run = await whole.load(runId)
        return run && { ...run, tail: shorter(run.tail) }
      },
    }),
  },
  {
    name: 'does not read the last event',
    breaks: 'a journal of 1 events is read whole, from any place',
    instead: (whole) => ({
      async load(runId) {
        const run = await whole.load(runId)
        return run && { ...run, tail: upTo(run.tail, run.row.head - 1) }
      },
    }),
  },
  {
    name: 'goes on reading while others write',
    breaks: 'what is appended after a load or read was asked for is not in it',
    instead: (whole) => ({
      async load(runId) {
        const run = await whole.load(runId)
        return run && { ...run, tail: later(() => whole.read(runId, (run.snapshot?.seq ?? 0) + 1)) }
      },
    }),
  },
  {
    name: 'reads the row after the events',
    breaks: 'a load tells of one moment: its events end where its row does',
    instead: (whole) => ({
      async load(runId) {
        const run = await whole.load(runId)
        await Promise.resolve().then(() => undefined)
        const then = await whole.load(runId)
        return run && then && { ...run, row: then.row }
      },
    }),
  },
  {
    name: 'gives the whole journal after a snapshot',
    breaks: 'a snapshot stands for the events up to it',
    instead: (whole) => ({
      async load(runId) {
        const run = await whole.load(runId)
        return run && { ...run, tail: whole.read(runId, 1) }
      },
    }),
  },
  {
    name: 'keeps whichever snapshot came last',
    breaks: 'only a newer snapshot takes the place of a snapshot',
    instead: (whole) => {
      let last: AppendRequest['snapshot']
      return {
        async append(request) {
          last = request.snapshot ?? last
          return whole.append(request)
        },
        async load(runId) {
          const run = await whole.load(runId)
          return run && last ? { ...run, snapshot: last, tail: whole.read(runId, last.seq + 1) } : run
        },
      }
    },
  },
  {
    name: 'believes a snapshot of the future',
    breaks: 'a snapshot of what has not happened is refused',
    instead: (whole) => ({
      append({ snapshot, ...request }) {
        const future = snapshot !== undefined && snapshot.seq > request.expectedSeq + request.events.length
        return whole.append(snapshot === undefined || future ? request : { ...request, snapshot })
      },
    }),
  },
]

/** One storage for each mistake that a law was written against. */
export const brokenStorages: readonly BrokenStorage[] = [
  ...brokenJournals,
  ...brokenLeases,
  ...brokenInboxes,
  ...brokenLists,
  ...brokenValues,
]

async function rebased(whole: Storage, request: AppendRequest): Promise<AppendRequest> {
  const head = (await whole.load(request.runId))?.row.head ?? request.expectedSeq
  const events = request.events.map((event, index): RunEvent => ({ ...event, seq: head + index + 1 }))
  return { ...request, expectedSeq: head, events }
}

function statusOf(request: AppendRequest): AppendRequest['status'] {
  return request.events.at(-1)?.type === 'run.completed' ? 'completed' : 'running'
}

type Pages = ReturnType<Storage['read']>

async function* follow(pages: Pages, more: readonly RunEvent[]): Pages {
  yield* pages
  yield more
}

async function* shorter(pages: Pages): Pages {
  for await (const page of pages) yield page.length === 1_000 ? page.slice(0, -1) : page
}

async function* upTo(pages: Pages, seq: number): Pages {
  for await (const page of pages) yield page.filter((event) => event.seq <= seq)
}

async function* later(read: () => Pages): Pages {
  yield* read()
}
