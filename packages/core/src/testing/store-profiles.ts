import type { Clock } from '../ports/clock.ts'
import { StorageFault } from '../ports/storage-fault.ts'
import type { AppendOutcome, AppendRequest, LeaseName, Storage } from '../ports/storage.ts'
import { withAppends } from './appends.ts'
import type { Random } from './random.ts'
import { SimulatedTransactions } from './simulated-transactions.ts'
import type { BookedRow } from './simulated-transactions.ts'
import { transactionalProfiles } from './simulator-swarm.ts'
import type { SimulatedFault, StoreProfile } from './simulator-swarm.ts'

/** What the store of a world fails by. */
export interface ProfileWorld {
  readonly random: Random
  readonly clock: Clock
  /** Whether the fault strikes now; counted if it does. */
  strikes(kind: SimulatedFault, random: Random): boolean
  /** The clock of the store jumps ahead. */
  jump(ms: number): void
  note(line: string): void
  readonly isHealed: () => boolean
  /** A wrong way to build it, for tests of the simulator. */
  readonly wrong?: WrongProfile | undefined
}

/** A mistake of an adapter: each belongs to one profile, the last to those that have transactions. */
export type WrongProfile =
  'unsyncedIsWritten' | 'answersBeforeTheGroup' | 'lateCommitIsNotFenced' | 'rowsAreCommittedApart'

const windowMaxMs = 8000
/** A commit may land long after a lease has gone to somebody else. */
const lateMaxMs = 30_000
const jumpMaxMs = 15_000
const groupMs = 3

/** A store that is shared by all processes of a world: its ways to fail that no process is alone with. */
export class SharedStore {
  readonly #storage: Storage
  readonly #world: ProfileWorld
  readonly #random: Random
  readonly #profile: StoreProfile
  /** The newest token of each run. */
  readonly #tokens = new Map<string, number>()
  readonly #transactions: SimulatedTransactions
  #refusedUntil = 0
  #downUntil = 0
  #lockedUntil = 0

  constructor(storage: Storage, profile: StoreProfile, world: ProfileWorld) {
    this.#storage = noting(storage, this.#tokens)
    this.#world = world
    this.#profile = profile
    this.#random = world.random.stream('store')
    this.#transactions = new SimulatedTransactions({
      clock: world.clock,
      strikes: (kind, random) => world.strikes(kind, random),
      note: (line) => world.note(line),
      commitsApart: world.wrong === 'rowsAreCommittedApart',
    })
  }

  /** What `tx` steps have written. */
  get rows(): readonly BookedRow[] {
    return this.#transactions.rows
  }

  /** Now and then, a window opens in which nothing can be written, or nothing at all can be done. */
  weather(): void {
    const { clock, isHealed } = this.#world
    const draw = this.#random
    if (isHealed()) return
    if (this.#world.strikes('writeWindow', draw)) this.#refusedUntil = clock.now() + draw.integer(windowMaxMs)
    if (!this.#world.strikes('failover', draw)) return
    this.#downUntil = clock.now() + draw.integer(windowMaxMs)
    this.#world.jump(draw.integer(jumpMaxMs))
  }

  /** The store as one process has it. */
  connect(random: Random): Storage {
    const storage = this.#transacting(this.#losingLeases(this.#storage, random), random)
    const { profile, appending } = { profile: this.#profile, appending: random.stream('append') }
    switch (profile) {
      case 'memory':
        return this.#inWeather(storage, random)
      case 'file':
        return ownHints(this.#inWeather(this.#unsynced(storage, appending), random))
      case 'sqlite':
        return ownHints(this.#locking(this.#inWeather(this.#grouped(storage, appending), random), random))
      case 'postgres':
        return ownHints(this.#skipping(this.#inWeather(this.#late(storage, appending), random), random))
      default:
        return profile satisfies never
    }
  }

  #inWeather(storage: Storage, random: Random): Storage {
    const draw = random.stream('weather')
    return everyCall(storage, (isWrite, call) => {
      this.#reach(isWrite, draw)
      return call()
    })
  }

  #reach(isWrite: boolean, draw: Random): void {
    if (this.#world.isHealed()) return
    const now = this.#world.clock.now()
    // Of what was under way when the server went down, nobody knows.
    if (now < this.#downUntil) throw fault('the server is gone', draw.chance(0.5))
    if (isWrite && now < this.#refusedUntil) throw fault('nothing can be written', false)
  }

  // Transactions go past the ways of other calls, and have their own.
  #transacting(storage: Storage, random: Random): Storage {
    if (!transactionalProfiles.includes(this.#profile)) return storage
    const draw = random.stream('transactions')
    const reach = (): void => this.#reach(true, draw)
    return {
      ...storage,
      capabilities: { ...storage.capabilities, transactions: true },
      begin: async (lease, { timeoutMs }) => {
        reach()
        if (this.#profile === 'sqlite') await this.#turn(draw)
        if (!(await this.#isHeld(lease))) return undefined
        // Somebody else's may have been opened meanwhile.
        if (this.#profile === 'sqlite' && this.#transactions.oneOpen !== undefined) throw fault('SQLITE_BUSY', false)
        if (this.#world.strikes('leaseLoss', draw)) {
          this.#world.clock.schedule(draw.integer(draw.pick([50, 2000])), () => void this.#endLease(lease))
        }
        const endLease = (): Promise<void> => this.#endLease(lease)
        return this.#transactions.open({ storage: this.#storage, random: draw, reach, endLease }, lease, timeoutMs)
      },
    }
  }

  async #isHeld({ runId, incarnation, token }: LeaseName): Promise<boolean> {
    const row = await this.#storage.row(runId)
    return row?.incarnation === incarnation && row.holder?.isLost === false && this.#tokens.get(runId) === token
  }

  #losingLeases(storage: Storage, random: Random): Storage {
    const draw = random.stream('leases')
    return {
      ...storage,
      append: async (request) => {
        const answer = await storage.append(request)
        if (this.#world.strikes('leaseLoss', draw)) {
          this.#world.clock.schedule(draw.integer(2000), () => void this.#endLease(request))
        }
        return answer
      },
    }
  }

  async #endLease({ runId, incarnation, token }: LeaseName): Promise<void> {
    if (!this.#world.isHealed()) await this.#storage.renew({ leases: [{ runId, incarnation, token }], ttlMs: 0 })
  }

  // An error of fsync leaves nothing to be sure of: the handle is given up, and the lease with it.
  #unsynced(storage: Storage, draw: Random): Storage {
    return {
      ...storage,
      append: async (request) => {
        if (!this.#world.strikes('fsyncError', draw)) return storage.append(request)
        const lasts = draw.chance(0.5)
        if (this.#world.wrong === 'unsyncedIsWritten') return lasts ? storage.append(request) : asWritten(storage)
        if (lasts) await storage.append(request)
        await this.#endLease(request)
        throw fault('fsync: EIO', true)
      },
    }
  }

  // The appends of one process are committed together, and fail together.
  #grouped(storage: Storage, draw: Random): Storage {
    let group: Waiting[] = []
    const commit = async (): Promise<void> => {
      const waiting = group
      group = []
      const fate = this.#world.strikes('groupFailure', draw)
        ? draw.pick(['refused', 'lost', 'unheard'] as const)
        : 'told'
      for (const { request, settle } of waiting) {
        const answer = fate === 'told' || fate === 'unheard' ? settled(storage.append(request)) : undefined
        if (answer !== undefined && fate === 'told') settle(await answer)
        else {
          await answer
          settle({ error: fault('the group could not be committed', fate !== 'refused') })
        }
      }
    }
    return {
      ...storage,
      append: (request) => {
        if (group.length === 0) this.#world.clock.schedule(draw.integer(groupMs), () => void commit())
        return new Promise((resolve, reject) => {
          const settle = (end: Ended): void => ('error' in end ? reject(end.error as Error) : resolve(end.answer))
          group.push({ request, settle })
          if (this.#world.wrong === 'answersBeforeTheGroup') void asWritten(storage).then(resolve, reject)
        })
      },
    }
  }

  #locking(storage: Storage, random: Random): Storage {
    const draw = random.stream('locks')
    return everyCall(storage, async (isWrite, call) => {
      if (isWrite) await this.#turn(draw)
      return call()
    })
  }

  // One writes at a time: the others wait for it, and for a transaction that is open.
  async #turn(draw: Random): Promise<void> {
    const { clock } = this.#world
    if (this.#world.strikes('busy', draw)) throw fault('SQLITE_BUSY', false)
    if (this.#world.strikes('openTransaction', draw)) {
      this.#lockedUntil = Math.max(this.#lockedUntil, clock.now() + draw.integer(windowMaxMs))
    }
    if (this.#lockedUntil > clock.now() && !this.#world.isHealed()) await passed(clock, this.#lockedUntil - clock.now())
    for (let open = this.#transactions.oneOpen; open !== undefined; open = this.#transactions.oneOpen) await open
  }

  // The statement was sent, and the server goes on with it whatever has become of the connection.
  #late(storage: Storage, draw: Random): Storage {
    return {
      ...storage,
      append: async (request) => {
        if (!this.#world.strikes('lateCommit', draw)) return storage.append(request)
        const land = (): Promise<unknown> => {
          const isWrong = this.#world.wrong === 'lateCommitIsNotFenced'
          return settled(isWrong ? unfenced(storage, request, this.#tokens) : storage.append(request))
        }
        this.#world.clock.schedule(draw.integer(lateMaxMs), () => void land())
        throw fault('the connection was lost', true)
      },
    }
  }

  #skipping(storage: Storage, random: Random): Storage {
    const draw = random.stream('skip')
    return {
      ...storage,
      acquire: async (wanted) => {
        if (!this.#world.strikes('skipLocked', draw)) return storage.acquire(wanted)
        if (draw.chance(0.3)) return { now: (await storage.renew({ leases: [], ttlMs: 1 })).now, runs: [] }
        const { now, runs } = await storage.acquire({ ...wanted, limit: Math.max(1, draw.integer(wanted.limit)) })
        return { now, runs: runs.toReversed() }
      },
    }
  }
}

interface Waiting {
  readonly request: AppendRequest
  readonly settle: (end: Ended) => void
}

type Ended = { readonly answer: AppendOutcome } | { readonly error: unknown }

async function settled(answer: Promise<AppendOutcome>): Promise<Ended> {
  try {
    return { answer: await answer }
  } catch (error) {
    return { error }
  }
}

/** Where several processes have one store, each hears of what it has written itself. */
function ownHints(storage: Storage): Storage {
  type Listener = Parameters<NonNullable<Storage['subscribe']>>[0]
  const listeners = new Set<{ readonly listener: Listener }>()
  const tell: Listener = (...news) => {
    queueMicrotask(() => {
      for (const { listener } of listeners) listener(...news)
    })
  }
  const telling = withAppends(storage, async (request, send) => {
    const answer = await send()
    if (answer.outcome === 'ok') tell(request.runId, 'journal')
    return answer
  })
  return {
    ...telling,
    capabilities: { ...storage.capabilities, multiProcess: true },
    deliver: async (runId, message) => {
      const answer = await storage.deliver(runId, message)
      if (answer.outcome === 'accepted') tell(runId, 'inbox')
      return answer
    },
    subscribe: (listener) => {
      const own = { listener }
      listeners.add(own)
      return () => listeners.delete(own)
    },
  }
}

function everyCall(
  storage: Storage,
  around: <Answer>(isWrite: boolean, call: () => Promise<Answer>) => Promise<Answer>,
): Storage {
  const guarded =
    (isWrite: boolean) =>
    <Given extends readonly unknown[], Answer>(call: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> =>
      around(isWrite, () => call(...given))
  const [reads, writes] = [guarded(false), guarded(true)]
  return {
    ...storage,
    putPlan: writes(storage.putPlan),
    getPlan: reads(storage.getPlan),
    createRun: writes(storage.createRun),
    row: reads(storage.row),
    load: reads(storage.load),
    append: writes(storage.append),
    getBlob: reads(storage.getBlob),
    deliver: writes(storage.deliver),
    inbox: reads(storage.inbox),
    acquire: writes(storage.acquire),
    renew: writes(storage.renew),
    release: writes(storage.release),
    list: reads(storage.list),
    delete: writes(storage.delete),
  }
}

function passed(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.schedule(ms, resolve))
}

function fault(message: string, ambiguous: boolean): StorageFault {
  return new StorageFault('STORAGE_UNAVAILABLE', `Injected: ${message}.`, { ambiguous })
}

async function asWritten(storage: Storage): Promise<AppendOutcome> {
  const { now } = await storage.renew({ leases: [], ttlMs: 1 })
  return { outcome: 'ok', now, inboxHead: 0 }
}

// As if the statement asked for neither the lease nor the place in the journal.
async function unfenced(
  storage: Storage,
  request: AppendRequest,
  tokens: ReadonlyMap<string, number>,
): Promise<AppendOutcome> {
  const row = await storage.row(request.runId)
  const token = tokens.get(request.runId)
  if (row === undefined || token === undefined) return storage.append(request)
  const shift = row.head - request.expectedSeq
  const events = request.events.map((event) => ({ ...event, seq: event.seq + shift }))
  const { snapshot: _stale, notBefore: _past, consume: _taken, park: _kept, ...rest } = request
  return storage.append({ ...rest, token, expectedSeq: row.head, events, batchId: `${request.batchId}/late` })
}

function noting(storage: Storage, tokens: Map<string, number>): Storage {
  return {
    ...storage,
    createRun: async (run, batch, options) => {
      const answer = await storage.createRun(run, batch, options)
      if (answer.outcome === 'created' && answer.lease !== undefined) tokens.set(run.runId, answer.lease.token)
      return answer
    },
    acquire: async (wanted) => {
      const answer = await storage.acquire(wanted)
      for (const { lease } of answer.runs) tokens.set(lease.runId, lease.token)
      return answer
    },
  }
}
