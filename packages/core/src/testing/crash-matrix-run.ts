import { planHash } from '@segno/schema/plan'
import type { Json, RunEvent } from '@segno/schema/plan'
import { compile } from '../kernel/compile.ts'
import { commandPrefix } from '../kernel/messages.ts'
import type { Plan } from '../kernel/plan.ts'
import { isTerminal, planFrom } from '../ports/batch.ts'
import type { CommandContext, Shell } from '../ports/shell.ts'
import type { Message, RunRow, Storage } from '../ports/storage.ts'
import { createEngine } from '../runtime/engine.ts'
import type { Engine } from '../runtime/engine-options.ts'
import type { HandlerContext } from '../runtime/handler.ts'
import { memoryStorage } from '../runtime/memory-storage.ts'
import type { SegnoError } from '../error.ts'
import type { CrashMatrixOptions, CrashPoint, MatrixAnswer, MatrixOutcome, MatrixStore } from './crash-matrix.ts'
import { withAppends } from './appends.ts'
import { engineProcess } from './engine-process.ts'
import type { EngineProcess } from './engine-process.ts'
import { LawBroken } from './expectation.ts'
import { Ledger } from './ledger.ts'
import type { RunHistory } from './run-history.ts'
import { Traffic } from './traffic.ts'
import { settled, virtualClock } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'
import type { JudgedWorld, SubjectUnderTest, TestHandlers, WorkMeans } from './work-under-test.ts'

/** A run of a crash matrix that has come to rest. */
export interface PlayedRun {
  readonly outcome: MatrixOutcome
  readonly history: RunHistory
  /** Of the runs that it started, and that these started. */
  readonly children: readonly RunHistory[]
}

const runId = 'run'
/** What is due is done at once, but another process has to look for it. */
const pollMs = 1000
const pollsMax = 100
/** Leases are cut short here, so they are long: each renewal would be one more callback. */
const leaseMs = 24 * 3_600_000
const yearMs = 365 * 24 * 3_600_000

/** What is played: a workflow, and what happens to its run. */
export type MatrixPlay = CrashMatrixOptions & SubjectUnderTest

/** Plays a subject in a world of its own, with at most one crash of the matrix's. */
export async function playRun(subject: MatrixPlay, crash: CrashPoint | undefined): Promise<PlayedRun> {
  const clock = virtualClock()
  const store = (subject.store ?? memoryStore)(clock)
  try {
    const play = new Play(subject, { clock, store, crash, storage: await store.open() })
    await play.start()
    await play.untilItRests()
    return await play.result()
  } finally {
    await store.close()
  }
}

function memoryStore(clock: VirtualClock): MatrixStore {
  const storage = memoryStorage({ now: () => clock.now() })
  return { open: async () => storage, close: async () => undefined }
}

/** Where a subject is played. */
interface Scene {
  readonly clock: VirtualClock
  readonly store: MatrixStore
  readonly storage: Storage
  readonly crash: CrashPoint | undefined
}

interface LivingProcess {
  readonly process: EngineProcess
  readonly engine: Engine
}

class Play {
  readonly #subject: MatrixPlay
  readonly #crash: CrashPoint | undefined
  readonly #clock: VirtualClock
  readonly #startedAt: number
  readonly #ledger = new Ledger()
  readonly #traffic = new Traffic()
  readonly #store: MatrixStore
  /** The store as the living process sees it. */
  #storage: Storage
  #watched: Storage
  readonly #means: WorkMeans
  /** What makes the test itself wrong. */
  #mistake: SegnoError | undefined
  /** When something happens that nobody has to do: a handler goes on, a message comes, a process dies. */
  readonly #instants = new Set<{ readonly at: number }>()
  #hasCrashed = false
  /** The tokens of the leases that the crash of the matrix cost, by run. */
  #lost: ReadonlyMap<string, number> | undefined
  #processes = 0
  #living: LivingProcess
  #onDeath: () => void = () => undefined
  readonly #death = new Promise<void>((resolve) => {
    this.#onDeath = resolve
  })

  constructor(subject: MatrixPlay, { clock, store, storage, crash }: Scene) {
    this.#subject = subject
    this.#crash = crash
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#store = store
    this.#storage = this.#traffic.watch(storage)
    this.#watched = this.#ledger.watch(this.#storage)
    this.#plan()
    this.#means = subject.meansIn(this.#world())
    this.#living = this.#newProcess()
  }

  // Before anything else is scheduled, so that at one instant messages come first, then crashes.
  #plan(): void {
    const { signals = [], answers = [], commands = [], crashesAtMs = [] } = this.#subject
    const send = (message: Message, run?: string): void => {
      const id = this.#runAt(run)
      if (id !== undefined) void this.#watched.deliver(id, message)
    }
    for (const [index, { atMs, run, id = `signal-${index}`, name, data = null }] of signals.entries()) {
      this.#schedule(atMs, () => send({ id, name, payload: data }, run))
    }
    for (const [index, { atMs, id = `answer-${index}`, ...given }] of answers.entries()) {
      this.#schedule(atMs, () => this.#answer(id, given))
    }
    for (const [index, { atMs, run, id = `command-${index}`, name, fields = {} }] of commands.entries()) {
      this.#schedule(atMs, () => send({ id, name: `${commandPrefix}${name}`, payload: fields }, run))
    }
    for (const atMs of crashesAtMs) this.#schedule(atMs, () => this.#die())
  }

  // Who answers has seen what is asked just then.
  #answer(id: string, { run, by, hash, ...answer }: Omit<MatrixAnswer, 'atMs' | 'id'>): void {
    const asking = this.#runAt(run)
    if (asking === undefined) return
    const { events } = this.#ledger.page(asking)
    const asked = events.findLast((event) => event.type === 'task.asked' && event.path === answer.path)
    const payload = { ...answer, hash: hash ?? (asked?.type === 'task.asked' ? asked.hash : '') } as unknown as Json
    const message = { id, name: `${commandPrefix}answer`, payload, ...(by === undefined ? {} : { sender: by }) }
    void this.#watched.deliver(asking, message)
  }

  // What is sent to a run that does not exist yet is lost.
  #runAt(run: string | undefined): string | undefined {
    if (run === undefined) return runId
    return this.#ledger.runIds.find((id) => this.#ledger.prefixOf(id) === `${run}/`)
  }

  #schedule(delayMs: number, happen: () => void): () => void {
    const instant = { at: this.#clock.now() + delayMs }
    this.#instants.add(instant)
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#instants.delete(instant)
      happen()
    })
    return () => {
      this.#instants.delete(instant)
      cancel()
    }
  }

  #world(): JudgedWorld {
    return {
      fail: (error) => {
        this.#mistake ??= error
      },
      clock: {
        now: () => this.#clock.now(),
        monotonic: () => this.#clock.monotonic(),
        schedule: (delayMs, callback) => this.#schedule(delayMs, callback),
      },
      turn: (context) => context.attempt - this.#lostAttempts(context),
      prefixOf: (id) => this.#ledger.prefixOf(id),
    }
  }

  // An attempt that was being stopped when it was lost has failed all the same.
  #lostAttempts({ runId: id, path }: { readonly runId: string; readonly path: string }): number {
    const { events } = this.#ledger.page(id)
    const made = new Set(
      events.flatMap((event) => (event.type === 'attempt.failed' && event.path === path ? [event.attempt] : [])),
    )
    return events.filter(
      (event) =>
        event.type === 'attempt.lost' &&
        event.path === path &&
        event.token === this.#lost?.get(id) &&
        !made.has(event.attempt),
    ).length
  }

  #newProcess(): LivingProcess {
    this.#processes += 1
    const process = engineProcess({ storage: this.#deaf(this.#watched), clock: this.#clock })
    const { handlers = {}, shell, ...means } = this.#means
    const called = (context: CommandContext | HandlerContext): void => this.#ledger.called(this.#processes, context)
    const options = {
      ...means,
      storage: this.#hearing(process.storage),
      clock: process.clock,
      handlers: recording(handlers, called),
      owner: `process-${this.#processes}`,
      limits: { leaseMs },
      ...(shell === undefined ? {} : { shell: recordingShell(shell, called) }),
    }
    return { process, engine: createEngine(options) }
  }

  // A process that dies before it hears that the event was written.
  #deaf(storage: Storage): Storage {
    const written = (events: readonly RunEvent[]): void => {
      if (this.#isCrash(events, false)) this.#crashNow()
    }
    const watched = withAppends(storage, async ({ events }, send) => {
      const answer = await send()
      written(events)
      return answer
    })
    return {
      ...watched,
      createRun: async (run, batch, options) => {
        const answer = await storage.createRun(run, batch, options)
        written(batch.events)
        return answer
      },
    }
  }

  // A process that dies once it has heard it, and done what it does then.
  #hearing(storage: Storage): Storage {
    const heard = (events: readonly RunEvent[]): void => {
      if (this.#isCrash(events, true)) queueMicrotask(() => this.#crashNow())
    }
    const watched = withAppends(storage, ({ events }, send) => {
      const answer = send()
      void answer.then(
        () => heard(events),
        () => undefined,
      )
      return answer
    })
    return {
      ...watched,
      createRun: (run, batch, options) => {
        const answer = storage.createRun(run, batch, options)
        void answer.then(() => heard(batch.events))
        return answer
      },
    }
  }

  #isCrash(events: readonly RunEvent[], heard: boolean): boolean {
    const crash = this.#hasCrashed ? undefined : this.#crash
    const last = events.at(-1)
    return crash?.heard === heard && last?.seq === crash.seq && last.runId === crash.runId
  }

  #crashNow(): void {
    this.#hasCrashed = true
    this.#die(true)
  }

  // The leases are cut short, so that a crash takes no time: another engine takes over at the same instant.
  #die(isOfTheMatrix = false): void {
    this.#living.process.kill()
    this.#onDeath()
    void this.#takeOver(isOfTheMatrix)
  }

  async #takeOver(isOfTheMatrix: boolean): Promise<void> {
    // What the dead process had asked of the store is still answered: a run that it was creating is there, and held by it.
    while (await this.#traffic.answered());
    const { runIds } = this.#ledger
    if (isOfTheMatrix) this.#lost = new Map(runIds.map((id) => [id, this.#ledger.page(id).lease?.token ?? 0]))
    const leases = runIds.flatMap((id) => {
      const { lease } = this.#ledger.page(id)
      return lease === undefined ? [] : [{ runId: id, incarnation: lease.incarnation, token: lease.token }]
    })
    await this.#storage.renew({ leases, ttlMs: 0 })
    this.#storage = this.#traffic.watch(await this.#store.open())
    this.#watched = this.#ledger.watch(this.#storage)
    this.#living = this.#newProcess()
    this.#recover()
  }

  #recover(): void {
    void this.#living.engine.recover()
  }

  async start(): Promise<void> {
    const { workflow, input = {}, onFailure, plans = [] } = this.#subject
    for (const plan of plans) await this.#storage.putPlan(planHash(plan), plan)
    const options = { id: runId, ...(onFailure === undefined ? {} : { onFailure }) }
    await Promise.race([this.#living.engine.start(workflow, input, options), this.#death])
  }

  async untilItRests(): Promise<void> {
    const { untilMs = yearMs } = this.#subject
    for (let polls = 0; ; polls++) {
      await this.#rest()
      if (this.#mistake !== undefined) throw this.#mistake
      const row = await this.#row(runId)
      const due = await this.#due()
      const next = Math.min(...[...this.#instants].map(({ at }) => at), due)
      if (isTerminal(row.status) || next === Number.POSITIVE_INFINITY) return
      if (next - this.#startedAt > untilMs) throw new LawBroken(`the run is ${row.status} after ${untilMs} ms`)
      if (next > this.#clock.now()) polls = 0
      if (polls > pollsMax) throw new LawBroken(`the run is ${row.status} and does nothing, though it is due`)
      await this.#clock.advanceTo(Math.max(next, this.#clock.now() + (polls > 0 ? pollMs : 0)))
      if (this.#processes > 1) this.#recover()
    }
  }

  // Time stands still while anybody has something to do, or waits for the store to answer.
  async #rest(): Promise<void> {
    do await settled()
    while (await this.#traffic.answered())
  }

  // When the first of the runs has something to do.
  async #due(): Promise<number> {
    let due = Number.POSITIVE_INFINITY
    for (const id of this.#ledger.runIds) {
      const { status, wakeAt } = await this.#row(id)
      if (isTerminal(status)) continue
      // What nobody has read yet is read when somebody looks: a store's hints may be lost, or late.
      const unread = (await this.#storage.inbox(id, 0)).length > 0
      due = Math.min(due, unread ? this.#clock.now() : (wakeAt ?? Number.POSITIVE_INFINITY))
    }
    return due
  }

  async #row(id: string): Promise<RunRow> {
    const row = await this.#storage.row(id)
    if (row === undefined) throw new LawBroken(`the run ${id} does not exist`)
    return row
  }

  async result(): Promise<PlayedRun> {
    this.#living.process.kill()
    const others = this.#ledger.runIds.filter((id) => id !== runId)
    const history = await this.#history(runId)
    const children: RunHistory[] = []
    for (const id of others) children.push(await this.#history(id))
    const outcome = await outcomeOf(this.#storage, history.row, history.events.at(-1))
    return { outcome: this.#withoutIds(outcome), history, children }
  }

  // The ids of child runs differ from one play to the next; where they stand does not.
  #withoutIds(outcome: MatrixOutcome): MatrixOutcome {
    const text = this.#ledger.runIds
      .filter((id) => id !== runId)
      .reduce((json, id) => json.replaceAll(id, this.#ledger.prefixOf(id)), JSON.stringify(outcome))
    return JSON.parse(text) as MatrixOutcome
  }

  async #history(id: string): Promise<RunHistory> {
    const loaded = await this.#storage.load(id)
    if (loaded === undefined) throw new LawBroken(`the run ${id} does not exist`)
    const { row, snapshot, inbox } = loaded
    const events = await gathered(this.#storage.read(id, 1))
    const plans = await this.#plansOf(events)
    const plan = plans.get(row.plan)
    if (plan === undefined) throw new LawBroken('the journal names the plan that the row does')
    const once = new Set(
      events.flatMap((event) => (event.type === 'attempt.started' && event.effect === 'once' ? [event.path] : [])),
    )
    const { acked, calls, accepted } = this.#ledger.page(id)
    const seen = { acked, calls, accepted, unread: inbox.length, once: (path: string) => once.has(path) }
    return { plan, plans, row, events, snapshot, ...seen }
  }

  async #plansOf(events: readonly RunEvent[]): Promise<ReadonlyMap<string, Plan>> {
    const plans = new Map<string, Plan>()
    for (const event of events) {
      const hash = planFrom(event)
      const definition = hash === undefined ? undefined : await this.#storage.getPlan(hash)
      if (hash !== undefined && definition === undefined) throw new LawBroken(`the store has the plan ${hash}`)
      if (hash !== undefined && definition !== undefined) plans.set(hash, compile(definition, hash))
    }
    return plans
  }
}

/** A shell that says what it is called for. */
function recordingShell(shell: Shell, called: (context: CommandContext) => void): Shell {
  return {
    run: (command, context) => {
      called(context)
      return shell.run(command, context)
    },
  }
}

/** Handlers that say that they are called. */
function recording(handlers: TestHandlers, called: (context: HandlerContext) => void): TestHandlers {
  const entries = Object.entries(handlers).map(([name, handler]) => {
    const definition = typeof handler === 'function' ? { perform: handler } : handler
    const perform = (context: HandlerContext, input: never): unknown => {
      called(context)
      return definition.perform(context, input)
    }
    return [name, { ...definition, perform }]
  })
  return Object.fromEntries(entries) as TestHandlers
}

async function outcomeOf(storage: Storage, row: RunRow, last: RunEvent | undefined): Promise<MatrixOutcome> {
  const { status } = row
  if (last?.type === 'run.failed') return { status, failure: last.failure }
  if (last?.type !== 'run.completed') return { status }
  const text = last.outputBlob === undefined ? undefined : await storage.getBlob(row.runId, last.outputBlob.sha256)
  const output = text === undefined ? last.output : (JSON.parse(text) as Json)
  return output === undefined ? { status } : { status, output }
}

async function gathered(pages: AsyncIterable<readonly RunEvent[]>): Promise<RunEvent[]> {
  const all: RunEvent[] = []
  for await (const page of pages) all.push(...page)
  return all
}
