import type { Clock } from '../ports/clock.ts'
import { StorageFault } from '../ports/storage-fault.ts'
import type { LoadedRun, Storage } from '../ports/storage.ts'
import { faultyTransactions } from './faulty-transactions.ts'
import type { Way } from './faulty-transactions.ts'
import type { Random } from './random.ts'

/** Every fault that can be injected, and what it does. */
export const faultKinds = {
  refused: 'A call is not made; its error says that nothing was written.',
  lostRequest: 'A call is not made; its error does not say so.',
  lateRequest: 'A call fails with an error that does not say whether it was made, and is made later all the same.',
  slowRequest: 'A call is made later.',
  lostAnswer: 'A call is made; its answer is lost.',
  slowAnswer: 'A call is made; its answer comes later.',
  repeatedDelivery: 'A message is delivered twice, and the second answer is given.',
  lostBlob: 'A blob cannot be read.',
  lostSnapshot: 'A run is loaded without its snapshot.',
  corruptSnapshot: 'A run is loaded with a snapshot of no known format.',
  lostHint: 'A hint is not given.',
  repeatedHint: 'A hint is given twice.',
  lateHint: 'A hint is given later, after younger ones.',
} as const

/** A fault that can be injected. */
export type FaultKind = keyof typeof faultKinds

/** What a storage with faults is made with. */
export interface FaultyStorageOptions {
  readonly random: Random
  /** Delays pass by this clock. */
  readonly clock: Clock
  /** The probability of each fault, each time it could strike; 0 unless given. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>
  /** The longest delay; 1 s unless given. */
  readonly delayMaxMs?: number
  /** Told of each fault that strikes. */
  readonly onStrike?: (kind: FaultKind) => void
}

/** A storage that fails as storages fail, and counts how often. */
export interface FaultyStorage extends Storage {
  /** How often each fault struck so far; one that never did is not in it. */
  readonly injected: ReadonlyMap<FaultKind, number>
  /** No faults from here on. What is on its way still arrives. */
  heal(): void
}

/**
 * Puts faults between a storage and who uses it. What strikes when is decided by
 * the seed of `random` and the order of the calls; each fault draws from a
 * stream of its own, so that one more probability does not move the others. The
 * storage itself stays whole, and has to keep all events: a run that is loaded
 * without its snapshot is loaded from the first.
 */
export function faultyStorage(storage: Storage, options: FaultyStorageOptions): FaultyStorage {
  const dice = diceOf(options)
  const guarded = guardOf(dice, options.clock)
  return {
    capabilities: storage.capabilities,
    injected: dice.injected,
    heal: dice.heal,
    putPlan: guarded((hash, definition) => storage.putPlan(hash, definition)),
    getPlan: guarded((hash) => storage.getPlan(hash)),
    createRun: guarded((run, batch, creation) => storage.createRun(run, batch, creation)),
    row: guarded((runId) => storage.row(runId)),
    load: guarded(async (runId) => spoilt(storage, dice, await storage.load(runId))),
    read: (runId, from) => startedBy(guarded(async () => storage.read(runId, from))),
    append: guarded((request) => storage.append(request)),
    getBlob: guarded(async (runId, sha256) => {
      if (dice.strikes('lostBlob')) throw fault('the blob cannot be read', false)
      return storage.getBlob(runId, sha256)
    }),
    deliver: guarded(async (runId, message) => {
      const first = await storage.deliver(runId, message)
      return dice.strikes('repeatedDelivery') ? storage.deliver(runId, message) : first
    }),
    inbox: guarded((runId, after) => storage.inbox(runId, after)),
    acquire: guarded((wanted) => storage.acquire(wanted)),
    renew: guarded((held) => storage.renew(held)),
    release: guarded((lease) => storage.release(lease)),
    list: guarded((filter, page) => storage.list(filter, page)),
    delete: guarded((runId) => storage.delete(runId)),
    ...(storage.begin === undefined ? {} : { begin: faultyTransactions(storage.begin, guarded) }),
    ...(storage.subscribe === undefined ? {} : { subscribe: unreliable(storage, dice, options.clock) }),
  }
}

interface Dice {
  readonly injected: ReadonlyMap<FaultKind, number>
  heal(): void
  /** Whether the fault strikes now; counted if it does. */
  strikes(kind: FaultKind): boolean
  delayMs(): number
}

function diceOf({ random, faults, delayMaxMs = 1_000, onStrike }: FaultyStorageOptions): Dice {
  const streams = new Map<FaultKind, Random>()
  const injected = new Map<FaultKind, number>()
  const delays = random.stream('delay')
  let healed = false
  return {
    injected,
    heal() {
      healed = true
    },
    strikes(kind) {
      const probability = faults[kind] ?? 0
      if (healed || probability === 0) return false
      const stream = streams.get(kind) ?? random.stream(kind)
      streams.set(kind, stream)
      if (!stream.chance(probability)) return false
      injected.set(kind, (injected.get(kind) ?? 0) + 1)
      onStrike?.(kind)
      return true
    },
    delayMs: () => delays.integer(delayMaxMs) + 1,
  }
}

function guardOf(dice: Dice, clock: Clock): Way {
  const delay = (): Promise<void> => new Promise((resolve) => clock.schedule(dice.delayMs(), resolve))
  return (call) =>
    async (...input) => {
      if (dice.strikes('refused')) throw fault('the call was refused', false)
      if (dice.strikes('lostRequest')) throw fault('the connection broke', true)
      if (dice.strikes('lateRequest')) {
        // Nobody is left to be told how it ends.
        void delay()
          .then(() => call(...input))
          .then(ignore, ignore)
        throw fault('the call timed out', true)
      }
      if (dice.strikes('slowRequest')) await delay()
      const answer = await call(...input)
      if (dice.strikes('lostAnswer')) throw fault('the connection broke', true)
      if (dice.strikes('slowAnswer')) await delay()
      return answer
    }
}

function ignore(): void {}

function fault(message: string, ambiguous: boolean): StorageFault {
  return new StorageFault('STORAGE_UNAVAILABLE', `Injected: ${message}.`, { ambiguous })
}

function spoilt(storage: Storage, dice: Dice, run: LoadedRun | undefined): LoadedRun | undefined {
  if (run?.snapshot === undefined) return run
  const { snapshot, ...rest } = run
  if (dice.strikes('lostSnapshot')) return { ...rest, tail: upTo(storage.read(run.row.runId, 1), run.row.head) }
  if (dice.strikes('corruptSnapshot')) return { ...run, snapshot: { seq: snapshot.seq, format: -1, state: null } }
  return run
}

// `read` may see events that were appended after the load.
async function* upTo(pages: ReturnType<Storage['read']>, head: number): ReturnType<Storage['read']> {
  for await (const page of pages) yield page.filter((event) => event.seq <= head)
}

async function* startedBy(start: () => Promise<ReturnType<Storage['read']>>): ReturnType<Storage['read']> {
  yield* await start()
}

function unreliable(storage: Storage, dice: Dice, clock: Clock): NonNullable<Storage['subscribe']> {
  return (callback) => {
    let stopped = false
    const hint = (...news: Parameters<typeof callback>): void => {
      if (!stopped) callback(...news)
    }
    const stop = storage.subscribe?.((...news) => {
      if (dice.strikes('lostHint')) return
      if (dice.strikes('lateHint')) clock.schedule(dice.delayMs(), () => hint(...news))
      else hint(...news)
      if (dice.strikes('repeatedHint')) hint(...news)
    })
    return () => {
      stopped = true
      stop?.()
    }
  }
}
