import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFiles } from '@segno/adapters/files'
import { settled, virtualClock } from '@segno/core/testing'
import { createEngine, isTerminal, memoryStorage, nodeShell } from 'segno'
import type { Answer, Clock, Definition, Engine, Failure, Files, Http, Json, JsonObject } from 'segno'
import type { RunEvent, RunHandle, RunStatus, Secrets, Shell, Workflow } from 'segno'
import type { Handlers } from './load-named.ts'

/** What happens to a run, and what it is given. Times are virtual: a wait of a week is over at once. */
export interface Scene {
  readonly input?: JsonObject
  readonly handlers?: Handlers | ((clock: Clock) => Handlers)
  /** Where processes run and paths are. Processes are real ones; time stands still while one works. */
  readonly workspace?: string
  /** Real requests; time stands still while one is under way. */
  readonly http?: Http
  readonly secrets?: Secrets
  /** Sent so long after the start. */
  readonly signals?: readonly { readonly atMs: number; readonly name: string; readonly data?: Json }[]
  /** Given by the path of the `ask` step, so long after it was asked; at once unless told. */
  readonly answers?: readonly (Answer & { readonly path: string; readonly by?: string; readonly afterMs?: number })[]
  readonly cancelAtMs?: number
  /** When to stop looking; after ninety days unless given. */
  readonly untilMs?: number
}

/** How a run ended, or where it rests: it waits for ever, or is blocked. */
export interface Played {
  readonly status: RunStatus
  readonly output?: Readonly<Record<string, Json>>
  readonly failure?: Failure
  readonly events: readonly RunEvent[]
  /** Of virtual time. */
  readonly tookMs: number
}

const dayMs = 24 * 3_600_000

/** Runs a workflow in memory and in virtual time, until it ends or nothing will happen any more. */
export async function play(workflow: Workflow | Definition, scene: Scene = {}): Promise<Played> {
  const clock = steppedClock()
  const startedAt = clock.now()
  const storage = memoryStorage({ now: clock.now })
  const outside = new Outside()
  const { handlers = {}, workspace, http, secrets } = scene
  const evidence = await mkdtemp(join(tmpdir(), 'segno-evidence-'))
  try {
    await using engine = createEngine({
      ...{ clock, storage, limits: { leaseMs: dayMs } },
      handlers: typeof handlers === 'function' ? handlers(clock) : handlers,
      ...(workspace !== undefined && { shell: outside.shell(workspace, evidence), files: outside.files(workspace) }),
      ...(http && { http: outside.http(http) }),
      ...(secrets && { secrets }),
    })
    answerOn(engine, clock, scene)
    const run = await engine.start(workflow, scene.input, { id: 'run_1' })
    sendTo(run, clock, scene)
    const until = startedAt + (scene.untilMs ?? 90 * dayMs)
    for (;;) {
      await settled()
      const status = await run.status()
      if (isTerminal(status) || status === 'blocked') break
      if (outside.isAtWork) await outside.rest()
      else if (!(await clock.step(until))) break
    }
    const events: RunEvent[] = []
    for await (const page of storage.read(run.id, 1)) events.push(...page)
    const status = await run.status()
    const result = isTerminal(status) ? await run.result() : undefined
    const tookMs = (events.at(-1)?.at ?? startedAt) - startedAt
    if (result?.status === 'completed') return { status, output: result.output, events, tookMs }
    return { status, ...(result?.status === 'failed' && { failure: result.failure }), events, tookMs }
  } finally {
    await rm(evidence, { recursive: true })
  }
}

/** The paths of the work that was done, in the order in which it was completed: handlers, processes and requests. */
export function workDone(events: readonly RunEvent[]): string[] {
  const begun = new Set(events.flatMap((event) => (event.type === 'attempt.started' ? [event.path] : [])))
  return events.flatMap((event) => (event.type === 'step.completed' && begun.has(event.path) ? [event.path] : []))
}

/** The events of one type. */
export function eventsOf<T extends RunEvent['type']>(
  events: readonly RunEvent[],
  type: T,
): Extract<RunEvent, { readonly type: T }>[] {
  return events.filter((event): event is Extract<RunEvent, { readonly type: T }> => event.type === type)
}

/** A virtual clock that knows when it is needed next. */
function steppedClock(): Clock & { step(until: number): Promise<boolean> } {
  const clock = virtualClock()
  const due = new Set<{ readonly at: number }>()
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    schedule(delayMs, callback) {
      const entry = { at: clock.now() + Math.max(0, delayMs) }
      due.add(entry)
      const cancel = clock.schedule(delayMs, () => {
        due.delete(entry)
        callback()
      })
      return () => {
        due.delete(entry)
        cancel()
      }
    },
    /** Goes to the next instant at which something is due; false if there is none before `until`. */
    async step(until) {
      const next = Math.min(...[...due].map(({ at }) => at))
      if (!(next <= until)) return false
      await clock.advanceTo(Math.max(next, clock.now()))
      return true
    },
  }
}

/** What takes real time: processes, requests, looks at files. It knows whether any is under way. */
class Outside {
  #count = 0
  #ended = Promise.withResolvers<void>()

  get isAtWork(): boolean {
    return this.#count > 0
  }

  /** Resolves when one has ended. */
  rest(): Promise<void> {
    return this.#ended.promise
  }

  shell(workspace: string, evidence: string): Shell {
    const folder = (runId: string, path: string, attempt: number): string =>
      join(evidence, runId, path.replaceAll('/', '.'), String(attempt))
    const shell = nodeShell({ workspace, evidence: { folder } })
    return { run: (command, context) => this.#during(() => shell.run(command, context)) }
  }

  files(root: string): Required<Files> {
    const files = nodeFiles({ root })
    return {
      kind: (path) => this.#during(() => files.kind(path)),
      glob: (...of) => this.#during(() => files.glob(...of)),
    }
  }

  http(http: Http): Http {
    return { request: (request, context) => this.#during(() => http.request(request, context)) }
  }

  async #during<T>(work: () => Promise<T>): Promise<T> {
    this.#count += 1
    try {
      return await work()
    } finally {
      this.#count -= 1
      this.#ended.resolve()
      this.#ended = Promise.withResolvers<void>()
    }
  }
}

function answerOn(engine: Engine, clock: Clock, { answers = [] }: Scene): void {
  engine.on('task.asked', ({ runId, path, hash }) => {
    for (const { path: asked, by, afterMs = 0, ...answer } of answers) {
      if (asked !== path) continue
      const give = (): void => void engine.run(runId).answer({ path, hash }, answer, by === undefined ? {} : { by })
      clock.schedule(afterMs, give)
    }
  })
}

function sendTo(run: RunHandle, clock: Clock, { signals = [], cancelAtMs }: Scene): void {
  for (const { atMs, name, data = null } of signals) clock.schedule(atMs, () => void run.signal(name, data))
  if (cancelAtMs !== undefined) clock.schedule(cancelAtMs, () => void run.cancel())
}
