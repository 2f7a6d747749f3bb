import type { Definition, Json, RunEvent } from '@segno/schema/plan'
import { planHash } from '@segno/schema/plan'
import { compile } from '../kernel/compile.ts'
import { createRun } from '../kernel/create.ts'
import { commandPrefix } from '../kernel/messages.ts'
import { runStatus, wakeAt } from '../kernel/outstanding.ts'
import { isTerminal } from '../ports/batch.ts'
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
import { seededRandom } from './random.ts'
import type { Random } from './random.ts'
import { simulatedHandlers } from './simulator-handlers.ts'
import type { SimulatedRun } from './simulator-laws.ts'
import type { Swarm } from './simulator-swarm.ts'
import { randomWorkflow } from './simulator-workload.ts'
import type { Mutant, SimulatedHandlers, SimulatedWorkflow } from './simulator.ts'
import { Trace } from './simulator-trace.ts'
import { settled, virtualClock } from './virtual-clock.ts'

/** What a world is made of. */
export interface WorldOptions {
  readonly seed: number
  readonly swarm: Swarm
  readonly workflow: SimulatedWorkflow | undefined
  readonly mutant: (() => Mutant) | undefined
  /** Only this run, of all that the seed stands for. */
  readonly only?: string
}

/** A world whose time is over. */
export interface RanWorld {
  readonly runs: readonly SimulatedRun[]
  readonly trace: readonly string[]
  readonly traceHash: string
  readonly crashes: number
}

/** How often processes look for runs that nobody drives. */
const lookMs = 3000
/** How long a run may take once nothing goes wrong any more. */
const healedMs = 10 * 60_000
const helpMs = 5000

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
  readonly #memory = memoryStorage({ now: () => this.#clock.now() })
  readonly #store: Storage
  readonly #trace: Trace
  readonly #clients: readonly Client[]
  readonly #places: Place[] = []
  readonly #conflicts = new Map<string, number>()
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
    const count = options.only === undefined ? this.#swarm.runs : Number(options.only.slice(3)) + 1
    const clients = Array.from({ length: count }, (_, index) => this.#client(`run${index}`))
    this.#clients = clients.filter(({ runId }) => options.only === undefined || runId === options.only)
  }

  async run(): Promise<RanWorld> {
    for (const client of this.#clients) await this.#create(client)
    for (let index = 0; index < this.#swarm.processes; index++) this.#places.push(this.#boot(index))
    for (const client of this.#clients) this.#plan(client)
    await this.#clock.advanceBy(this.#swarm.faultsMs)
    await this.#heal()
    const until = this.#clock.now() + healedMs
    while (this.#clock.now() < until && !(await this.#isOver())) {
      await this.#clock.advanceBy(helpMs)
      await this.#help()
    }
    for (const { process } of this.#places) process.kill()
    await settled()
    const runs: SimulatedRun[] = []
    for (const runId of this.#runIds()) runs.push(await this.#result(runId))
    const { lines, hash } = this.#trace
    return { runs, trace: lines, traceHash: hash, crashes: this.#crashes }
  }

  #client(runId: string): Client {
    const workflow = this.#options.workflow ?? this.#randomWorkflow(this.#random.stream(`workflow ${runId}`))
    const messages = (workflow.signals ?? []).map(({ name, data = null }, index) => {
      return { id: `signal-${index}`, name, payload: data }
    })
    return { runId, workflow, messages, cancelled: false }
  }

  #randomWorkflow(random: Random): SimulatedWorkflow {
    const { definition, signals } = randomWorkflow(random)
    return {
      definition,
      handlers: (clock) => simulatedHandlers(clock, (runId) => this.#ledger.page(runId).events),
      signals: signals.map((name, index) => ({ name, data: { n: index } })),
    }
  }

  // Runs are there from the start: an engine that creates one checks its definition first, which takes longer than all the rest.
  async #create({ runId, workflow }: Client): Promise<void> {
    const definition = this.#mutant.definition?.(workflow.definition) ?? workflow.definition
    const plan = compile(definition, planHash(definition))
    await this.#memory.putPlan(plan.hash, definition)
    const incarnation = `incarnation-${runId}`
    const creation = { runId, incarnation, engine: 'simulated', input: workflow.input ?? {}, labels: {}, handlers: {} }
    const circumstances = { now: this.#clock.now(), token: 0, seed: 0, blobs: new Map<string, Json>(), hold: true }
    const { state, decision } = createRun(plan, creation, circumstances)
    const batch = { events: decision.events, blobs: decision.blobs, status: runStatus(state), wakeAt: wakeAt(state) }
    const run = { runId, incarnation, workflow: definition.name, plan: plan.hash, labels: {} }
    await this.#store.createRun(run, batch, { inputHash: '' })
  }

  #boot(index: number): Place {
    this.#processes += 1
    const number = this.#processes
    const { leaseMs, faults, delayMaxMs, hints, skewMs } = this.#swarm
    const random = this.#random.stream(`process ${number}`)
    const faulty = faultyStorage(this.#store, { random, clock: this.#clock, faults, delayMaxMs })
    if (this.#healed) faulty.heal()
    const place: Partial<Place> & { wallOffset: number } = { wallOffset: skewMs[index] ?? 0 }
    const wallClock = (): number => this.#clock.now() + place.wallOffset
    const process = engineProcess({
      storage: hints ? faulty : deaf(faulty),
      clock: this.#clock,
      wallClock,
      onStep: () => this.#step(index, random),
    })
    const storage = this.#judged(this.#mutant.process?.(process.storage, wallClock) ?? process.storage)
    const handlers = this.#handlers(number, process)
    const engine = createEngine({ storage, clock: process.clock, handlers, owner: `p${number}`, limits: { leaseMs } })
    this.#trace.note(`p${number} starts`)
    const look = (): void => {
      void engine.recover().catch(() => undefined)
      process.clock.schedule(lookMs, look)
    }
    process.clock.schedule(random.integer(lookMs), look)
    return Object.assign(place, { engine, process, faulty })
  }

  #handlers(number: number, process: EngineProcess): SimulatedHandlers {
    const all: Record<string, SimulatedHandlers[string]> = {}
    for (const { workflow } of this.#clients) {
      for (const [name, handler] of Object.entries(workflow.handlers(process.clock))) {
        const definition = typeof handler === 'function' ? { perform: handler } : handler
        const perform = (context: HandlerContext, input: never): unknown => {
          this.#ledger.called(number, context)
          this.#trace.note(`p${number} ${context.runId} performs ${context.path}#${context.attempt}`)
          return definition.perform(context, input)
        }
        all[name] = { ...definition, perform }
      }
    }
    return this.#mutant.handlers?.(all) ?? all
  }

  // What the engine is told, after everything that may have gone wrong on the way.
  #judged(storage: Storage): Storage {
    return {
      ...storage,
      append: async (request) => {
        const answer = await storage.append(request)
        if (answer.outcome === 'conflict') {
          this.#conflicts.set(request.runId, (this.#conflicts.get(request.runId) ?? 0) + 1)
        }
        return answer
      },
    }
  }

  // At any step of a process it may die, or stand still for longer than its leases last.
  #step(index: number, random: Random): void {
    const place = this.#places[index]
    if (this.#healed || place === undefined) return
    const { crash, pause, leaseMs, clockSteps } = this.#swarm
    if (crash > 0 && random.chance(crash)) return this.#crash(index, random)
    if (pause > 0 && random.chance(pause)) {
      this.#trace.note(`process ${index} stands still`)
      place.process.pause()
      this.#clock.schedule(random.integer(3 * leaseMs), () => place.process.goOn())
    }
    if (clockSteps && random.chance(0.01)) place.wallOffset += random.integer(20_000) - 10_000
  }

  #crash(index: number, random: Random): void {
    this.#crashes += 1
    this.#trace.note(`process ${index} dies`)
    this.#places[index]?.process.kill()
    this.#clock.schedule(random.integer(5000), () => {
      this.#places[index] = this.#boot(index)
    })
  }

  // Clients send when they like, several times, and until they are heard.
  #plan({ runId, messages }: Client): void {
    const random = this.#random.stream(`client ${runId}`)
    const { faultsMs, cancels, pauses } = this.#swarm
    const send = (message: Message): void => {
      for (let times = 1 + random.integer(2); times > 0; times--) {
        this.#clock.schedule(random.integer(faultsMs + 1), () => void this.#store.deliver(runId, message))
      }
    }
    for (const message of messages) send(message)
    if (pauses) for (const name of ['pause', 'resume']) send(command(`${name}-${runId}`, name))
    if (cancels && random.chance(0.5)) send(command(`cancel-${runId}`, 'cancel'))
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
      once: onceOf(definition),
      ending: endingOf(row, events.at(-1)),
      cancelled: events.some(({ type }) => type === 'cancel.requested'),
      conflicts: this.#conflicts.get(runId) ?? 0,
    }
  }
}

function deaf(storage: Storage): Storage {
  const { subscribe: _subscribe, ...rest } = storage
  return rest
}

function command(id: string, name: string): Message {
  return { id, name: `${commandPrefix}${name}`, payload: {} }
}

function endingOf({ status }: RunRow, last: RunEvent | undefined): SimulatedRun['ending'] {
  if (last?.type === 'run.failed') return { status, failure: last.failure }
  return last?.type === 'run.completed' && last.output !== undefined ? { status, output: last.output } : { status }
}

// By the definition as it was written, not as the engine reads it.
function onceOf(definition: Definition): (path: string) => boolean {
  const ids = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('uses' in value && 'effect' in value && value.effect === 'once' && 'id' in value) ids.add(String(value.id))
    for (const inner of Object.values(value)) visit(inner)
  }
  visit(definition)
  return (path) => ids.has(path.slice(path.lastIndexOf('/') + 1).replace(/~\d+$/, ''))
}
