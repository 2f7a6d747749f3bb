import { createEngine, type Engine, type RunHandle, type Storage } from '@segno/core'
import type { Definition, RunEvent } from '@segno/schema/plan'
import type { LiveStore } from '../storages/storages.ts'

type Handlers = NonNullable<NonNullable<Parameters<typeof createEngine>[0]>['handlers']>

/** An engine in a process that can be killed: from then on it reads and writes nothing. */
export interface Process {
  readonly engine: Engine
  kill(): void
}

/** One store, in real time, and the processes that work on it. */
export class MuseumWorld {
  readonly #live: LiveStore
  readonly #engines: Engine[] = []
  readonly #killed = new Set<Engine>()
  storage: Storage

  constructor(live: LiveStore) {
    this.#live = live
    this.storage = live.storage
  }

  /** How long leases are here: what is killed is taken over after that long. */
  readonly leaseMs = 1500

  /** A process that begins. */
  async process(handlers: Handlers = {}): Promise<Process> {
    const storage = await this.#live.reopen()
    const door = { isOpen: true }
    const engine = createEngine({ storage: mortal(storage, door), handlers, limits: { leaseMs: this.leaseMs } })
    this.#engines.push(engine)
    return {
      engine,
      kill: () => {
        door.isOpen = false
        this.#killed.add(engine)
      },
    }
  }

  async engine(handlers: Handlers = {}): Promise<Engine> {
    return (await this.process(handlers)).engine
  }

  /** Another process, which takes up whatever is due. */
  async takenUp(run: RunHandle, handlers: Handlers = {}): Promise<RunHandle> {
    const { engine } = await this.worker(handlers)
    return engine.run(run.id)
  }

  async worker(handlers: Handlers = {}): Promise<Process> {
    const process = await this.process(handlers)
    process.engine.work({ pollMs: 100 })
    return process
  }

  /** Waits until the store tells so of the run. */
  async until(run: RunHandle, holds: (events: readonly RunEvent[]) => boolean): Promise<void> {
    while (!holds(await this.journal(run))) await turn()
  }

  /** Waits until so many steps of the run have begun to wait for a signal. */
  async untilWaiting(run: RunHandle, count: number): Promise<void> {
    await this.until(run, (events) => waits(events).length >= count)
  }

  async journal({ id }: RunHandle): Promise<RunEvent[]> {
    const all: RunEvent[] = []
    for await (const page of this.storage.read(id, 1)) all.push(...page)
    return all
  }

  async close(): Promise<void> {
    for (const engine of this.#engines) if (!this.#killed.has(engine)) await engine.close()
  }
}

/** The paths of the steps that began to wait for a signal. */
export function waits(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'step.started' && event.signal !== undefined ? [event.path] : []))
}

/** How often each path is told of by events of this type. */
export function timesOf(events: readonly RunEvent[], type: RunEvent['type']): Record<string, number> {
  const times: Record<string, number> = {}
  for (const event of events) {
    if (event.type !== type || !('path' in event) || event.path === undefined) continue
    times[event.path] = (times[event.path] ?? 0) + 1
  }
  return times
}

/** A definition of these steps. */
export function workflow(steps: Definition['steps'], rest: Partial<Definition> = {}): Definition {
  return { segno: 1, name: 'exhibit', steps, ...rest }
}

/** A store is asked again only after others had their turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 5)
  })
}

// What a dead process asked for is never answered, and nobody renews its leases: those are kept by the engine itself.
function mortal(storage: Storage, door: { readonly isOpen: boolean }): Storage {
  const never = (): Promise<never> => new Promise(() => undefined)
  const nothing = { [Symbol.asyncIterator]: () => ({ next: never }) }
  return new Proxy(storage, {
    get(target, name) {
      const member: unknown = name === 'keeper' ? undefined : Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...given: unknown[]): unknown => {
        if (!door.isOpen) return name === 'read' ? nothing : name === 'subscribe' ? () => undefined : never()
        const answer: unknown = Reflect.apply(member, target, given)
        return answer instanceof Promise ? answer.then((value: unknown) => (door.isOpen ? value : never())) : answer
      }
    },
  })
}
