import type { HandlerPin } from '@segno/schema/plan'
import { Driver } from '../driver/driver.ts'
import type { DriverInput, DriverRequest } from '../driver/protocol.ts'
import { FewMap } from '../kernel/few-map.ts'
import type { Plan } from '../kernel/plan.ts'
import type { RunState } from '../kernel/state.ts'
import { isTerminal } from '../ports/batch.ts'
import type { Clock } from '../ports/clock.ts'
import type { AcquiredRun, Lease, Storage } from '../ports/storage.ts'
import type { AttemptGate } from './attempt-gate.ts'
import type { Logger } from './engine-options.ts'
import type { ErrandWorld } from './errands.ts'
import { foldRun } from './fold-run.ts'
import { Heartbeat } from './heartbeat.ts'
import { randomSeed } from './ids.ts'
import { LookAhead } from './look-ahead.ts'
import { Pauses } from './pauses.ts'
import type { Plans } from './plans.ts'
import { RunShell } from './run-shell.ts'
import type { Done, ReadRun, ShellWorld } from './run-shell.ts'
import type { StoreTime } from './store-time.ts'
import { Waker } from './waker.ts'
import type { Acquired } from './waker.ts'
import type { Workbench } from './workbench.ts'

/** What the runs that an engine drives need of it. */
export interface DrivenRunsOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly time: StoreTime
  readonly plans: Plans
  readonly workbench: Workbench
  /** The handlers that a run of the plan records. */
  readonly pinsOf: (plan: Plan) => Readonly<Record<string, HandlerPin>>
  readonly gate: AttemptGate | undefined
  readonly logger: Logger | undefined
  readonly owner: string
  readonly leaseMs: number
  readonly hungAfterMs: number
  /** How long handlers may take to stop when the engine closes. */
  readonly stopGraceMs: number
  /** Whether all that can happen to a run comes by way of this process. */
  readonly isAlone: boolean
  readonly createChild: ErrandWorld['createChild']
  readonly publish: ShellWorld['publish']
  readonly isHeard: ShellWorld['isHeard']
  /** A run that this engine drove has ended, here or elsewhere. */
  readonly mayHaveEnded: (runId: string) => void
  readonly warn: (message: string, error: unknown) => void
}

/** Takes runs that are anybody's, and leaves those to others that this engine cannot drive. */
export interface Taker {
  /** Whether it wants no more, also not what it has just asked for. */
  readonly isStopped: boolean
  took(): void
  /** What it took is held no more; due again after so many milliseconds, `null` where it waits for no time. */
  letGo(dueInMs: number | null): void
  /** This engine cannot drive the run, or any of its plan. */
  refuse(what: { readonly runId: string } | { readonly plan: string }, runId: string, why: unknown): void
  /** Something may be due. */
  hint(): void
  /** This engine may be able to do more than before. */
  forgive(): void
  stop(): Promise<void>
}

/** What a taker asks for. */
export type Wanted = Pick<Parameters<Storage['acquire']>[0], 'limit' | 'labels' | 'workflows' | 'except'>

/** When a lease was asked for and given, by the monotonic clock, and the store's time then. */
interface LeaseTimes {
  readonly sent: number
  readonly answered: number
  readonly now: number
}

/** Who a run is held for, and whether its lease before was never given back. */
interface Held {
  readonly taker: Taker
  readonly isExpired: boolean
  /** Whether this engine looks after the run in any case. */
  readonly isOwn: boolean
}

/** Who leases are asked for, and what was read before they came. */
interface Asking {
  readonly taker?: Taker | undefined
  readonly ahead?: LookAhead | undefined
}

/** How a run is taken up: what is being read of it already, and who it is for. */
interface Beginning {
  readonly read?: ReadRun | undefined
  readonly held?: Omit<Held, 'isOwn'> | undefined
}

const acquireMax = 100
/** How long a run is left alone that cannot be read, at most. */
const pauseMaxMs = 3_600_000
const pausedMax = 1000

/** The runs that an engine drives: takes them up, keeps their leases, and lets go of them. */
export class DrivenRuns {
  readonly #options: DrivenRunsOptions
  readonly #world: ShellWorld
  readonly #shells = new FewMap<string, RunShell>()
  readonly #held = new WeakMap<RunShell, Held>()
  readonly #takers = new Set<Taker>()
  readonly #heartbeat: Heartbeat
  readonly #waker: Waker
  /** Runs that could not be read. */
  readonly #unread: Pauses
  /** Whether the engine was asked to take over what others left. */
  #takesAll = false
  #isClosing = false

  constructor(options: DrivenRunsOptions) {
    const { storage, clock, leaseMs, hungAfterMs, warn, isAlone } = options
    this.#options = options
    this.#world = this.#shellWorld()
    this.#heartbeat = new Heartbeat({ storage, clock, leaseMs, hungAfterMs, warn, shells: this.#shells })
    this.#unread = new Pauses(clock, { firstMs: leaseMs, maxMs: Math.max(pauseMaxMs, leaseMs), sizeMax: pausedMax })
    this.#waker = new Waker({
      ...{ clock, warn, leaseMs, isAlone },
      acquire: (runIds) => this.#acquire(runIds, this.#unread.current),
      row: (runId) => storage.row(runId),
      hints: storage.subscribe !== undefined,
    })
  }

  #shellWorld(): ShellWorld {
    const { storage, clock, gate, logger, workbench, createChild, publish, isHeard, plans, pinsOf } = this.#options
    return {
      ...{ storage, clock, gate, logger, workbench, publish, isHeard },
      errands: {
        ...{ storage, createChild },
        onDelivered: (runId) => this.message(runId),
        onTold: (runId) => this.message(runId, true),
      },
      planOf: (hash) => plans.pinned(hash),
      planKnown: async (hash) => {
        const plan = await plans.pinned(hash)
        return { plan, handlers: pinsOf(plan) }
      },
      leave: (shell, state) => this.#leave(shell, state),
      done: (shell, how) => this.#shellDone(shell, how),
    }
  }

  has(runId: string): boolean {
    return this.#shells.has(runId)
  }

  /** Whether a run that this engine creates is to be driven here, or left to others who work for the store. */
  isForHere(plan: Plan): boolean {
    return this.#takers.size === 0 || this.#options.workbench.lack(plan) === undefined
  }

  /** Drives a run that this engine has just created, or gives it back; `sent` is when that was asked for. */
  async driveCreated(
    plan: Plan,
    { lease, now, sent }: { readonly lease: Lease; readonly now: number; readonly sent: number },
    begin: (driver: Driver, mono: number) => readonly DriverRequest[],
  ): Promise<void> {
    if (this.#isClosing) return this.#options.storage.release(lease)
    const answered = this.#options.clock.monotonic()
    const driver = this.#driverOf(plan, { lease, expired: false }, { sent, answered, now })
    this.#adopt(driver).drive(() => begin(driver, answered))
  }

  /** A run may be nobody's once the lease of who made it can have run out: it is looked after from then on. */
  lookAfter(runId: string): void {
    if (!this.has(runId)) this.#waker.watch(runId, this.#options.leaseMs)
  }

  /** `Engine.recover`, of ids that have been checked. */
  async recover(runIds: readonly string[] | undefined): Promise<readonly string[]> {
    const seen = new Set<string>()
    const driven = new Set<string>()
    const ahead = new LookAhead(this.#options)
    await ahead.begin(runIds?.filter((runId) => !this.has(runId)) ?? [])
    for (;;) {
      const page = await this.#acquire(runIds, [], ahead)
      for (const runId of page.driven) driven.add(runId)
      // A run that cannot be driven is due again at once: it would be found for ever.
      if (page.leased.every((runId) => seen.has(runId))) break
      for (const runId of page.leased) seen.add(runId)
      if (runIds?.every((runId) => driven.has(runId)) === true) break
    }
    // What rests is taken up later: when its time comes, where it was named, or when a message is sent by this engine.
    if (runIds === undefined) this.#takesAll = true
    for (const runId of runIds ?? []) if (!driven.has(runId)) await this.#watch(runId)
    return [...driven]
  }

  /** From now on hints are given to it, and what it has taken rests in the store. */
  addTaker(taker: Taker): void {
    this.#takers.add(taker)
    this.#heartbeat.keepFromNow()
  }

  removeTaker(taker: Taker): void {
    this.#takers.delete(taker)
  }

  /** Takes runs that are due for a taker. Gives how many it got, also those that it left to others again. */
  async take(wanted: Wanted, taker: Taker): Promise<number> {
    const { leased } = await this.#lease(wanted, { taker })
    return leased.length
  }

  // A message has come for a run: its driver reads it, or the run is taken up for it. One that rested when its process
  // died is nobody's, unless this engine takes all.
  message(runId: string, takesUp = this.#takesAll): void {
    const shell = this.#shells.get(runId)
    if (shell !== undefined) return shell.tell({ type: 'hint' })
    // Whoever works for the store takes it up; what is this engine's own is woken here.
    if (takesUp && (this.#takesAll || this.#takers.size === 0)) this.#waker.watch(runId, 0)
    if (this.#waker.has(runId)) this.#waker.hint(runId)
    else this.news()
  }

  /** A run that is not driven here may be due. */
  news(): void {
    for (const taker of this.#takers) taker.hint()
  }

  /** The engine has got handlers that it did not have. */
  forgive(): void {
    for (const taker of this.#takers) taker.forgive()
  }

  /** Lets go of all runs: handlers are told, and those that do not stop in time are left to themselves. */
  async close(): Promise<void> {
    const { clock, stopGraceMs } = this.#options
    this.#isClosing = true
    const stopped = [...this.#takers].map((taker) => taker.stop())
    this.#waker.close()
    const shells = [...this.#shells.values()]
    for (const shell of shells) shell.tell({ type: 'stop' })
    const cancel = clock.schedule(stopGraceMs, () => {
      for (const shell of shells) shell.tell({ type: 'stopNow' })
    })
    await Promise.all([...stopped, ...shells.map((shell) => shell.finished)])
    cancel()
    await this.#heartbeat.close()
  }

  async #watch(runId: string): Promise<void> {
    const row = await this.#options.storage.row(runId)
    if (row === undefined || isTerminal(row.status)) return
    const { now = 0 } = this.#options.time
    this.#waker.watch(runId, row.wakeAt === null ? null : Math.max(0, row.wakeAt - now))
  }

  #acquire(
    runIds: readonly string[] | undefined,
    except: readonly string[] = [],
    ahead?: LookAhead,
  ): Promise<Acquired & { readonly driven: readonly string[] }> {
    const wanted = {
      limit: acquireMax,
      ...(runIds === undefined ? {} : { runIds }),
      ...(except.length === 0 ? {} : { except: { runIds: except } }),
    }
    return this.#lease(wanted, { ahead })
  }

  // Leases are taken and driven one by one: a run that cannot be loaded hurts no other.
  async #lease(
    wanted: Wanted & { readonly runIds?: readonly string[] },
    asking: Asking,
  ): Promise<Acquired & { readonly driven: readonly string[] }> {
    if (this.#isClosing) return { now: 0, leased: [], driven: [], more: false }
    const { storage, clock, time, owner, leaseMs } = this.#options
    const sent = clock.monotonic()
    const { now, runs } = await storage.acquire({ owner, ttlMs: leaseMs, ...wanted })
    time.hear(now)
    const answered = clock.monotonic()
    const times = { sent, answered, now }
    const driven: string[] = []
    const drive = async (run: AcquiredRun): Promise<void> => {
      if (await this.#drive(run, times, asking)) driven.push(run.lease.runId)
    }
    await Promise.all(runs.map(drive))
    return { now, leased: runs.map(({ lease }) => lease.runId), driven, more: runs.length === wanted.limit }
  }

  async #drive(run: AcquiredRun, times: LeaseTimes, { taker, ahead }: Asking): Promise<boolean> {
    const { plans, storage, warn } = this.#options
    const { runId } = run.lease
    try {
      const read = this.#readerOf(run, ahead)
      const plan = await plans.pinned(run.row.plan)
      const lack = taker === undefined ? undefined : await this.#lack(plan)
      if (lack !== undefined) taker?.refuse({ plan: plan.hash }, runId, lack)
      else if (!this.#isClosing && taker?.isStopped !== true) {
        const driver = this.#driverOf(plan, run, times)
        this.#adopt(driver, { read, held: taker && { taker, isExpired: run.expired } }).drive(() => driver.open())
        return true
      }
    } catch (error) {
      if (taker === undefined) warn(`run ${runId} cannot be driven`, error)
      else taker.refuse({ plan: run.row.plan }, runId, error)
    }
    // Whoever takes it next has to know that it crashed who had it before: given back, it would look as if all were well.
    if (taker !== undefined && run.expired) return false
    await storage.release(run.lease).catch((error: unknown) => warn(`run ${runId} was not given back`, error))
    return false
  }

  #readerOf({ row }: AcquiredRun, ahead: LookAhead | undefined): ReadRun | undefined {
    const { plans, storage } = this.#options
    const known = ahead?.of(row)
    if (known === undefined && plans.has(row.plan)) return undefined
    // The store is at work on the run while its plan comes and is compiled.
    const asked = known === undefined ? storage.load(row.runId) : undefined
    // Whoever drives the run hears of it; where nobody does, nobody needs to.
    asked?.catch(() => undefined)
    const held = { load: () => asked ?? storage.load(row.runId), read: storage.read.bind(storage) }
    return async () => (await known) ?? foldRun(held, row.runId, (hash) => plans.pinned(hash))
  }

  /** What this engine lacks to drive runs of a plan. */
  async #lack(plan: Plan): Promise<string | undefined> {
    const { workbench } = this.#options
    const lack = workbench.lack(plan)
    if (lack !== undefined || plan.secrets.length === 0) return lack
    const missing = await workbench.secrets.missing(plan.secrets)
    return missing.length === 0 ? undefined : `this engine has no value for the secrets ${missing.join(', ')}`
  }

  // What was taken for a taker is left to others where this engine has another version of a handler than the run began with.
  #leave(shell: RunShell, state: RunState): DriverInput | undefined {
    const held = this.#held.get(shell)
    const lack = held && this.#options.workbench.lack(shell.plan, state.handlers)
    if (held === undefined || lack === undefined) return undefined
    held.taker.refuse({ runId: shell.runId }, shell.runId, lack)
    return { type: held.isExpired ? 'leaseLost' : 'stopNow' }
  }

  #driverOf(
    plan: Plan,
    { lease, expired }: Pick<AcquiredRun, 'lease' | 'expired'>,
    { sent, answered, now }: LeaseTimes,
  ): Driver {
    const { leaseMs } = this.#options
    const times = { leasedAt: sent, leaseMs, storeNow: now, mono: answered }
    return new Driver({ plan, lease, ...times, crashed: expired, seed: randomSeed() })
  }

  #adopt(driver: Driver, { read, held }: Beginning = {}): RunShell {
    const shell = new RunShell(driver, this.#world, read)
    const { runId } = shell
    if (held !== undefined) this.#held.set(shell, { ...held, isOwn: this.#waker.has(runId) })
    held?.taker.took()
    this.#shells.set(runId, shell)
    this.#waker.forget(runId)
    this.#heartbeat.start()
    this.#heartbeat.changed()
    return shell
  }

  #shellDone(shell: RunShell, how: Done): void {
    const { runId } = shell
    if (this.#shells.get(runId) === shell) this.#shells.delete(runId)
    this.#heartbeat.changed()
    if (how.why !== 'parked' && how.why !== 'released') this.#options.mayHaveEnded(runId)
    const held = this.#held.get(shell)
    if (held === undefined || held.isOwn) this.#restOf(shell, how)
    else if (shell.isUndrivable) held.taker.refuse({ runId }, runId, 'what the store holds of it cannot be driven')
    const dueInMs = how.wakeAt === null ? null : shell.driver.untilStoreTime(how.wakeAt)
    // The hint came to a driver that was already on its way out.
    held?.taker.letGo(how.hinted ? 0 : dueInMs)
  }

  /** Looks after a run of this engine's that has been let go of. */
  #restOf(shell: RunShell, { why, wakeAt: due, hinted }: Done): void {
    const { runId } = shell
    const { leaseMs } = this.#options
    if (why === 'parked') this.#waker.watch(runId, due === null ? null : shell.driver.untilStoreTime(due))
    if (why === 'parked' && hinted) this.#waker.hint(runId)
    // Somebody else may hold the run now. It is asked for again when that lease can have run out.
    if (why === 'lost') this.#waker.watch(runId, shell.isUndrivable ? (this.#unread.add(runId) ?? leaseMs) : leaseMs)
    else this.#unread.delete(runId)
  }
}
