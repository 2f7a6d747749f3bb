import { sha256Hex } from '@segno/schema/plan'
import type { RunEvent } from '@segno/schema/plan'
import type { Blob } from '../kernel/kept.ts'
import { isTerminal } from '../ports/batch.ts'
import type { AppendRequest, LeaseName, NewRun, RunFilter, RunRow, RunStatus } from '../ports/storage.ts'
import { memoryStorage } from '../runtime/memory-storage.ts'
import { seededRandom, type Random } from './random.ts'
import { endAt, eventAt, playOperation } from './storage-operation.ts'
import type { AcquireOptions, PlayedStore, StorageOperation } from './storage-operation.ts'

/**
 * A random sequence of operations. What they name is drawn from what a memory
 * storage knows after those before, so that most of them do something, and those
 * that come late, twice or from somebody else do not.
 */
export async function storageOperations(seed: number, length = 40): Promise<StorageOperation[]> {
  const draft = new Draft(seed)
  for (let count = 0; count < length; count++) await draft.add()
  await draft.lookAround()
  return draft.operations
}

const runIds = ['run-1', 'run-2', 'run-3', 'Ürün 4/4', "r'5"] as const
const workflows = ['orders', 'mail'] as const
const keys = ['key-1', 'key-2'] as const
const texts = ['plain', 'Grüße, 日本語', '"quoted" \\ $1 ?', '\u{1f3b5}', 'x'.repeat(5000)] as const
const kinds = [
  ...Array<'append'>(12).fill('append'),
  ...Array<'create'>(5).fill('create'),
  ...Array<'deliver'>(4).fill('deliver'),
  ...Array<'acquire'>(4).fill('acquire'),
  ...(['renew', 'renew', 'release', 'delete', 'list', 'list', 'more', 'more', 'load', 'load', 'plan'] as const),
  ...(['row', 'read', 'inbox', 'getBlob', 'pass', 'pass', 'reopen'] as const),
] as const

const looks: ReadonlySet<string> = new Set(['list', 'more', 'load', 'row', 'read', 'inbox', 'getBlob', 'plan'])

class Draft {
  readonly operations: StorageOperation[] = []
  readonly #random: Random
  readonly #plans: readonly string[]
  #now = 0
  readonly #store: PlayedStore
  /** Every lease ever given, and every batch ever sent: late ones and repeated ones are drawn from these. */
  readonly #leases: LeaseName[] = []
  readonly #sent: AppendRequest[] = []
  readonly #blobs: { readonly runId: string; readonly sha256: string }[] = []
  /** Instants at which a lease ends or a run wakes. */
  readonly #dueAt = new Set<number>()
  /** How often each run was created. */
  readonly #created = new Map<string, number>()
  /** Runs that were created since the storage was opened. */
  readonly #createdHere = new Set<string>()
  #messages = 0
  #batches = 0

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    // Plans stay when runs are deleted: each sequence has its own.
    this.#plans = [`plan-${seed}-1`, `plan-${seed}-2`]
    this.#store = {
      storage: memoryStorage({ now: () => this.#now }),
      base: 0,
      advance: async (ms) => {
        this.#now += ms
      },
      lastList: undefined,
    }
  }

  async add(): Promise<void> {
    // No two things are due in the same millisecond: which of two runs has been due for longer is then told.
    const random = this.#random
    const kind = random.pick(kinds)
    let ms = 1
    while (this.#dueAt.has(this.#now + ms)) ms += 1
    if (!looks.has(kind)) await this.#take({ type: 'advance', ms })
    switch (kind) {
      case 'append':
        return this.#append()
      case 'create':
        return this.#create()
      case 'acquire':
        return this.#acquire()
      case 'pass':
        return void (await this.#take({ type: 'advance', ms: random.pick([2, 500, 10_000, 70_000]) }))
      case 'plan':
        return this.#plan()
      case 'deliver':
        return this.#deliver()
      case 'release':
        return void (await this.#take({ type: 'release', lease: this.#lease() }))
      case 'renew':
        return void (await this.#take({ type: 'renew', leases: [this.#lease()], ttlMs: this.#ttl() }))
      default:
        return void (await this.#take(this.#question(kind)))
    }
  }

  /** Looks at all that there is. */
  async lookAround(): Promise<void> {
    await this.#take({ type: 'list', filter: {}, limit: 3 })
    await this.#take({ type: 'more', limit: 3 })
    for (const runId of runIds) await this.#take({ type: 'load', runId })
    await this.#take({ type: 'inbox', runId: this.#random.pick(runIds), after: 0 })
    for (const hash of this.#plans) await this.#take({ type: 'getPlan', hash })
    for (const blob of this.#blobs) await this.#take({ type: 'getBlob', ...blob })
  }

  #question(
    kind: 'list' | 'more' | 'load' | 'row' | 'delete' | 'read' | 'inbox' | 'getBlob' | 'reopen',
  ): StorageOperation {
    const random = this.#random
    const runId = random.pick(runIds)
    switch (kind) {
      case 'list':
        return { type: 'list', filter: this.#filter(), limit: 1 + random.integer(3) }
      case 'more':
        return { type: 'more', limit: 1 + random.integer(3) }
      case 'read':
        return { type: 'read', runId, from: 1 + random.integer(6) }
      case 'inbox':
        return { type: 'inbox', runId, after: random.integer(4) }
      case 'getBlob':
        return this.#blobs.length === 0 ? { type: 'row', runId } : { type: kind, ...random.pick(this.#blobs) }
      case 'reopen':
        return random.chance(0.2) ? this.#reopen() : { type: 'load', runId }
      default:
        return { type: kind, runId }
    }
  }

  // A lease is its process's own: nobody goes on with it, nor asks for it once more, and it runs out.
  #reopen(): StorageOperation {
    this.#createdHere.clear()
    this.#leases.length = 0
    this.#sent.length = 0
    return { type: 'reopen' }
  }

  async #take(operation: StorageOperation): Promise<unknown> {
    this.operations.push(operation)
    return playOperation(this.#store, operation)
  }

  async #plan(): Promise<void> {
    const random = this.#random
    const hash = random.pick(this.#plans)
    const operation = random.chance(0.5)
      ? ({ type: 'putPlan', hash, note: random.pick(['one', 'other']) } as const)
      : ({ type: 'getPlan', hash } as const)
    await this.#take(operation)
  }

  async #create(): Promise<void> {
    const random = this.#random
    const runId = random.pick(runIds)
    const before = this.#created.get(runId) ?? 0
    // Now and then the creation before is sent again.
    const count = before > 0 && random.chance(0.1) && this.#createdHere.has(runId) ? before : before + 1
    this.#created.set(runId, count)
    this.#createdHere.add(runId)
    const incarnation = `${runId}-${count}`
    const row = await this.#store.storage.row(random.pick(runIds))
    const run: NewRun = {
      runId,
      incarnation,
      workflow: random.pick(workflows),
      plan: random.pick(this.#plans),
      labels: this.#labels(),
      ...(row !== undefined && random.chance(0.2) ? { parent: { runId: row.runId, path: 'a/b' } } : {}),
    }
    const status = random.pick<RunStatus>(['running', 'running', 'running', 'running', 'running', 'failed'])
    // Now and then one that no journal can hold.
    const first = random.chance(0.95) ? 0 : 1
    const events = this.#events(runId, first, { count: 1 + random.integer(2), status })
    const blobs = this.#someBlobs(runId)
    const wakeAt = random.chance(0.3) && !isTerminal(status) ? this.#now + this.#ttl() : null
    const batch = { events, status, wakeAt, ...(blobs === undefined ? {} : { blobs }) }
    const options = {
      inputHash: random.pick(['one', 'other']),
      ...(random.chance(0.3) ? { idempotencyKey: random.pick(keys) } : {}),
      ...(random.chance(0.7) ? { claim: { owner: 'creator', ttlMs: this.#ttl() } } : {}),
    }
    const answer = await this.#take({ type: 'create', run, batch, options })
    if (options.claim !== undefined && (answer as { outcome?: string }).outcome === 'created') {
      this.#leases.push({ runId, incarnation, token: 1 })
    }
  }

  async #append(): Promise<void> {
    const random = this.#random
    if (this.#sent.length > 0 && random.chance(0.15)) return this.#sendAgain()
    const lease = this.#lease()
    const row = await this.#store.storage.row(lease.runId)
    const request = this.#request(lease, row, await this.#store.storage.inbox(lease.runId, 0))
    this.#sent.push(request)
    await this.#take({ type: 'append', request })
  }

  #request(lease: LeaseName, row: RunRow | undefined, inbox: readonly { readonly id: string }[]): AppendRequest {
    const random = this.#random
    const head = Math.max(0, (row?.head ?? 0) + (random.chance(0.1) ? random.pick([-1, 1]) : 0))
    const status = random.pick<RunStatus>(['running', 'running', 'running', 'waiting', 'queued', 'completed', 'failed'])
    const count = isTerminal(status) ? 1 : random.integer(3)
    const events = this.#events(lease.runId, head, { count, status })
    const consume = inbox.filter(() => random.chance(0.5)).map(({ id }) => id)
    const blobs = this.#someBlobs(lease.runId)
    const inboxHead = random.chance(0.8) ? (row?.inboxHead ?? 0) : 0
    const isParked = !isTerminal(status) && random.chance(0.4)
    return {
      ...lease,
      expectedSeq: head,
      batchId: `batch-${(this.#batches += 1)}`,
      events,
      status,
      wakeAt: random.chance(0.5) && !isTerminal(status) ? this.#wakeAt() : null,
      ...(blobs === undefined ? {} : { blobs }),
      ...(random.chance(0.1) ? { plan: random.pick(this.#plans) } : {}),
      ...(random.chance(0.1) ? { notBefore: this.#now + random.pick([-5, 5]) } : {}),
      ...(consume.length > 0 ? { consume } : random.chance(0.03) ? { consume: ['never sent'] } : {}),
      ...(random.chance(0.2)
        ? { snapshot: { seq: head + count + (random.chance(0.05) ? 1 : 0), format: 1, state: { note: this.#text() } } }
        : {}),
      ...(isParked ? { park: { inboxHead } } : random.chance(0.1) ? { release: true } : {}),
    }
  }

  #events(runId: string, head: number, { count, status }: { count: number; status: RunStatus }): RunEvent[] {
    const events = Array.from({ length: count }, (_, index) => eventAt(runId, head + index + 1, this.#text()))
    if (isTerminal(status)) events.splice(-1, 1, endAt(runId, head + count, status))
    return events
  }

  // The answer was lost, or somebody made a mistake.
  async #sendAgain(): Promise<void> {
    const random = this.#random
    const known = random.pick(this.#sent)
    const lease = random.chance(0.5) ? known : this.#lease()
    const own = { runId: known.runId, incarnation: known.incarnation, token: lease.token }
    const request = random.chance(0.8) ? { ...known, ...own } : { ...known, ...own, status: 'cancelling' as const }
    await this.#take({ type: 'append', request })
  }

  async #deliver(): Promise<void> {
    const random = this.#random
    const count = random.chance(0.8) ? (this.#messages += 1) : random.integer(this.#messages + 1)
    const sender = random.chance(0.3) ? { sender: 'ada' } : {}
    const name = random.pick(['note', 'approve'])
    const message = { id: `message-${count}`, name, payload: { note: `${count}` }, ...sender }
    await this.#take({ type: 'deliver', runId: random.pick(runIds), message })
  }

  // Runs that were taken together would run out together, and be due together.
  async #acquire(): Promise<void> {
    const random = this.#random
    const labels = random.chance(0.2) ? { labels: this.#labels() } : {}
    const only = random.chance(0.2) ? { runIds: runIds.filter(() => random.chance(0.5)) } : {}
    const workflow = random.chance(0.2) ? { workflows: [random.pick(workflows)] } : {}
    const except = random.chance(0.2)
      ? { except: { runIds: [random.pick(runIds)], plans: [random.pick(this.#plans)] } }
      : {}
    const owner = random.pick(['one', 'other'])
    const limit = 1 + random.integer(3)
    const options: AcquireOptions = { owner, ttlMs: this.#ttl(), limit, ...labels, ...only, ...workflow, ...except }
    const { runs = [] } = (await this.#take({ type: 'acquire', options })) as {
      readonly runs?: readonly { readonly lease: LeaseName }[]
    }
    for (const { lease } of runs) {
      const { runId, incarnation, token } = lease
      this.#leases.push({ runId, incarnation, token })
      if (runs.length > 1) {
        await this.#take({ type: 'renew', leases: [{ runId, incarnation, token }], ttlMs: this.#ttl() })
      }
    }
  }

  // Mostly a young one, which may still be held.
  #lease(): LeaseName {
    const random = this.#random
    const young = this.#leases.slice(-4)
    const known = random.chance(0.85) ? young : this.#leases
    if (known.length === 0) return { runId: 'run-1', incarnation: 'none', token: 1 }
    const lease = random.pick(known)
    return random.chance(0.05) ? { ...lease, token: lease.token + 1 } : lease
  }

  // No two leases end, and no two runs wake, at the same instant.
  #ttl(): number {
    let ttlMs = this.#random.pick([400, 9_000, 60_000])
    while (this.#dueAt.has(this.#now + ttlMs)) ttlMs += 1
    this.#dueAt.add(this.#now + ttlMs)
    return ttlMs
  }

  // Now and then it has passed.
  #wakeAt(): number {
    const at = this.#random.chance(0.1) ? this.#now - this.#random.integer(100_000) : this.#now + this.#ttl()
    if (this.#dueAt.has(at) && at < this.#now) return this.#now + this.#ttl()
    this.#dueAt.add(at)
    return at
  }

  #text(): string {
    return this.#random.pick(texts)
  }

  #labels(): Readonly<Record<string, string>> {
    const random = this.#random
    return random.chance(0.5)
      ? {}
      : { team: random.pick(['red', "b'lue"]), ...(random.chance(0.3) ? { 'a.b': '' } : {}) }
  }

  #filter(): RunFilter {
    const random = this.#random
    return {
      ...(random.chance(0.3) ? { status: random.pick<RunStatus[]>([['running'], ['completed', 'failed'], []]) } : {}),
      ...(random.chance(0.3) ? { workflow: random.pick(workflows) } : {}),
      ...(random.chance(0.3) ? { labels: this.#labels() } : {}),
    }
  }

  #someBlobs(runId: string): readonly Blob[] | undefined {
    const random = this.#random
    if (random.chance(0.7)) return undefined
    const text = JSON.stringify(`${this.#text()} ${random.integer(5)}`)
    const sha256 = sha256Hex(text)
    this.#blobs.push({ runId, sha256 })
    return [{ sha256, size: new TextEncoder().encode(text).length, text }]
  }
}
