import { describe, expect, test } from 'vitest'
import { mayHaveWritten } from '../ports/storage-fault.ts'
import type { AppendOutcome, AppendRequest, Storage } from '../ports/storage.ts'
import { memoryStorage } from '../runtime/memory-storage.ts'
import { rejectionOf } from './expectation.ts'
import { faultKinds, faultyStorage, type FaultKind, type FaultyStorageOptions } from './faulty-storage.ts'
import { batch, claim, events, gathered, send, whole, write } from './laws/law-run.ts'
import { seededRandom } from './random.ts'
import { storageLaws } from './storage-laws.ts'
import { memoryUnderTest } from './storage-under-test.ts'
import { virtualClock } from './virtual-clock.ts'

const leaseMs = 30_000

/** A run in a memory storage, and the same storage behind faults. */
async function arrange(faults: FaultyStorageOptions['faults'], seed = 1) {
  const clock = virtualClock()
  const storage = memoryStorage({ now: clock.now })
  const faulty = faultyStorage(storage, { random: seededRandom(seed), clock, faults })
  const advance = clock.advanceBy
  await claim({ storage, advance, leaseMs }, 'run')
  return { clock, storage, faulty }
}

describe('a storage with faults', () => {
  test.for(storageLaws)('without a fault: $name', async (law) => {
    const world = memoryUnderTest()
    const storage = faultyStorage(world.storage, { random: seededRandom(1), clock: virtualClock(), faults: {} })
    await law.holds({ ...world, storage })
  })

  test('a refused call is not made, and says so', async () => {
    const { storage, faulty } = await arrange({ refused: 1 })
    expect(mayHaveWritten(await rejectionOf(faulty.append(batch('run', 1))))).toBe(false)
    expect((await whole(storage, 'run')).row.head).toBe(1)
  })

  test('a lost request is not made, and does not say so', async () => {
    const { storage, faulty } = await arrange({ lostRequest: 1 })
    expect(mayHaveWritten(await rejectionOf(faulty.append(batch('run', 1))))).toBe(true)
    expect((await whole(storage, 'run')).row.head).toBe(1)
  })

  test('a late request fails first and is made later', async () => {
    const { clock, storage, faulty } = await arrange({ lateRequest: 1 })
    expect(mayHaveWritten(await rejectionOf(faulty.append(batch('run', 1))))).toBe(true)
    expect((await whole(storage, 'run')).row.head).toBe(1)
    await clock.runUntilIdle()
    expect((await whole(storage, 'run')).row.head).toBe(2)
  })

  test('a late request that is refused in the end disturbs nobody', async () => {
    const { clock, storage, faulty } = await arrange({ lateRequest: 1 })
    await rejectionOf(faulty.append(batch('run', 1, { events: [] })))
    await clock.runUntilIdle()
    expect((await whole(storage, 'run')).row.head).toBe(1)
  })

  test('the answer of a call that was made is lost', async () => {
    const { storage, faulty } = await arrange({ lostAnswer: 1 })
    expect(mayHaveWritten(await rejectionOf(faulty.append(batch('run', 1))))).toBe(true)
    expect((await whole(storage, 'run')).row.head).toBe(2)
  })

  test.for([
    ['slowRequest', 1],
    ['slowAnswer', 2],
  ] as const)('%s: the answer waits for the clock', async ([kind, head]) => {
    const { clock, storage, faulty } = await arrange({ [kind]: 1 })
    const answers: string[] = []
    const answered = faulty.append(batch('run', 1)).then(({ outcome }) => answers.push(outcome))
    await clock.advanceBy(0)
    expect([answers, (await whole(storage, 'run')).row.head]).toEqual([[], head])
    await clock.advanceBy(1_000)
    await answered
    expect([answers, (await whole(storage, 'run')).row.head]).toEqual([['ok'], 2])
  })

  test('a repeated delivery is kept once and answered as a duplicate', async () => {
    const { storage, faulty } = await arrange({ repeatedDelivery: 1 })
    expect(await send(faulty, 'run', 'a')).toBe('duplicate')
    expect((await whole(storage, 'run')).inbox).toEqual(['a'])
  })

  test('a blob cannot be read', async () => {
    const { faulty } = await arrange({ lostBlob: 1 })
    await expect(faulty.getBlob('run', 'a')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })

  test('without its snapshot a run is loaded whole, up to its head', async () => {
    const { storage, faulty } = await arrange({ lostSnapshot: 1 })
    await write(storage, batch('run', 1, { snapshot: { seq: 2, format: 1, state: 'kept' } }))
    const loaded = await faulty.load('run')
    await write(storage, batch('run', 2))
    expect(loaded?.snapshot).toBeUndefined()
    expect(loaded && (await gathered(loaded.tail))).toEqual(events('run', 1, 2))
  })

  test('a corrupt snapshot has a format that nobody knows', async () => {
    const { storage, faulty } = await arrange({ corruptSnapshot: 1 })
    await write(storage, batch('run', 1, { snapshot: { seq: 2, format: 1, state: 'kept' } }))
    expect((await whole(faulty, 'run')).snapshot).toEqual({ seq: 2, format: -1, state: null })
  })

  test.for([
    ['lostHint', [], []],
    ['repeatedHint', ['run', 'run'], ['run', 'run']],
    ['lateHint', [], ['run']],
  ] as const)('%s', async ([kind, soon, later]) => {
    const { clock, storage, faulty } = await arrange({ [kind]: 1 })
    const hints: string[] = []
    const stop = faulty.subscribe?.((runId) => hints.push(runId))
    await send(storage, 'run', 'a')
    await clock.advanceBy(0)
    expect(hints).toEqual(soon)
    await clock.advanceBy(1_000)
    expect(hints).toEqual(later)
    await send(storage, 'run', 'b')
    await clock.advanceBy(0)
    stop?.()
    const before = hints.length
    await clock.advanceBy(1_000)
    expect(hints.length).toBe(before)
  })

  test('reading fails as other calls do', async () => {
    const { faulty } = await arrange({ refused: 1 })
    await expect(gathered(faulty.read('run', 1))).rejects.toMatchObject({ ambiguous: false })
  })

  test('what strikes is decided by the seed, and counted', async () => {
    const [first, again, other] = [await strikes(1, {}), await strikes(1, {}), await strikes(2, {})]
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  test('a fault more does not move the others', async () => {
    const [first, more] = [await strikes(1, {}), await strikes(1, { lostBlob: 0.9, lostHint: 0.9 })]
    expect(more.outcomes).toEqual(first.outcomes)
  })

  test('a healed storage has no faults', async () => {
    const { faulty } = await arrange(Object.fromEntries(Object.keys(faultKinds).map((kind) => [kind, 1])))
    await rejectionOf(faulty.append(batch('run', 1)))
    faulty.heal()
    await write(faulty, batch('run', 1))
    expect([...faulty.injected]).toEqual([['refused', 1]])
  })

  test('a writer that sends each batch until it is answered writes each of them once', async () => {
    const outcomes = new Set<string>()
    for (let seed = 1; seed <= 50; seed += 1) {
      const faults = {
        refused: 0.1,
        lostRequest: 0.1,
        lateRequest: 0.1,
        slowRequest: 0.2,
        lostAnswer: 0.2,
        slowAnswer: 0.2,
      }
      const { clock, storage, faulty } = await arrange(faults, seed)
      const writing = (async () => {
        for (let seq = 1; seq <= 10; seq += 1) outcomes.add((await appended(faulty, batch('run', seq))).outcome)
      })()
      await clock.advanceBy(leaseMs - 1)
      await writing
      expect((await whole(storage, 'run')).tail, `seed ${seed}`).toEqual(events('run', 1, 11))
    }
    expect([...outcomes].toSorted()).toEqual(['duplicate', 'ok'])
  })
})

/** Sends a batch until there is an answer: the one way to go on after an ambiguous fault. */
async function appended(storage: Storage, request: AppendRequest): Promise<AppendOutcome> {
  for (;;) {
    try {
      return await storage.append(request)
    } catch (error) {
      if (typeof error !== 'object' || error === null || !('ambiguous' in error)) throw error
    }
  }
}

async function strikes(seed: number, more: Partial<Record<FaultKind, number>>) {
  const { faulty } = await arrange({ refused: 0.3, lostAnswer: 0.3, ...more }, seed)
  const outcomes: boolean[] = []
  for (let n = 0; n < 40; n += 1) outcomes.push((await rejectionOf(faulty.deliver('run', message(n)))) === undefined)
  return { outcomes, injected: [...faulty.injected] }
}

function message(n: number) {
  return { id: String(n), name: 'note', payload: null }
}
