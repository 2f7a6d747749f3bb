import type { Clock } from '../ports/clock.ts'
import type { Storage } from '../ports/storage.ts'

/**
 * A process with an engine in it, as a test sees it: the storage and the clock
 * that the engine is given. One that was killed hears nothing any more and does
 * nothing; one that is paused does so until it goes on, however late that is.
 */
export interface EngineProcess {
  readonly storage: Storage
  readonly clock: Clock
  readonly isAlive: boolean
  kill(): void
  pause(): void
  goOn(): void
}

/** What a process is made with. */
export interface EngineProcessOptions {
  readonly storage: Storage
  /** Real time, as far as the test goes. */
  readonly clock: Clock
  /** The wall clock of this process; that of `clock` unless given. */
  readonly wallClock?: () => number
  /** Asked whenever the process is about to send something or to hear of something; it may be killed or paused here. */
  readonly onStep?: (process: EngineProcess) => void
}

/** A process that lives until it is killed. */
export function engineProcess(options: EngineProcessOptions): EngineProcess {
  const { storage, clock, wallClock = () => clock.now(), onStep } = options
  let alive = true
  let held: (() => void)[] | undefined
  const process: EngineProcess = {
    storage: throughDoor(storage, enter),
    clock: {
      now: wallClock,
      monotonic: () => clock.monotonic(),
      schedule: (delayMs, callback, background) => clock.schedule(delayMs, () => enter(callback), background),
    },
    get isAlive() {
      return alive
    },
    kill() {
      alive = false
      held = undefined
    },
    pause() {
      held ??= []
    },
    goOn() {
      const late = held ?? []
      held = undefined
      for (const callback of late) enter(callback)
    },
  }
  function enter(callback: () => void): void {
    if (!alive) return
    onStep?.(process)
    if (!alive) return
    if (held === undefined) callback()
    else held.push(() => callback())
  }
  return process
}

// What a paused process was about to send is sent when it goes on: that is what makes it dangerous.
function throughDoor(storage: Storage, pass: (callback: () => void) => void): Storage {
  function guarded<Arguments extends readonly unknown[], Answer>(
    call: (...input: Arguments) => Promise<Answer>,
  ): (...input: Arguments) => Promise<Answer> {
    return (...input) =>
      new Promise((resolve, reject) => {
        const send = (): void => {
          call(...input).then(
            (answer) => pass(() => resolve(answer)),
            (error: unknown) => pass(() => reject(error as Error)),
          )
        }
        pass(send)
      })
  }
  return {
    capabilities: storage.capabilities,
    putPlan: guarded((...input) => storage.putPlan(...input)),
    getPlan: guarded((...input) => storage.getPlan(...input)),
    createRun: guarded((...input) => storage.createRun(...input)),
    row: guarded((...input) => storage.row(...input)),
    load: guarded((...input) => storage.load(...input)),
    read: (runId, from) => storage.read(runId, from),
    append: guarded((...input) => storage.append(...input)),
    getBlob: guarded((...input) => storage.getBlob(...input)),
    deliver: guarded((...input) => storage.deliver(...input)),
    inbox: guarded((...input) => storage.inbox(...input)),
    acquire: guarded((...input) => storage.acquire(...input)),
    renew: guarded((...input) => storage.renew(...input)),
    release: guarded((...input) => storage.release(...input)),
    list: guarded((...input) => storage.list(...input)),
    delete: guarded((...input) => storage.delete(...input)),
    ...(storage.begin === undefined ? {} : { begin: guarded(transactionsThrough(storage.begin, guarded)) }),
    ...(storage.subscribe === undefined ? {} : { subscribe: hintsThrough(storage, pass) }),
  }
}

type Guard = <Arguments extends readonly unknown[], Answer>(
  call: (...input: Arguments) => Promise<Answer>,
) => (...input: Arguments) => Promise<Answer>

// What a process that has died had open is undone by the store, which hears no more of it.
function transactionsThrough(begin: NonNullable<Storage['begin']>, guarded: Guard): NonNullable<Storage['begin']> {
  return async (lease, options) => {
    const transaction = await begin(lease, options)
    if (transaction === undefined) return undefined
    return {
      sql: { query: guarded((...input) => transaction.sql.query(...input)) },
      append: guarded((...input) => transaction.append(...input)),
      rollback: guarded((...input) => transaction.rollback(...input)),
    }
  }
}

function hintsThrough(storage: Storage, pass: (callback: () => void) => void): NonNullable<Storage['subscribe']> {
  return (callback) => storage.subscribe?.((...news) => pass(() => callback(...news))) ?? nothing
}

function nothing(): void {}
