import { appendRefusal, checkBatch, fitsFilter, isSameBatch, isTerminal, isWanted, StorageFault } from 'segno'
import type {
  AcquiredRun,
  AppendOutcome,
  AppendRequest,
  Definition,
  DeliverOutcome,
  Lease,
  Message,
  RunEvent,
  RunPage,
  Storage,
} from 'segno'
import type { KeyValue } from './key-value.ts'
import { dueAt, isHeld, rowAt, write } from './run-document.ts'
import type { RunDocument } from './run-document.ts'

const eventsPerPage = 1000
/** Writers of one run are few, and each that loses a turn has seen another one win. */
const triesMax = 100

/** A storage on a key-value store that can compare and set: one value for each run. */
export function keyValueStorage(store: KeyValue): Storage {
  const runs = new Runs(store)
  return {
    capabilities: { multiProcess: true, durability: 'none', transactions: false },
    putPlan: async (hash, definition) => {
      await store.set(`plan/${hash}`, JSON.stringify(definition), 0)
    },
    getPlan: async (hash) => {
      const plan = await store.get(`plan/${hash}`)
      return plan && (JSON.parse(plan.text) as Definition)
    },
    createRun: (...given) => createRun(runs, ...given),
    row: async (runId) => {
      const [run, now] = [await runs.get(runId), await store.now()]
      return run && rowAt(run, now)
    },
    load: async (runId) => {
      const [run, now] = [await runs.get(runId), await store.now()]
      if (run === undefined) return undefined
      const { snapshot, inbox } = run
      const tail = pages(run.events.slice(snapshot?.seq ?? 0))
      return { now, row: rowAt(run, now), ...(snapshot && { snapshot }), tail, inbox }
    },
    async *read(runId, from) {
      yield* pages((await runs.get(runId))?.events.slice(Math.max(0, from - 1)) ?? [])
    },
    append: (request) => append(runs, request),
    getBlob: async (runId, sha256) => {
      const blobs = (await runs.get(runId))?.blobs ?? {}
      return Object.hasOwn(blobs, sha256) ? blobs[sha256] : undefined
    },
    deliver: (runId, message) => deliver(runs, runId, message),
    inbox: async (runId, after) => (await runs.get(runId))?.inbox.filter(({ n }) => n > after) ?? [],
    acquire: (wanted) => acquire(runs, wanted),
    renew: async ({ leases, ttlMs }) => {
      const renewed: { runId: string; expiresAt: number; inboxHead: number }[] = []
      for (const { runId, incarnation, token } of leases) {
        await runs.change(runId, (run, now) => {
          if (run.row.incarnation !== incarnation || !isHeld(run, now, token) || run.lease === null) return
          run.lease.expiresAt = now + ttlMs
          renewed.push({ runId, expiresAt: run.lease.expiresAt, inboxHead: run.row.inboxHead })
        })
      }
      return { now: await store.now(), renewed }
    },
    release: async ({ runId, incarnation, token }) => {
      await runs.change(runId, (run, now) => {
        if (run.row.incarnation !== incarnation || !isHeld(run, now, token)) return
        run.lease = null
        run.dueAt = now
      })
    },
    list: (filter, page) => list(runs, filter, page),
    delete: (runId) => runs.remove(runId),
  }
}

/** The runs of a store: read, and changed by compare-and-set. */
class Runs {
  readonly store: KeyValue

  constructor(store: KeyValue) {
    this.store = store
  }

  async get(runId: string): Promise<RunDocument | undefined> {
    const found = await this.store.get(`run/${runId}`)
    return found && (JSON.parse(found.text) as RunDocument)
  }

  /** The run of an idempotency key; `undefined` if there is none, or none any more. */
  async ofKey(key: string): Promise<RunDocument | undefined> {
    const found = await this.store.get(key)
    if (found === undefined) return undefined
    const { runId, run } = JSON.parse(found.text) as KeyEntry
    // Who took the key is about to create the run, or died before: whoever finds that does it for him.
    if (run !== undefined) await this.#finish(key, run, found.version)
    return this.get(runId)
  }

  /** False if somebody was faster. A key is taken together with the run that it is to name. */
  async create(run: RunDocument, key: string | undefined): Promise<boolean> {
    const { runId } = run.row
    if (key === undefined) return this.store.set(`run/${runId}`, JSON.stringify(run), 0)
    const found = await this.store.get(key)
    if (found !== undefined && (await this.ofKey(key)) !== undefined) return false
    const entry: KeyEntry = { runId, run }
    const version = found?.version ?? 0
    if (!(await this.store.set(key, JSON.stringify(entry), version))) return false
    await this.#finish(key, run, version + 1)
    // Somebody may have done it for us; it is ours all the same.
    return (await this.get(runId))?.row.incarnation === run.row.incarnation
  }

  async #finish(key: string, run: RunDocument, version: number): Promise<void> {
    const { runId } = run.row
    await this.store.set(`run/${runId}`, JSON.stringify(run), 0)
    await this.store.set(key, JSON.stringify({ runId } satisfies KeyEntry), version)
  }

  async all(): Promise<readonly RunDocument[]> {
    const runs: RunDocument[] = []
    for (const key of await this.store.keys('run/')) {
      const run = await this.get(key.slice('run/'.length))
      if (run !== undefined) runs.push(run)
    }
    return runs
  }

  /** Changes a run as if nobody else did: who was slower looks again, and decides again. */
  async change<Answer>(runId: string, decide: (run: RunDocument, now: number) => Answer): Promise<Answer | undefined> {
    for (let tries = 0; tries < triesMax; tries++) {
      const found = await this.store.get(`run/${runId}`)
      if (found === undefined) return undefined
      const run = JSON.parse(found.text) as RunDocument
      const answer = decide(run, await this.store.now())
      const text = JSON.stringify(run)
      if (text === found.text || (await this.store.set(`run/${runId}`, text, found.version))) return answer
    }
    throw new StorageFault('STORAGE_UNAVAILABLE', `Run ${runId} is written by too many at once.`, { ambiguous: false })
  }

  async remove(runId: string): Promise<boolean> {
    for (;;) {
      const found = await this.store.get(`run/${runId}`)
      if (found === undefined) return false
      if (isHeld(JSON.parse(found.text) as RunDocument, await this.store.now())) return false
      // Its idempotency key leads nowhere then, and whoever uses it next takes it over.
      if (await this.store.set(`run/${runId}`, undefined, found.version)) return true
    }
  }

  /** The next number of the order of creation. */
  async nextOrder(): Promise<number> {
    for (;;) {
      const found = await this.store.get('created')
      const order = Number(found?.text ?? 0) + 1
      if (await this.store.set('created', String(order), found?.version ?? 0)) return order
    }
  }
}

/** What an idempotency key names: a run, and the run itself until that is written. */
interface KeyEntry {
  readonly runId: string
  readonly run?: RunDocument
}

type CreateArguments = Parameters<Storage['createRun']>

async function createRun(
  runs: Runs,
  run: CreateArguments[0],
  batch: CreateArguments[1],
  options: CreateArguments[2],
): ReturnType<Storage['createRun']> {
  checkBatch(run.runId, 0, batch)
  if (batch.events.length === 0) {
    throw new StorageFault('BATCH_INVALID', `Run ${run.runId}: created without an event.`, { ambiguous: false })
  }
  const { claim, idempotencyKey: name, inputHash } = options
  const key = name === undefined ? undefined : `key/${JSON.stringify([run.workflow, name])}`
  for (let tries = 0; tries < triesMax; tries++) {
    const named = key === undefined ? undefined : await runs.ofKey(key)
    const existing = named ?? (await runs.get(run.runId))
    const now = await runs.store.now()
    if (existing !== undefined) {
      const isSame = existing.row.incarnation === run.incarnation && existing.token === 1 && claim !== undefined
      if (isSame && isHeld(existing, now)) return { outcome: 'created', now, lease: leaseOf(existing) }
      return { outcome: 'existing', now, runId: existing.row.runId, sameInput: existing.inputHash === inputHash }
    }
    const created = newRun(run, batch, { ...options, now, order: await runs.nextOrder() })
    if (await runs.create(created, key)) {
      return { outcome: 'created', now, ...(created.lease && { lease: leaseOf(created) }) }
    }
  }
  throw new StorageFault('STORAGE_UNAVAILABLE', `Run ${run.runId} is created by too many at once.`, {
    ambiguous: false,
  })
}

function newRun(
  run: CreateArguments[0],
  { events, blobs = [], status, wakeAt }: CreateArguments[1],
  {
    now,
    order,
    inputHash,
    claim,
    idempotencyKey,
  }: CreateArguments[2] & { readonly now: number; readonly order: number },
): RunDocument {
  const isEnd = isTerminal(status)
  const lease = claim === undefined || isEnd ? null : { owner: claim.owner, expiresAt: now + claim.ttlMs }
  const key = idempotencyKey === undefined ? {} : { idempotencyKey }
  const times = { createdAt: now, updatedAt: now, inboxHead: 0 }
  return {
    row: { ...run, status, wakeAt, head: events.length, ...times, ...key },
    order,
    inputHash,
    events: [...events],
    snapshot: null,
    blobs: Object.fromEntries(blobs.map(({ sha256, text }) => [sha256, text])),
    inbox: [],
    accepted: [],
    token: lease === null ? 0 : 1,
    lease,
    dueAt: isEnd ? null : now,
    batches: [],
  }
}

async function append(runs: Runs, request: AppendRequest): Promise<AppendOutcome> {
  const answer = await runs.change(request.runId, (run, now): AppendOutcome => {
    const { incarnation, status, head, inboxHead } = run.row
    if (incarnation !== request.incarnation) return { outcome: 'gone', now }
    // Before every other question: the first answer may have been lost, and since then the lease may have been too.
    const before = run.batches.find(({ batchId }) => batchId === request.batchId)
    if (before !== undefined) {
      if (isSameBatch(before, request)) return { outcome: 'duplicate', now, inboxHead }
      const message = `Run ${request.runId}: batch ${request.batchId} was written with other content.`
      throw new StorageFault('BATCH_REUSED', message, { ambiguous: false })
    }
    const hasMessage = (id: string): boolean => run.inbox.some((message) => message.id === id)
    const facts = { now, status, head, inboxHead, isHeld: isHeld(run, now, request.token), hasMessage }
    const refusal = appendRefusal(request, facts)
    if (refusal !== undefined) return { outcome: refusal, now }
    write(run, request, now, isTerminal(request.status))
    return { outcome: 'ok', now, inboxHead }
  })
  return answer ?? { outcome: 'gone', now: await runs.store.now() }
}

async function deliver(runs: Runs, runId: string, message: Message): Promise<DeliverOutcome> {
  const answer = await runs.change(runId, (run, now): DeliverOutcome => {
    if (run.accepted.includes(message.id)) return { outcome: 'duplicate', now }
    if (isTerminal(run.row.status)) return { outcome: 'closed', now }
    run.row.inboxHead += 1
    run.accepted.push(message.id)
    run.inbox.push({ ...message, n: run.row.inboxHead, deliveredAt: now })
    // Who holds the run hears of it when it next writes, parks or renews.
    if (run.lease === null) run.dueAt = Math.min(run.dueAt ?? now, now)
    return { outcome: 'accepted', now }
  })
  return answer ?? { outcome: 'unknown', now: await runs.store.now() }
}

async function acquire(runs: Runs, wanted: Parameters<Storage['acquire']>[0]): ReturnType<Storage['acquire']> {
  const { owner, ttlMs, limit, runIds } = wanted
  const isDue = (run: RunDocument, now: number): boolean => dueAt(run) <= now && isWanted(run.row, wanted)
  const now = await runs.store.now()
  const due = (await runs.all())
    .filter((run) => isDue(run, now) && runIds?.includes(run.row.runId) !== false)
    .toSorted((a, b) => dueAt(a) - dueAt(b) || a.order - b.order)
  const taken: AcquiredRun[] = []
  for (const { row } of due) {
    if (taken.length >= limit) break
    // What was read is old by now: who takes a run looks again.
    const acquired = await runs.change(row.runId, (run, at): AcquiredRun | undefined => {
      if (!isDue(run, at)) return undefined
      const expired = run.lease !== null
      run.token += 1
      run.lease = { owner, expiresAt: at + ttlMs }
      return { lease: leaseOf(run), row: rowAt(run, at), expired }
    })
    if (acquired !== undefined) taken.push(acquired)
  }
  return { now, runs: taken }
}

async function list(
  runs: Runs,
  filter: Parameters<Storage['list']>[0],
  { limit, cursor }: Parameters<Storage['list']>[1],
): Promise<RunPage> {
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) {
    throw new StorageFault('CURSOR_INVALID', `${JSON.stringify(cursor)} is not a cursor.`, { ambiguous: false })
  }
  const before = cursor === undefined ? Number.POSITIVE_INFINITY : Number(cursor)
  const now = await runs.store.now()
  const found = (await runs.all())
    .filter(({ row, order }) => order < before && fitsFilter(row, filter))
    .toSorted((a, b) => b.order - a.order)
  const page = found.slice(0, limit)
  const rows = page.map((run) => rowAt(run, now))
  return found.length > limit ? { runs: rows, cursor: String(page.at(-1)?.order) } : { runs: rows }
}

function leaseOf({ row: { runId, incarnation }, token, lease }: RunDocument): Lease {
  return { runId, incarnation, token, expiresAt: lease?.expiresAt ?? 0 }
}

async function* pages(events: readonly RunEvent[]): AsyncGenerator<readonly RunEvent[]> {
  for (let at = 0; at < events.length; at += eventsPerPage) yield events.slice(at, at + eventsPerPage)
}
