import type { Definition, Failure, JsonObject, RunEvent } from '@segno/schema/plan'
import { expect } from 'vitest'
import { compile } from '../../src/kernel/compile.ts'
import { evolve } from '../../src/kernel/evolve.ts'
import { runStatus, wakeAt } from '../../src/kernel/outstanding.ts'
import { emptyState } from '../../src/kernel/state.ts'
import { planFrom } from '../../src/ports/batch.ts'
import type { Storage } from '../../src/ports/storage.ts'
import type { Engine, EngineOptions } from '../../src/runtime/engine-options.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import type { HandlerContext } from '../../src/runtime/handler.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'
import type { RunHandle, RunResult } from '../../src/runtime/run-handle.ts'
import { settled, virtualClock } from '../../src/testing/virtual-clock.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'

/** Engines on one storage, in one virtual time. */
export interface World {
  readonly clock: VirtualClock
  readonly storage: Storage
  /** What engines have logged. */
  readonly logged: string[]
  engine(options?: EngineOptions): Engine
  /** Moves time on until `promise` settles. Fails after ten virtual minutes. */
  inTime<T>(promise: Promise<T>): Promise<T>
  /** Starts a run and gives its result, after it was found to be lawful. */
  resultOf(engine: Engine, definition: Definition, input?: JsonObject): Promise<RunResult>
  failureOf(engine: Engine, definition: Definition, input?: JsonObject): Promise<Failure>
}

export function world(storageOf: (clock: VirtualClock) => Storage = memoryOf): World {
  const clock = virtualClock()
  const storage = storageOf(clock)
  const logged: string[] = []
  const logger = {
    log: (level: string, message: string, details?: unknown) => {
      logged.push(`${level} ${message} ${JSON.stringify(details)}`)
    },
  }
  const inTime = <T>(promise: Promise<T>): Promise<T> => movedOn(clock, promise)
  const resultOf: World['resultOf'] = async (engine, definition, input) => {
    const run = await engine.start(definition, input)
    const result = await inTime(run.result())
    await expectLawful(storage, run.id)
    return result
  }
  return {
    clock,
    storage,
    logged,
    engine: (options) => createEngine({ clock, storage, logger, ...options }),
    inTime,
    resultOf,
    async failureOf(engine, definition, input) {
      const result = await resultOf(engine, definition, input)
      if (result.status !== 'failed') throw new Error(`the run has ${result.status}`)
      return result.failure
    },
  }
}

function memoryOf(clock: VirtualClock): Storage {
  return memoryStorage({ now: () => clock.now() })
}

const movesMax = 600

async function movedOn<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let over = false
  const end = (): void => {
    over = true
  }
  promise.then(end, end)
  for (let moves = 0; moves < movesMax; moves++) {
    await settled()
    if (over) return promise
    await clock.advanceBy(1000)
  }
  throw new Error('it has not settled after ten virtual minutes')
}

export async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

/** The journal as the store holds it now. */
export async function journalOf(storage: Storage, runId: string): Promise<RunEvent[]> {
  const pages: RunEvent[][] = []
  for await (const page of storage.read(runId, 1)) pages.push([...page])
  return pages.flat()
}

export async function typesOf(storage: Storage, run: RunHandle): Promise<string[]> {
  return (await journalOf(storage, run.id)).map(({ type }) => type)
}

/** A journal is lawful when it folds, and when its row says what it gives. */
export async function expectLawful(storage: Storage, runId: string): Promise<void> {
  const row = await storage.row(runId)
  if (row === undefined) throw new Error(`the store has no run ${runId}`)
  const state = emptyState()
  for (const event of await journalOf(storage, runId)) {
    // One that was migrated has gone by several.
    const hash = planFrom(event) ?? state.planHash
    const definition = await storage.getPlan(hash)
    if (definition === undefined) throw new Error(`the store has no plan ${hash}`)
    evolve(compile(definition, hash), state, event)
  }
  expect({ plan: state.planHash, head: state.seq, status: runStatus(state), wakeAt: wakeAt(state) }).toEqual({
    plan: row.plan,
    head: row.head,
    status: row.status,
    wakeAt: row.wakeAt,
  })
}

/** One step that calls `work` with what the workflow is given. */
export function oneStep(step: JsonObject = {}): Definition {
  const work = { id: 'work', uses: 'work', ...step }
  return { segno: 1, name: 'one', steps: [work] } as unknown as Definition
}

/** Two steps, `first` and `second`, that call the handlers of these names. */
export const twoSteps = {
  segno: 1,
  name: 'two',
  steps: [
    { id: 'first', uses: 'first' },
    { id: 'second', uses: 'second' },
  ],
} satisfies Definition

/** A handler that stops as soon as it is told to, and tells why. */
export function obedient(heard: unknown[] = []): (context: HandlerContext) => Promise<never> {
  return ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        heard.push((signal.reason as { code: unknown }).code)
        reject(signal.reason as Error)
      })
    })
}

/** A handler that never ends, and notes what it is told. */
export function deaf(heard: unknown[] = []): (context: HandlerContext) => Promise<never> {
  return ({ signal }) =>
    new Promise(() => {
      signal.addEventListener('abort', () => heard.push((signal.reason as { code: unknown }).code))
    })
}
