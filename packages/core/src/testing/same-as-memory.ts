import type { Storage } from '../ports/storage.ts'
import { memoryStorage } from '../runtime/memory-storage.ts'
import { expectEqual, LawBroken } from './expectation.ts'
import { playOperation, type PlayedStore, type StorageOperation } from './storage-operation.ts'
import { storageOperations } from './storage-operations.ts'
import type { DurableStorageUnderTest, StorageUnderTest } from './storage-under-test.ts'

/** How many sequences a storage is compared by, and which. */
export interface ComparisonOptions {
  /** A fresh storage, with a clock that stands still until it is advanced. */
  readonly open: () => Promise<StorageUnderTest | DurableStorageUnderTest>
  /** Of the first sequence; those that follow count on from it. */
  readonly seed: number
  readonly sequences: number
}

/** What was compared. */
export interface ComparisonReport {
  readonly sequences: number
  readonly operations: number
}

/**
 * Plays random sequences of operations on a storage and on the memory storage,
 * and throws `LawBroken` where one answer differs: with the seed of the sequence,
 * and with the shortest part of it that still shows the difference.
 *
 * One store serves for all sequences: after each, all its runs are deleted, so that
 * what a deletion leaves behind shows in those that follow.
 */
export async function sameAsMemory(options: ComparisonOptions): Promise<ComparisonReport> {
  const { seed, sequences } = options
  const world = { ...(await options.open()) }
  let operations = 0
  for (let number = seed; number < seed + sequences; number++) {
    const sequence = await storageOperations(number)
    operations += sequence.length
    const difference = await differenceIn(world, sequence)
    if (difference !== undefined) throw new LawBroken(await story(options, { number, sequence, difference }))
    await empty(world, number)
  }
  return { sequences, operations }
}

/** Where the answers part: after how many operations, and in words. */
interface Difference {
  readonly at: number
  readonly words: string
}

async function differenceIn(
  world: StorageUnderTest | DurableStorageUnderTest,
  operations: readonly StorageOperation[],
): Promise<Difference | undefined> {
  const tested = await playedOn(world)
  const reference = memoryReference(tested.base)
  for (const [at, operation] of operations.entries()) {
    const expected = await playOperation(reference, operation)
    const found = await playOperation(tested, operation)
    try {
      expectEqual(found, expected, `operation ${at + 1} (${operation.type})`)
    } catch (error) {
      return { at, words: (error as Error).message }
    }
  }
  return undefined
}

async function playedOn(world: StorageUnderTest | DurableStorageUnderTest): Promise<PlayedStore> {
  const { now } = await world.storage.deliver('nobody', { id: 'none', name: 'none', payload: null })
  const reopen =
    'reopen' in world
      ? async () => {
          const before = world.storage
          const now = await world.reopen()
          await closed(before)
          return Object.assign(world, { storage: now }).storage
        }
      : undefined
  return { storage: world.storage, base: now, advance: (ms) => world.advance(ms), reopen, lastList: undefined }
}

// Many storages hold on to a thread, or to connections.
async function closed(storage: Storage & { close?(): Promise<void> }): Promise<void> {
  await storage.close?.()
}

function memoryReference(base: number): PlayedStore {
  let now = base
  const advance = async (ms: number): Promise<void> => {
    now += ms
  }
  return { storage: memoryStorage({ now: () => now }), base, advance, lastList: undefined }
}

// Longer than any lease of a sequence.
const longAgo = 24 * 3_600_000

async function empty(world: StorageUnderTest, number: number): Promise<void> {
  await world.advance(longAgo)
  for (const { runId } of await allRuns(world.storage)) await world.storage.delete(runId)
  expectEqual(
    (await allRuns(world.storage)).length,
    0,
    `sequence ${number} differs from memory: runs that are left after all were deleted`,
  )
}

async function allRuns(storage: Storage): Promise<Awaited<ReturnType<Storage['list']>>['runs']> {
  return (await storage.list({}, { limit: 100 })).runs
}

async function story(
  { open }: ComparisonOptions,
  found: { readonly number: number; readonly sequence: readonly StorageOperation[]; readonly difference: Difference },
): Promise<string> {
  const { number, sequence, difference } = found
  const shortest = await shortened(open, sequence.slice(0, difference.at + 1))
  if (shortest === undefined) {
    return `sequence ${number} differs from memory only after those before it: ${difference.words}`
  }
  const lines = shortest.map((operation) => JSON.stringify(operation))
  return `sequence ${number} differs from memory: ${difference.words}\n${lines.join('\n')}`
}

// Leaves out halves, quarters, … and single operations, for as long as there still is a difference.
async function shortened(
  open: ComparisonOptions['open'],
  operations: readonly StorageOperation[],
): Promise<readonly StorageOperation[] | undefined> {
  const differs = async (some: readonly StorageOperation[]): Promise<number | undefined> =>
    (await differenceIn(await open(), some))?.at
  let kept = operations
  if ((await differs(kept)) === undefined) return undefined
  for (let size = kept.length >> 1; size >= 1; size >>= 1) {
    for (let from = kept.length - size; from >= 0; from -= size) {
      const rest = [...kept.slice(0, from), ...kept.slice(from + size)]
      const at = await differs(rest)
      if (at !== undefined) kept = rest.slice(0, at + 1)
      if (from > kept.length) from = kept.length
    }
  }
  return kept
}
