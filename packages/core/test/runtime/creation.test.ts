import { expect, test } from 'vitest'
import type { Storage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'
import { faultyStorage } from '../../src/testing/faulty-storage.ts'
import type { FaultKind } from '../../src/testing/faulty-storage.ts'
import { seededRandom } from '../../src/testing/random.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { expectLawful, oneStep, typesOf, world } from './world.ts'

const handlers = { work: () => 1 }

// The first `failing` creations meet the fault; everything else works.
function creationsFail(fault: FaultKind, failing: number) {
  const sent: string[] = []
  const storageOf = (clock: VirtualClock): Storage => {
    const inner = memoryStorage({ now: () => clock.now() })
    const faulty = faultyStorage(inner, { random: seededRandom(1), clock, faults: { [fault]: 1 } })
    return {
      ...inner,
      createRun(run, ...rest) {
        sent.push(run.incarnation)
        return sent.length > failing ? inner.createRun(run, ...rest) : faulty.createRun(run, ...rest)
      },
    }
  }
  return { sent, storageOf }
}

for (const fault of ['lostAnswer', 'lostRequest', 'lateRequest'] as const) {
  test(`a creation that meets ${fault} is sent again as it was, and its run is driven`, async () => {
    const { sent, storageOf } = creationsFail(fault, 3)
    const { engine, storage, inTime } = world(storageOf)
    await using one = engine({ handlers })
    const run = await inTime(one.start(oneStep()))
    expect((await inTime(run.result())).status).toBe('completed')
    expect([sent.length, new Set(sent).size]).toEqual([4, 1])
    expect(await typesOf(storage, run)).not.toContain('run.adopted')
    expect((await storage.list({}, { limit: 9 })).runs).toHaveLength(1)
    await expectLawful(storage, run.id)
  })
}

test('a creation that is never answered is given up, and its run is taken up when the lease is over', async () => {
  const { sent, storageOf } = creationsFail('lostAnswer', Number.POSITIVE_INFINITY)
  const { engine, clock, storage } = world(storageOf)
  await using one = engine({ handlers })
  const starting = expect(one.start(oneStep(), {}, { id: 'r' })).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  await clock.advanceBy(10_000)
  await starting
  expect(sent.length).toBe(7)
  expect((await storage.row('r'))?.status).toBe('running')
  await clock.advanceBy(30_000)
  expect((await storage.row('r'))?.status).toBe('completed')
})

test('a creation that is answered when its lease is over leaves the run to whoever takes it up', async () => {
  const late = { answered: false }
  const { engine, clock, storage } = world((virtual) => {
    const { storageOf } = creationsFail('lostAnswer', 1)
    const inner = storageOf(virtual)
    let sent = 0
    return {
      ...inner,
      async createRun(...run) {
        sent += 1
        if (sent === 2) await new Promise<void>((resolve) => virtual.schedule(31_000, resolve))
        late.answered = sent === 2
        return inner.createRun(...run)
      },
    }
  })
  await using one = engine({ handlers })
  const starting = one.start(oneStep(), {}, { id: 'r' })
  await clock.advanceBy(32_000)
  expect([(await starting).id, late.answered]).toEqual(['r', true])
  await clock.advanceBy(60_000)
  expect((await storage.row('r'))?.status).toBe('completed')
})

test('a creation that was refused is not sent again', async () => {
  const { sent, storageOf } = creationsFail('refused', 1)
  const { engine, clock, storage } = world(storageOf)
  await using one = engine({ handlers })
  await expect(one.start(oneStep(), {}, { id: 'r' })).rejects.toMatchObject({ ambiguous: false })
  await settled()
  expect([sent.length, clock.scheduled, await storage.row('r')]).toEqual([1, 0, undefined])
})
