import type { Definition, Json, RunEvent } from '@segno/schema/plan'
import type { AppendRequest, Storage } from '../../src/ports/storage.ts'
import type { HandlerContext } from '../../src/runtime/handler.ts'
import type { Mutant } from '../../src/testing/simulated-seed.ts'
import type { TestHandlers } from '../../src/testing/work-under-test.ts'

/** A mistake that the simulator has to find, and the laws that may tell of it. */
export interface Canary {
  readonly name: string
  readonly mutant: () => Mutant
  readonly brokenLaws: readonly string[]
}

const laws = {
  lost: 'an acknowledged event is never lost or altered, and events are numbered without a gap',
  succeedsOnce: 'a step succeeds once, and nothing follows the end of a run',
  holder: 'only the holder of the lease appends, and tokens never decrease',
  timers: 'a timer never fires before its time by the store’s clock, and no event is dated ahead of it',
  row: 'the row of a run says what its journal does',
  calledOnce: 'an attempt is in the journal before its handler is called, and the handler is called for it once',
  onceOnly: 'a `once` handler is never called while the outcome of a call before is unknown',
  message: 'a message is taken in once, and every accepted one is, unless the run ends first',
  ends: 'once the faults stop, every run comes to its end',
  noConflict: 'the holder of a run is never in conflict with itself',
  failFast: 'after a branch has failed nothing new starts beside it',
  transaction: 'what a `tx` step writes is there if its success is recorded, once, and else is not',
  asWithout: 'a run with crashes ends as the run without',
} as const

/** Ways to build the system wrong; four are mistakes of adapters. */
export const canaries: readonly Canary[] = [
  { name: 'no fence', brokenLaws: [laws.holder, laws.noConflict], mutant: noFence },
  { name: 'no compare-and-set', brokenLaws: [laws.lost, laws.succeedsOnce, laws.row], mutant: noCompareAndSet },
  { name: 'edge-triggered dispatch', brokenLaws: [laws.ends], mutant: edgeTriggered },
  { name: 'acknowledged before durable', brokenLaws: [laws.lost], mutant: acknowledgedEarly },
  { name: 'a new batch id on a retry after an ambiguous error', brokenLaws: [laws.noConflict], mutant: newBatchIds },
  { name: 'no signal dedup', brokenLaws: [laws.message], mutant: noDedup },
  { name: 'timers by the clock of the process, whatever the store says', brokenLaws: [laws.timers], mutant: ownClock },
  { name: 'the unknown outcome of a once step tried again', brokenLaws: [laws.onceOnly], mutant: onceAgain },
  {
    name: 'a lost attempt that is not recorded',
    brokenLaws: [laws.calledOnce],
    mutant: () => ({ process: ownAttempts }),
  },
  { name: 'a failed sibling that leaves the others running', brokenLaws: [laws.failFast], mutant: noFailFast },
  { name: 'a skip counted as success in a join', brokenLaws: [laws.asWithout], mutant: skipsJoin },
  {
    name: 'files: what fsync has failed on is told as written',
    brokenLaws: [laws.noConflict, laws.calledOnce, laws.lost, laws.ends],
    mutant: () => ({ profile: 'unsyncedIsWritten' }),
  },
  {
    name: 'SQLite: a batch is answered before its group is committed',
    brokenLaws: [laws.noConflict, laws.calledOnce, laws.lost, laws.ends],
    mutant: () => ({ profile: 'answersBeforeTheGroup' }),
  },
  {
    name: 'PostgreSQL: a commit that lands late asks for no lease',
    brokenLaws: [laws.holder, laws.succeedsOnce, laws.lost, laws.row, laws.timers, laws.noConflict, laws.calledOnce],
    mutant: () => ({ profile: 'lateCommitIsNotFenced' }),
  },
  {
    name: 'SQLite, PostgreSQL: what a tx step writes is committed apart from its end',
    brokenLaws: [laws.transaction],
    mutant: () => ({ profile: 'rowsAreCommittedApart' }),
  },
  { name: 'a snapshot without its tail', brokenLaws: [laws.noConflict, laws.ends, laws.message], mutant: noTail },
]

function noFence(): Mutant {
  const newest = new Map<string, number>()
  return {
    store: (storage) => ({
      ...storage,
      acquire: async (wanted) => {
        const answer = await storage.acquire(wanted)
        for (const { lease } of answer.runs) newest.set(lease.runId, lease.token)
        return answer
      },
      append: (request) => storage.append({ ...request, token: newest.get(request.runId) ?? request.token }),
    }),
  }
}

function noCompareAndSet(): Mutant {
  return {
    store: (storage) => ({ ...storage, append: async (request) => storage.append(await rebased(storage, request)) }),
  }
}

// Written when the next batch comes: a store that stops before that has lost it.
function acknowledgedEarly(): Mutant {
  const late = new Map<string, AppendRequest>()
  return {
    store: (storage) => ({
      ...storage,
      append: async (request) => {
        const before = late.get(request.runId)
        late.delete(request.runId)
        if (before !== undefined) await storage.append(before)
        if (request.park !== undefined) return storage.append(request)
        late.set(request.runId, request)
        const { now } = await storage.renew({ leases: [], ttlMs: 1 })
        return { outcome: 'ok', now, inboxHead: 0 }
      },
    }),
  }
}

function newBatchIds(): Mutant {
  let tries = 0
  return {
    process: (storage) => ({
      ...storage,
      append: (request) => storage.append({ ...request, batchId: `${request.batchId}/${tries++}` }),
    }),
  }
}

function noDedup(): Mutant {
  return {
    store: (storage) => ({
      ...storage,
      deliver: async (runId, message) => {
        const answer = await storage.deliver(runId, message)
        if (answer.outcome !== 'duplicate') return answer
        return storage.deliver(runId, { ...message, id: `${message.id}-again` })
      },
    }),
  }
}

function ownClock(): Mutant {
  return {
    process: (storage, wallClock) => ({
      ...storage,
      acquire: async (wanted) => ({ ...(await storage.acquire(wanted)), now: wallClock() }),
      load: async (runId) => {
        const run = await storage.load(runId)
        return run && { ...run, now: wallClock() }
      },
      renew: async (held) => ({ ...(await storage.renew(held)), now: wallClock() }),
      append: async ({ notBefore: _ignored, ...request }) => ({ ...(await storage.append(request)), now: wallClock() }),
    }),
  }
}

function onceAgain(): Mutant {
  const change = (step: Fields): Fields => (step['effect'] === 'once' ? { ...step, effect: 'idempotent' } : step)
  return { definition: (definition) => rewritten(definition, change) }
}

function noFailFast(): Mutant {
  const change = (step: Fields): Fields => ('parallel' in step ? { ...step, failFast: false } : step)
  return { definition: (definition) => rewritten(definition, change) }
}

function skipsJoin(): Mutant {
  const change = (step: Fields): Fields =>
    'parallel' in step && 'join' in step ? { ...step, parallel: skipsSucceed(step['parallel']) } : step
  return { definition: (definition) => rewritten(definition, change) }
}

function noTail(): Mutant {
  return {
    store: (storage) => ({
      ...storage,
      load: async (runId) => {
        const run = await storage.load(runId)
        return run?.snapshot === undefined ? run : { ...run, tail: pages([]) }
      },
    }),
  }
}

async function rebased(storage: Storage, request: AppendRequest): Promise<AppendRequest> {
  const row = await storage.row(request.runId)
  const head = row?.head ?? request.expectedSeq
  if (head === request.expectedSeq) return request
  const events = request.events.map((event, index): RunEvent => ({ ...event, seq: head + index + 1 }))
  const { snapshot: _stale, ...rest } = request
  return { ...rest, expectedSeq: head, events }
}

// A dispatch table beside the journal: what it remembers to have sent is never sent again.
function edgeTriggered(): Mutant {
  const sent = new Set<string>()
  return {
    process: ownAttempts,
    handlers: (handlers) => {
      const entries = Object.entries(handlers).map(([name, handler]) => {
        const definition = typeof handler === 'function' ? { perform: handler } : handler
        const perform = (context: HandlerContext, input: never): unknown => {
          const attempt = `${context.idempotencyKey}#${context.attempt}`
          if (sent.has(attempt)) return new Promise(() => undefined)
          sent.add(attempt)
          return definition.perform(context, input)
        }
        return [name, { ...definition, perform }]
      })
      return Object.fromEntries(entries) as TestHandlers
    },
  }
}

// Whoever loads a run takes the attempts of the holder before for its own.
function ownAttempts(storage: Storage): Storage {
  const tokens = new Map<string, number>()
  return {
    ...storage,
    acquire: async (wanted) => {
      const answer = await storage.acquire(wanted)
      for (const { lease } of answer.runs) tokens.set(lease.runId, lease.token)
      return answer
    },
    load: async (runId) => {
      const run = await storage.load(runId)
      const token = tokens.get(runId)
      if (run === undefined || token === undefined) return run
      const { snapshot: _old, ...rest } = run
      const events: RunEvent[] = []
      for await (const page of storage.read(runId, 1)) events.push(...page)
      const own = events.filter(({ seq }) => seq <= run.row.head)
      return {
        ...rest,
        tail: pages(own.map((event) => (event.type === 'attempt.started' ? { ...event, token } : event))),
      }
    },
  }
}

async function* pages(events: readonly RunEvent[]): AsyncGenerator<readonly RunEvent[]> {
  yield events
}

type Fields = Readonly<Record<string, unknown>>

function rewritten(definition: Definition, change: (step: Fields) => Fields): Definition {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit)
    if (typeof value !== 'object' || value === null) return value
    const fields = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, visit(inner)]))
    return 'id' in fields ? change(fields) : fields
  }
  return visit(definition) as Definition
}

function skipsSucceed(children: unknown): unknown {
  const steps = children as readonly Fields[]
  return steps.map((step) => (step['if'] === false ? { id: step['id'], set: { skipped: true as Json } } : step))
}
