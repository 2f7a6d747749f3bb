import type { Json, RunEvent } from '@segno/schema/plan'
import { planHash } from '@segno/schema/plan'
import { compile } from '../kernel/compile.ts'
import { createRun } from '../kernel/create.ts'
import { commandPrefix } from '../kernel/messages.ts'
import { runStatus, wakeAt } from '../kernel/outstanding.ts'
import { isTerminal } from '../ports/batch.ts'
import type { Clock } from '../ports/clock.ts'
import type { SegnoError } from '../error.ts'
import type { Message, RunRow, Storage } from '../ports/storage.ts'
import { createEngine } from '../runtime/engine.ts'
import type { Engine } from '../runtime/engine-options.ts'
import type { HandlerContext } from '../runtime/handler.ts'
import { memoryStorage } from '../runtime/memory-storage.ts'
import { engineProcess } from './engine-process.ts'
import type { EngineProcess } from './engine-process.ts'
import { LawBroken } from './expectation.ts'
import { faultyStorage } from './faulty-storage.ts'
import type { FaultyStorage } from './faulty-storage.ts'
import { Ledger } from './ledger.ts'
import { answersTo } from './simulated-people.ts'
import { SimulatedPost } from './simulated-post.ts'
import { seededRandom } from './random.ts'
import type { Random } from './random.ts'
import { simulatedHandlers } from './simulator-handlers.ts'
import type { RanWorld, SimulatedRun } from './simulator-laws.ts'
import { transactionalProfiles } from './simulator-swarm.ts'
import type { SimulatedFault, Swarm } from './simulator-swarm.ts'
import { randomWorkflow } from './simulator-workload.ts'
import { endingOf, onceIn, onceOf } from './simulated-ending.ts'
import { simulatedMeans } from './simulated-means.ts'
import type { Mutant, SimulatedWorkflow } from './simulated-seed.ts'
import { deaf, forgetful } from './forgetful-storage.ts'
import { SharedStore } from './store-profiles.ts'
import { Trace } from './simulator-trace.ts'
import { ToldAppends } from './told-appends.ts'
import { settled, virtualClock } from './virtual-clock.ts'
import type { JudgedWorld, WorkMeans } from './work-under-test.ts'

/** What a world is made of. */
export interface WorldOptions {
  readonly seed: number
  readonly swarm: Swarm
  readonly workflow: SimulatedWorkflow | undefined
  readonly mutant: (() => Mutant) | undefined
  /** Only this run, of all that the seed stands for. */
  readonly only?: string
}

/** How often processes look for runs that nobody drives. */
const lookMs = 3000
/** How long a run may take once nothing goes wrong any more. */
const healedMs = 10 * 60_000
const helpMs = 5000
/** What is further away than this is not waited for by the processes of a world. */
const nightMs = 60_000
/** How often things go wrong again after such a time, and how many there may be. */
const faultyNights = 4
const nightsMax = 1000

interface Place {
  engine: Engine
  process: EngineProcess
  faulty: FaultyStorage
  wallOffset: number
}

interface Client {
  readonly runId: string
  readonly workflow: SimulatedWorkflow
  readonly messages: readonly Message[]
  cancelled: boolean
}

/** One simulated world: processes that come and go, a store, clients, and time. */
export class SimulatedWorld {
  readonly #options: WorldOptions
  readonly #swarm: Swarm
  readonly #mutant: Mutant
  readonly #random: Random
  readonly #clock = virtualClock()
  readonly #ledger = new Ledger()
  readonly #memory = memoryStorage({ now: () => this.#clock.now() + this.#storeAhead })
  readonly #store: Storage
  readonly #shared: SharedStore
  readonly #trace: Trace
  readonly #clients: readonly Client[]
  readonly #places: Place[] = []
  readonly #told = new ToldAppends(this.#ledger)
  readonly #struck = new Map<SimulatedFault, number>()
  readonly #hints: boolean
  readonly #post: SimulatedPost
  #mistake: SegnoError | undefined
  #asleep = false
  /** How far the clock of the store has jumped. */
  #storeAhead = 0
  #healed = false
  #crashes = 0
  #processes = 0
  #helped = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.#swarm = options.swarm
    this.#random = seededRandom(options.seed)
    this.#trace = new Trace(() => this.#clock.monotonic())
    this.#mutant = options.mutant?.() ?? {}
    this.#store = this.#trace.watch(this.#ledger.watch(this.#mutant.store?.(this.#memory) ?? this.#memory))
    this.#shared = new SharedStore(this.#store, this.#swarm.profile, {
      random: this.#random,
      clock: this.#clock,
      strikes: (kind, random) => this.#strikes(kind, random),
      jump: (ms) => {
        this.#storeAhead += ms
        this.#trace.note(`the clock of the store jumps by ${ms}`)
      },
      note: (line) => this.#trace.note(line),
      isHealed: () => this.#healed,
      wrong: this.#mutant.profile,
    })
    this.#post = new SimulatedPost({
      clock: this.#clock,
      deliver: (runId, message) => void this.#store.deliver(runId, message),
      random: this.#random.stream('people'),
      isRepeated: (random) => this.#strikes('repeatedMessage', random),
    })
    this.#hints = !this.#strikes('noHints', this.#random.stream('hints'))
    const count = options.only === undefined ? this.#swarm.runs : Number(options.only.slice(3)) + 1
    const clients = Array.from({ length: count }, (_, index) => this.#client(`run${index}`))
    this.#clients = clients.filter(({ runId }) => options.only === undefined || runId === options.only)
  }

  async run(): Promise<RanWorld> {
    for (const client of this.#clients) await this.#create(client)
    for (let index = 0; index < this.#swarm.processes; index++) this.#places.push(this.#boot(index))
    for (const client of this.#clients) this.#plan(client)
    this.#passTime()
    for (let nights = 0; nights < faultyNights; nights++) {
      await this.#clock.advanceBy(this.#swarm.faultsMs)
      if (!(await this.#sleepOver())) break
    }
    await this.#heal()
    for (let ms = 0; ms < healedMs && !(await this.#isOver()); ms += helpMs) {
      await this.#clock.advanceBy(helpMs)
      this.#assertTestIsSound()
      await this.#help()
      for (let nights = 0; nights < nightsMax && (await this.#sleepOver()); nights++)
        await this.#clock.advanceBy(helpMs)
    }
    this.#assertTestIsSound()
    const tookMs = this.#clock.monotonic()
    for (const { process } of this.#places) process.kill()
    await settled()
    const runs: SimulatedRun[] = []
    for (const runId of this.#runIds()) runs.push(await this.#result(runId))
    const { lines, hash } = this.#trace
    return { runs, trace: lines, traceHash: hash, crashes: this.#crashes, struck: this.#struck, tookMs }
  }

  #client(runId: string): Client {
    const workflow = this.#options.workflow ?? this.#randomWorkflow(this.#random.stream(`workflow ${runId}`))
    const messages = (workflow.signals ?? []).map(({ name, data = null }, index) => {
      return { id: `signal-${index}`, name, payload: data }
    })
    return { runId, workflow, messages, cancelled: false }
  }

  // Whether a fault strikes now. Each concern draws from a stream of its own.
  #strikes(kind: SimulatedFault, random: Random): boolean {
    const probability = this.#swarm.faults[kind] ?? 0
    if (this.#healed || probability === 0 || !random.chance(probability)) return false
    this.#count(kind)
    return true
  }

  #count(kind: SimulatedFault): void {
    this.#struck.set(kind, (this.#struck.get(kind) ?? 0) + 1)
  }

  #assertTestIsSound(): void {
    if (this.#mistake !== undefined) throw this.#mistake
  }

  // Windows open in the store, and people answer what they are asked.
  #passTime(): void {
    if (this.#asleep) return
    this.#shared.weather()
    for (const { workflow } of this.#clients) this.#answer(workflow)
    this.#clock.schedule(lookMs, () => this.#passTime())
  }

  #answer({ answers = {} }: SimulatedWorkflow): void {
    if (Object.keys(answers).length === 0) return
    for (const runId of this.#ledger.runIds) {
      this.#post.answer(runId, answersTo(this.#ledger.page(runId).events, answers, this.#ledger.prefixOf(runId)))
    }
  }

  #randomWorkflow(random: Random): SimulatedWorkflow {
    const transactions = transactionalProfiles.includes(this.#swarm.profile)
    const { definition, signals } = randomWorkflow(random, { transactions })
    return {
      definition,
      meansIn: ({ clock }) => ({
        handlers: simulatedHandlers(clock, (runId) => this.#ledger.page(runId).events),
      }),
      signals: signals.map((name, index) => ({ name, data: { n: index } })),
    }
  }

  // Runs are there from the start: an engine that creates one checks its definition first, which takes longer than all the rest.
  async #create({ runId, workflow }: Client): Promise<void> {
    const definition = this.#mutant.definition?.(workflow.definition) ?? workflow.definition
    const plan = workflow.plan ?? compile(definition, planHash(definition))
    await this.#memory.putPlan(plan.hash, definition)
    const incarnation = `incarnation-${runId}`
    const creation = {
      runId,
      incarnation,
      engine: 'simulated',
      input: workflow.input ?? {},
      labels: {},
      handlers: workflow.pins ?? {},
    }
    const circumstances = { now: this.#clock.now(), token: 0, seed: 0, blobs: new Map<string, Json>(), hold: true }
    const { state, decision } = createRun(plan, creation, circumstances)
    const batch = { events: decision.events, blobs: decision.blobs, status: runStatus(state), wakeAt: wakeAt(state) }
    const run = { runId, incarnation, workflow: definition.name, plan: plan.hash, labels: {} }
    await this.#store.createRun(run, batch, { inputHash: '' })
  }

  #boot(index: number): Place {
    this.#processes += 1
    const number = this.#processes
    const { leaseMs, faults, delayMaxMs } = this.#swarm
    const random = this.#random.stream(`process ${number}`)
    const connection = this.#shared.connect(random.stream('connection'))
    const onStrike = (kind: SimulatedFault): void => this.#count(kind)
    const faulty = faultyStorage(connection, { random, clock: this.#clock, faults, delayMaxMs, onStrike })
    if (this.#healed) faulty.heal()
    const skew = random.stream('skew')
    const wallOffset = this.#strikes('clockSkew', skew) ? skew.integer(600_000) - 300_000 : 0
    const place: Partial<Place> & { wallOffset: number } = { wallOffset }
    const wallClock = (): number => this.#clock.now() + place.wallOffset
    const process = engineProcess({
      storage: forgetful(this.#hints ? faulty : deaf(faulty), {
        random,
        strikes: (kind, draw) => this.#strikes(kind, draw),
        isHealed: () => this.#healed,
      }),
      clock: this.#clock,
      wallClock,
      onStep: () => this.#step(index, random),
    })
    const storage = this.#told.watch(this.#mutant.process?.(process.storage, wallClock) ?? process.storage)
    const engine = createEngine({
      ...this.#means(number, process, random.stream('results')),
      storage,
      clock: process.clock,
      owner: `p${number}`,
      limits: { leaseMs },
    })
    this.#trace.note(`p${number} starts`)
    const look = (): void => {
      void engine.recover().catch(() => undefined)
      process.clock.schedule(lookMs, look)
    }
    process.clock.schedule(random.integer(lookMs), look)
    return Object.assign(place, { engine, process, faulty })
  }

  #means(number: number, process: EngineProcess, random: Random): WorkMeans {
    const called = (context: HandlerContext): void => {
      this.#ledger.called(number, context)
      this.#trace.note(`p${number} ${context.runId} performs ${context.path}#${context.attempt}`)
    }
    const strikes = (kind: SimulatedFault): boolean => this.#strikes(kind, random)
    const workflows = this.#clients.map(({ workflow }) => workflow)
    const world = this.#world(process.clock)
    const means = simulatedMeans(workflows, world, { called, strikes, random, clock: process.clock })
    return { ...means, handlers: this.#mutant.handlers?.(means.handlers) ?? means.handlers }
  }

  #world(clock: Clock): JudgedWorld {
    return {
      clock,
      turn: ({ runId, path }) => {
        const { events } = this.#ledger.page(runId)
        return 1 + events.filter((event) => event.type === 'attempt.failed' && event.path === path).length
      },
      prefixOf: (runId) => this.#ledger.prefixOf(runId),
      fail: (error) => {
        this.#mistake ??= error
      },
    }
  }

  // At any step of a process it may die, or stand still for longer than its leases last.
  #step(index: number, random: Random): void {
    const place = this.#places[index]
    if (this.#healed || place === undefined) return
    const { leaseMs } = this.#swarm
    if (this.#strikes('crash', random)) return this.#crash(index, random)
    if (this.#strikes('pause', random)) {
      this.#trace.note(`process ${index} stands still`)
      place.process.pause()
      this.#clock.schedule(random.integer(3 * leaseMs), () => place.process.goOn())
    }
    if (this.#strikes('clockStep', random)) place.wallOffset += random.integer(20_000) - 10_000
  }

  #crash(index: number, random: Random): void {
    this.#crashes += 1
    this.#trace.note(`process ${index} dies`)
    this.#places[index]?.process.kill()
    this.#clock.schedule(random.integer(5000), () => {
      if (!this.#asleep) this.#places[index] = this.#boot(index)
    })
  }

  // Clients send when they like, several times, and until they are heard.
  #plan({ runId, messages }: Client): void {
    const random = this.#random.stream(`client ${runId}`)
    const { faultsMs } = this.#swarm
    const send = (message: Message): void => {
      for (let times = this.#strikes('repeatedMessage', random) ? 2 : 1; times > 0; times--) {
        this.#post.send(random.integer(faultsMs + 1), runId, message)
      }
    }
    for (const message of messages) send(message)
    if (this.#strikes('hold', random)) for (const name of ['pause', 'resume']) send(command(`${name}-${runId}`, name))
    if (this.#strikes('cancel', random)) send(command(`cancel-${runId}`, 'cancel'))
  }

  async #heal(): Promise<void> {
    this.#healed = true
    this.#trace.note('nothing goes wrong any more')
    for (const { process, faulty } of this.#places) {
      faulty.heal()
      process.goOn()
    }
    for (const { runId, messages } of this.#clients) {
      for (const message of messages) await this.#store.deliver(runId, message)
    }
    await settled()
  }

  // All runs rest, and none is due for long: the processes end, and others begin when there is something to do.
  async #sleepOver(): Promise<boolean> {
    for (const { workflow } of this.#clients) this.#answer(workflow)
    const now = this.#clock.now() + this.#storeAhead
    let next = Number.POSITIVE_INFINITY
    for (const runId of this.#runIds()) {
      const { status, wakeAt, holder } = await this.#row(runId)
      if (isTerminal(status)) continue
      const isAwake = status !== 'waiting' || holder !== undefined || (wakeAt ?? next) < now + nightMs
      if (isAwake || (await this.#memory.inbox(runId, 0)).length > 0) return false
      next = Math.min(next, wakeAt ?? next)
    }
    if (next === Number.POSITIVE_INFINITY || this.#post.sending > 0) return false
    for (const { process } of this.#places) process.kill()
    this.#asleep = true
    await this.#clock.advanceBy(next - now)
    this.#asleep = false
    for (const index of this.#places.keys()) this.#places[index] = this.#boot(index)
    this.#passTime()
    return true
  }

  // The runs of clients, and those that they have started.
  #runIds(): string[] {
    const clients = this.#clients.map(({ runId }) => runId)
    return [...clients, ...this.#ledger.runIds.filter((runId) => !clients.includes(runId))]
  }

  // An operator lets go on what is held or blocked.
  async #help(): Promise<void> {
    for (const runId of this.#runIds()) {
      const { status } = await this.#row(runId)
      this.#helped += 1
      const name = status === 'paused' ? 'resume' : status === 'blocked' ? 'retry' : undefined
      if (name !== undefined) await this.#store.deliver(runId, command(`help-${this.#helped}`, name))
    }
  }

  async #isOver(): Promise<boolean> {
    for (const runId of this.#runIds()) if (!isTerminal((await this.#row(runId)).status)) return false
    return true
  }

  async #row(runId: string): Promise<RunRow> {
    const row = await this.#memory.row(runId)
    if (row === undefined) throw new LawBroken(`${runId} exists`)
    return row
  }

  async #result(runId: string): Promise<SimulatedRun> {
    const loaded = await this.#memory.load(runId)
    if (loaded === undefined) throw new LawBroken(`${runId} exists`)
    const { row, snapshot, inbox } = loaded
    const client = this.#clients.find((one) => one.runId === runId)
    const planned = await this.#memory.getPlan(row.plan)
    const definition = client?.workflow.definition ?? planned
    if (definition === undefined) throw new LawBroken(`${runId} has a plan`)
    const events: RunEvent[] = []
    for await (const page of this.#memory.read(runId, 1)) events.push(...page)
    const { acked, calls, accepted } = this.#ledger.page(runId)
    return {
      runId,
      isChild: client === undefined,
      plan: compile(planned ?? definition, row.plan),
      row,
      events,
      snapshot,
      acked,
      calls,
      accepted,
      unread: inbox.length,
      leasesEndEarly: (['leaseLoss', 'fencedCommit', 'fsyncError', 'failover'] as const).some((kind) =>
        this.#struck.has(kind),
      ),
      once: this.#options.workflow === undefined ? onceOf(definition) : onceIn(events),
      ending: endingOf(row, events.at(-1)),
      cancelled: events.some(({ type }) => type === 'cancel.requested'),
      conflicts: this.#told.conflicts(runId),
      committedLate: this.#told.late(runId),
      rows: this.#shared.rows,
    }
  }
}

function command(id: string, name: string): Message {
  return { id, name: `${commandPrefix}${name}`, payload: {} }
}
