import type { RunEvent } from '@segno/schema/plan'
import { Driver } from '../driver/driver.ts'
import type { DriverRequest } from '../driver/protocol.ts'
import type { Plan } from '../kernel/plan.ts'
import { isTerminal } from '../ports/batch.ts'
import type { Clock } from '../ports/clock.ts'
import type { AcquiredRun, Lease, Storage } from '../ports/storage.ts'
import type { AttemptGate } from './attempt-gate.ts'
import type { Logger } from './engine-options.ts'
import type { ErrandWorld } from './errands.ts'
import { Heartbeat } from './heartbeat.ts'
import type { Plans } from './plans.ts'
import { RunShell } from './run-shell.ts'
import type { Done, ShellWorld } from './run-shell.ts'
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
  readonly gate: AttemptGate
  readonly logger: Logger | undefined
  readonly owner: string
  readonly leaseMs: number
  /** How long handlers may take to stop when the engine closes. */
  readonly stopGraceMs: number
  /** Whether all that can happen to a run comes by way of this process. */
  readonly isAlone: boolean
  readonly createChild: ErrandWorld['createChild']
  readonly publish: (runId: string, events: readonly RunEvent[]) => void
  readonly warn: (message: string, error: unknown) => void
}

/** When a lease was asked for and given, by the monotonic clock, and the store's time then. */
interface LeaseTimes {
  readonly sent: number
  readonly answered: number
  readonly now: number
}

const acquireMax = 100

/** The runs that an engine drives: takes them up, keeps their leases, and lets go of them. */
export class DrivenRuns {
  readonly #options: DrivenRunsOptions
  readonly #world: ShellWorld
  readonly #shells = new Map<string, RunShell>()
  readonly #heartbeat: Heartbeat
  readonly #waker: Waker
  /** Whether the engine was asked to take over what others left. */
  #takesAll = false
  #isClosing = false

  constructor(options: DrivenRunsOptions) {
    const { storage, clock, leaseMs, warn, isAlone } = options
    this.#options = options
    this.#world = this.#shellWorld()
    this.#heartbeat = new Heartbeat({ storage, clock, leaseMs, warn, shells: this.#shells })
    this.#waker = new Waker({
      ...{ clock, warn, leaseMs, isAlone },
      acquire: (runIds) => this.#acquire(runIds),
      row: (runId) => storage.row(runId),
      hints: storage.subscribe !== undefined,
    })
  }

  #shellWorld(): ShellWorld {
    const { storage, clock, gate, logger, workbench, createChild, publish } = this.#options
    return {
      ...{ storage, clock, gate, logger, workbench, publish },
      errands: {
        ...{ storage, createChild },
        onDelivered: (runId) => this.message(runId),
        onTold: (runId) => this.message(runId, true),
      },
      done: (shell, how) => this.#shellDone(shell, how),
    }
  }

  has(runId: string): boolean {
    return this.#shells.has(runId)
  }

  /** Drives a run that this engine has just created; `sent` is when that was asked for. */
  async driveCreated(
    plan: Plan,
    { lease, now, sent }: { readonly lease: Lease; readonly now: number; readonly sent: number },
    begin: (driver: Driver, mono: number) => readonly DriverRequest[],
  ): Promise<void> {
    if (this.#isClosing) return this.#options.storage.release(lease)
    const answered = this.#options.clock.monotonic()
    const driver = this.#driverOf(plan, { lease, expired: false }, { sent, answered, now })
    this.#adopt(driver, plan).drive(() => begin(driver, answered))
  }

  /** A run may be nobody's once the lease of who made it can have run out: it is looked after from then on. */
  lookAfter(runId: string): void {
    if (!this.has(runId)) this.#waker.watch(runId, this.#options.leaseMs)
  }

  /** `Engine.recover`, of ids that have been checked. */
  async recover(runIds: readonly string[] | undefined): Promise<readonly string[]> {
    const seen = new Set<string>()
    const driven = new Set<string>()
    for (;;) {
      const page = await this.#acquire(runIds)
      for (const runId of page.driven) driven.add(runId)
      // A run that cannot be driven is due again at once: it would be found for ever.
      if (page.leased.every((runId) => seen.has(runId))) break
      for (const runId of page.leased) seen.add(runId)
    }
    // What rests is taken up later: when its time comes, where it was named, or when a message is sent by this engine.
    if (runIds === undefined) this.#takesAll = true
    for (const runId of runIds ?? []) if (!driven.has(runId)) await this.#watch(runId)
    return [...driven]
  }

  // A message has come for a run: its driver reads it, or the run is taken up for it. One that rested when its process
  // died is nobody's, unless this engine takes all.
  message(runId: string, takesUp = this.#takesAll): void {
    const shell = this.#shells.get(runId)
    if (shell !== undefined) return shell.tell({ type: 'hint' })
    if (takesUp) this.#waker.watch(runId, 0)
    this.#waker.hint(runId)
  }

  /** Lets go of all runs: handlers are told, and those that do not stop in time are left to themselves. */
  async close(): Promise<void> {
    const { clock, stopGraceMs } = this.#options
    this.#isClosing = true
    this.#waker.close()
    const shells = [...this.#shells.values()]
    for (const shell of shells) shell.tell({ type: 'stop' })
    const cancel = clock.schedule(stopGraceMs, () => {
      for (const shell of shells) shell.tell({ type: 'stopNow' })
    })
    await Promise.all(shells.map((shell) => shell.finished))
    cancel()
    this.#heartbeat.close()
  }

  async #watch(runId: string): Promise<void> {
    const row = await this.#options.storage.row(runId)
    if (row === undefined || isTerminal(row.status)) return
    const { now = 0 } = this.#options.time
    this.#waker.watch(runId, row.wakeAt === null ? null : Math.max(0, row.wakeAt - now))
  }

  // Leases are taken and driven one by one: a run that cannot be loaded hurts no other.
  async #acquire(runIds: readonly string[] | undefined): Promise<Acquired & { readonly driven: readonly string[] }> {
    if (this.#isClosing) return { now: 0, leased: [], driven: [], more: false }
    const { storage, clock, time, owner, leaseMs } = this.#options
    const sent = clock.monotonic()
    const { now, runs } = await storage.acquire({
      ...{ owner, ttlMs: leaseMs, limit: acquireMax },
      ...(runIds === undefined ? {} : { runIds }),
    })
    time.hear(now)
    const answered = clock.monotonic()
    const times = { sent, answered, now }
    const driven: string[] = []
    const drive = async (run: AcquiredRun): Promise<void> => {
      if (await this.#drive(run, times)) driven.push(run.lease.runId)
    }
    await Promise.all(runs.map(drive))
    return { now, leased: runs.map(({ lease }) => lease.runId), driven, more: runs.length === acquireMax }
  }

  async #drive(run: AcquiredRun, times: LeaseTimes): Promise<boolean> {
    const { plans, storage, warn } = this.#options
    const { runId } = run.lease
    try {
      const plan = await plans.pinned(run.row.plan)
      if (!this.#isClosing) {
        const driver = this.#driverOf(plan, run, times)
        this.#adopt(driver, plan).drive(() => driver.open())
        return true
      }
    } catch (error) {
      warn(`run ${runId} cannot be driven`, error)
    }
    await storage.release(run.lease).catch((error: unknown) => warn(`run ${runId} was not given back`, error))
    return false
  }

  #driverOf(
    plan: Plan,
    { lease, expired }: Pick<AcquiredRun, 'lease' | 'expired'>,
    { sent, answered, now }: LeaseTimes,
  ): Driver {
    const { leaseMs } = this.#options
    const times = { leasedAt: sent, leaseMs, storeNow: now, mono: answered }
    return new Driver({ plan, lease, ...times, crashed: expired, seed: Math.floor(Math.random() * 2 ** 32) })
  }

  #adopt(driver: Driver, plan: Plan): RunShell {
    const shell = new RunShell(driver, plan, this.#world)
    this.#shells.set(shell.runId, shell)
    this.#waker.forget(shell.runId)
    this.#heartbeat.start()
    return shell
  }

  #shellDone(shell: RunShell, { why, wakeAt: due, hinted }: Done): void {
    const { runId } = shell
    if (this.#shells.get(runId) === shell) this.#shells.delete(runId)
    if (why === 'parked') this.#waker.watch(runId, due === null ? null : shell.driver.untilStoreTime(due))
    // The hint came to a driver that was already on its way out.
    if (why === 'parked' && hinted) this.#waker.hint(runId)
    // Somebody else may hold the run now. It is asked for again when that lease can have run out.
    if (why === 'lost') this.#waker.watch(runId, this.#options.leaseMs)
  }
}
