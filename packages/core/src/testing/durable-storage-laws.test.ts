import { describe, expect, test } from 'vitest'
import type { Storage } from '../ports/storage.ts'
import { durableStorageLaws } from './durable-storage-laws.ts'
import { LawBroken, rejectionOf } from './expectation.ts'
import { brokenDurables, type BrokenDurable } from './laws/broken-durables.ts'
import { memoryUnderTest, type DurableStorageUnderTest } from './storage-under-test.ts'

describe('the laws of durable storages', () => {
  test.for(durableStorageLaws)('$name, where memory plays the store', (law) => law.holds(played()))

  test.for(brokenDurables)('a storage that $name breaks its law', async ({ instead, breaks }) => {
    const law = durableStorageLaws.find(({ name }) => name === breaks)
    const error = await rejectionOf(Promise.resolve(law?.holds(played(instead()))))
    // A law says what is broken; any other error would be a fault of the law itself.
    expect(error, String(error)).toBeInstanceOf(LawBroken)
  })

  test('each law is broken by some storage', () => {
    const broken = new Set(brokenDurables.map(({ breaks }) => breaks))
    expect(durableStorageLaws.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([])
  })

  test('no two laws have one name', () => {
    expect(new Set(durableStorageLaws.map(({ name }) => name)).size).toBe(durableStorageLaws.length)
  })
})

// Every handle is the one memory storage: what a process would find that has just begun.
function played(instead: ReturnType<BrokenDurable['instead']> = () => ({})): DurableStorageUnderTest {
  const world = memoryUnderTest()
  let handles = 0
  const handle = (): Storage => {
    const broken = { ...world.storage, ...instead(world.storage, handles) }
    handles += 1
    return broken
  }
  return { ...world, storage: handle(), reopen: async () => handle() }
}
