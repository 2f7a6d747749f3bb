import type { Failure, Json, JsonObject, RunEvent } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { compile } from '../kernel/compile.ts'
import { isTerminal } from '../ports/batch.ts'
import type { Clock } from '../ports/clock.ts'
import type { Files } from '../ports/files.ts'
import type { NewRun, RunRow, RunStatus, Storage } from '../ports/storage.ts'
import { createEngine } from '../runtime/engine.ts'
import type { Engine } from '../runtime/engine-options.ts'
import { foldRun } from '../runtime/fold-run.ts'
import { memoryStorage } from '../runtime/memory-storage.ts'
import type { RunHandle, Task } from '../runtime/run-handle.ts'
import { durationMs } from './mock.ts'
import { prefixOf } from './prefix-of.ts'
import { RealWork } from './real-work.ts'
import { stepPath } from './steps-of.ts'
import { SteppedClock } from './stepped-clock.ts'
import type { TestAnswer, TestRun, TestRunOptions, TestWait } from './test-run.ts'
import { settled } from './virtual-clock.ts'
import type { JudgedWorld, StepCall, SubjectUnderTest } from './work-under-test.ts'

const runId = 'run'
const yearMs = 365 * 24 * 3_600_000
/** Nobody else wants the run: no lease is ever renewed. */
const leaseMs = 100 * yearMs
const pollsMax = 100
const pollMs = 1000

/** What a run has come to. */
interface Seen {
  readonly status: RunStatus
  readonly output: unknown
  readonly failure: Failure | undefined
  /** By the path of the step that started the run; the run itself by none. */
  readonly events: ReadonlyMap<string, readonly RunEvent[]>
  readonly waitsFor: readonly TestWait[]
}

/** A run in memory and in virtual time. */
export class TestedRun implements TestRun<unknown> {
  readonly calls: StepCall[] = []
  readonly #subject: SubjectUnderTest
  readonly #options: TestRunOptions<unknown>
  readonly #clock = new SteppedClock()
  readonly #startedAt = this.#clock.now()
  readonly #storage: Storage = memoryStorage({ now: () => this.#clock.now() })
  readonly #starters = new Map<string, NonNullable<NewRun['parent']>>()
  /** When something is due that a handler or a mock, a signal or an answer waits for. */
  readonly #outside: Clock = this.#clock.counted()
  readonly #real = new RealWork()
  readonly #engine: Engine
  /** How far time goes by itself; none where it goes on until the run rests. */
  readonly #until: number | undefined
  #watches = false
  #mistake: SegnoError | undefined
  /** How often each step has asked, and the tasks that it was told of. */
  readonly #turns = new Map<string, number>()
  readonly #shown = new Set<string>()
  #seen: Seen = { status: 'running', output: undefined, failure: undefined, events: new Map(), waitsFor: [] }

  constructor(subject: SubjectUnderTest, options: TestRunOptions<unknown>, until: number | undefined) {
    this.#subject = subject
    this.#options = options
    this.#until = until
    const { files, ...means } = subject.meansIn(this.#world())
    this.#engine = createEngine({
      ...means,
      ...(files && { files: this.#watched(files) }),
      storage: this.#family(this.#storage),
      clock: this.#clock,
      owner: 'test',
      limits: { leaseMs },
    })
  }

  get status(): RunStatus {
    return this.#seen.status
  }

  get output(): unknown {
    return this.#seen.output
  }

  get failure(): Failure | undefined {
    return this.#seen.failure
  }

  get events(): readonly RunEvent[] {
    return this.eventsOf('')
  }

  get waitsFor(): readonly TestWait[] {
    return this.#seen.waitsFor
  }

  get tookMs(): number {
    return this.#clock.now() - this.#startedAt
  }

  eventsOf(startedBy: string): readonly RunEvent[] {
    return this.#seen.events.get(startedBy) ?? []
  }

  callsOf(step: string): readonly StepCall[] {
    return this.calls.filter(({ path }) => isCalled(step, path))
  }

  async start(): Promise<void> {
    const { input, signals = [] } = this.#options
    const run = await this.#engine.start(this.#subject.workflow, input as JsonObject, { id: runId })
    for (const { name, data, after = 0 } of signals) {
      this.#outside.schedule(durationMs(after), () => void this.#tell(() => run.signal(name, data)))
    }
    await this.#goOn(this.#until)
  }

  async signal(name: string, data?: Json, to?: string): Promise<void> {
    await this.#handle(to).signal(name, data)
    await this.#goOn()
  }

  async answer(step: string, { by, ...answer }: Omit<TestAnswer, 'after'>): Promise<void> {
    const wait = this.waitsFor.find((one) => one.for === 'answer' && isCalled(step, one.path))
    if (wait?.for !== 'answer') throw nobodyAsks(step, this.waitsFor)
    const prefix = wait.path.slice(0, wait.path.length - wait.task.path.length)
    await this.#handle(prefix.slice(0, -1)).answer(wait.task, answer, by === undefined ? {} : { by })
    await this.#goOn()
  }

  async cancel(): Promise<void> {
    await this.#engine.run(runId).cancel()
    await this.#goOn()
  }

  async advanceBy(duration: number | string): Promise<void> {
    await this.#goOn(this.tookMs + durationMs(duration), true)
  }

  #world(): JudgedWorld {
    return {
      clock: this.#outside,
      turn: ({ attempt }) => attempt,
      prefixOf: (id) => prefixOf(id, this.#starters),
      fail: (error) => {
        this.#mistake ??= error
        this.#real.wake()
      },
      called: (call) => void this.calls.push(call),
      during: (work) => this.#real.add(work),
    }
  }

  // A step that watches looks again by the engine's own timers.
  #watched(files: Files): Files {
    const glob = files.glob?.bind(files)
    if (glob === undefined) return files
    const watching = async (pattern: string): Promise<readonly string[]> => {
      this.#watches = true
      const looking = glob(pattern)
      this.#real.add(looking)
      return looking
    }
    return { kind: (path) => files.kind(path), glob: watching }
  }

  #family(storage: Storage): Storage {
    return {
      ...storage,
      createRun: (run, batch, options) => {
        if (run.parent !== undefined && !this.#starters.has(run.runId)) this.#starters.set(run.runId, run.parent)
        return storage.createRun(run, batch, options)
      },
    }
  }

  #handle(startedBy = ''): RunHandle {
    const id = [runId, ...this.#starters.keys()].find((one) => prefixOf(one, this.#starters).slice(0, -1) === startedBy)
    if (id === undefined) throw new SegnoError('ARGUMENT_INVALID', `No step "${startedBy}" has started a run`)
    return this.#engine.run(id)
  }

  // What comes once the run has ended comes too late, as it does outside of tests.
  async #tell(send: () => Promise<unknown>): Promise<void> {
    try {
      await send()
    } catch (error) {
      if (!SegnoError.is(error, 'RUN_CLOSED')) this.#mistake ??= asMistake(error)
    }
  }

  // Up to an instant after the start, or until the run rests.
  async #goOn(
    until = this.#until === undefined ? undefined : this.tookMs,
    toTheEnd = until !== undefined,
  ): Promise<void> {
    const last = this.#startedAt + (until ?? this.tookMs + yearMs)
    for (let polls = 0; ; polls++) {
      await this.#rest()
      const rows = await this.#rows()
      const next = this.#due(rows)
      if (rows.every(({ status }) => isTerminal(status)) || next > last) break
      if (next > this.#clock.now()) polls = 0
      if (polls > pollsMax) throw new SegnoError('STORAGE_INVALID', 'The run is due, and nothing drives it')
      await this.#clock.advanceTo(Math.min(last, Math.max(next, this.#clock.now() + (polls > 0 ? pollMs : 0))))
    }
    if (toTheEnd && last > this.#clock.now() && !isTerminal((await this.#row()).status))
      await this.#clock.advanceTo(last)
    await this.#rest()
    this.#seen = await this.#look()
  }

  // Time stands still while anybody works for real, or has something to say.
  async #rest(): Promise<void> {
    do {
      await settled()
      this.#assertTestIsSound()
      await this.#showTasks()
    } while (await this.#real.ended(() => this.#clock.nextCounted() < Number.POSITIVE_INFINITY))
    await settled()
    this.#assertTestIsSound()
  }

  #assertTestIsSound(): void {
    if (this.#mistake !== undefined) throw this.#mistake
  }

  #due(rows: readonly RunRow[]): number {
    const dues = rows.map(({ wakeAt, status }) =>
      wakeAt === null || isTerminal(status) ? Number.POSITIVE_INFINITY : wakeAt,
    )
    const engine = this.#watches ? this.#clock.next() : Number.POSITIVE_INFINITY
    return Math.min(this.#clock.nextCounted(), engine, ...dues)
  }

  async #row(): Promise<RunRow> {
    const row = await this.#storage.row(runId)
    if (row === undefined) throw new SegnoError('RUN_UNKNOWN', 'The run of the test is gone')
    return row
  }

  async #rows(): Promise<readonly RunRow[]> {
    const rows: RunRow[] = []
    for (const id of [runId, ...this.#starters.keys()]) {
      const row = await this.#storage.row(id)
      if (row !== undefined) rows.push(row)
    }
    return rows
  }

  async #showTasks(): Promise<void> {
    const { answers = {} } = this.#options
    if (Object.keys(answers).length === 0) return
    for (const { runId: id, status } of await this.#rows()) {
      if (isTerminal(status)) continue
      for (const task of await this.#engine.run(id).tasks()) this.#show(id, task)
    }
  }

  #show(id: string, task: Task): void {
    const path = stepPath(prefixOf(id, this.#starters) + task.path)
    const name = `${id} ${task.path} ${task.askedAt} ${task.hash}`
    const { answers = {} } = this.#options
    const key = [path, path.slice(path.lastIndexOf('/') + 1)].find((one) => Object.hasOwn(answers, one))
    if (key === undefined || this.#shown.has(name)) return
    this.#shown.add(name)
    const turn = (this.#turns.get(path) ?? 0) + 1
    this.#turns.set(path, turn)
    const person = answers[key]
    const given = typeof person === 'function' ? person(task, turn) : person
    if (given === undefined) return
    const { by, after = 0, ...answer } = given
    const send = (): Promise<unknown> => this.#engine.run(id).answer(task, answer, by === undefined ? {} : { by })
    this.#outside.schedule(durationMs(after), () => void this.#tell(send))
  }

  async #look(): Promise<Seen> {
    const events = new Map<string, readonly RunEvent[]>()
    const waitsFor: TestWait[] = []
    for (const row of await this.#rows()) {
      const all: RunEvent[] = []
      for await (const page of this.#storage.read(row.runId, 1)) all.push(...page)
      const prefix = prefixOf(row.runId, this.#starters)
      events.set(prefix.slice(0, -1), all)
      if (!isTerminal(row.status)) waitsFor.push(...(await this.#waitsOf(row, prefix)))
    }
    const { status } = await this.#row()
    if (!isTerminal(status)) return { status, output: undefined, failure: undefined, events, waitsFor }
    const result = await this.#engine.run(runId).result()
    const output = result.status === 'completed' ? result.output : undefined
    const failure = result.status === 'failed' ? result.failure : undefined
    return { status, output, failure, events, waitsFor }
  }

  async #waitsOf({ runId: id }: RunRow, prefix: string): Promise<TestWait[]> {
    const folded = await foldRun(this.#storage, id, async (hash) => {
      const definition = await this.#storage.getPlan(hash)
      if (definition === undefined) throw new SegnoError('PLAN_MISSING', `The store has no plan ${hash}`)
      return compile(definition, hash)
    })
    if (folded === undefined) return []
    const { steps, waiters } = folded.state
    const tasks = await this.#engine.run(id).tasks()
    return [
      ...[...waiters].flatMap(([signal, waiting]) =>
        [...waiting].map(({ path }) => ({ path: prefix + path, for: 'signal', signal }) as const),
      ),
      ...tasks.map((task) => ({ path: prefix + task.path, for: 'answer', task }) as const),
      ...[...steps.values()].flatMap(({ path, due, status, failure }): TestWait[] => {
        if (status === 'blocked') return [{ path: prefix + path, for: 'operator', failure }]
        return due > 0 ? [{ path: prefix + path, for: 'time', at: due }] : []
      }),
    ]
  }
}

function isCalled(step: string, path: string): boolean {
  const at = stepPath(path)
  return [path, at, at.slice(at.lastIndexOf('/') + 1)].includes(step)
}

function nobodyAsks(step: string, waits: readonly TestWait[]): SegnoError {
  const asked = waits.filter((wait) => wait.for === 'answer').map(({ path }) => `"${path}"`)
  const who = asked.length === 0 ? 'nobody is asked anything' : `what is asked now: ${asked.join(', ')}`
  return new SegnoError('ARGUMENT_INVALID', `The step "${step}" asks nothing now; ${who}`)
}

function asMistake(error: unknown): SegnoError {
  if (SegnoError.is(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  return new SegnoError('ARGUMENT_INVALID', message, { cause: error })
}
