import { describe, expect, test } from 'vitest'
import { LawBroken, rejectionOf } from './expectation.ts'
import { brokenStorages, type BrokenStorage } from './laws/broken-storages.ts'
import { memoryUnderTest } from './storage-under-test.ts'
import { storageLaws } from './storage-laws.ts'

describe('the laws of the storage port', () => {
  test.for(brokenStorages)('a storage that $name breaks its law', async (broken) => {
    expect(await lawsBrokenBy(broken)).toContain(broken.breaks)
  })

  test('each law is broken by some storage', async () => {
    const broken = new Set<string>()
    for (const storage of brokenStorages) for (const name of await lawsBrokenBy(storage)) broken.add(name)
    expect(storageLaws.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([])
  })

  test('no two laws have one name', () => {
    expect(new Set(storageLaws.map(({ name }) => name)).size).toBe(storageLaws.length)
  })
})

const found = new Map<string, Promise<string[]>>()

function lawsBrokenBy(broken: BrokenStorage): Promise<string[]> {
  const known = found.get(broken.name) ?? findLawsBrokenBy(broken)
  found.set(broken.name, known)
  return known
}

async function findLawsBrokenBy(broken: BrokenStorage): Promise<string[]> {
  const names: string[] = []
  for (const law of storageLaws) {
    const world = memoryUnderTest()
    const storage = { ...world.storage, ...broken.instead(world.storage, world.leaseMs) }
    const error = await rejectionOf(law.holds({ ...world, storage }))
    if (error === undefined) continue
    // A law says what is broken; any other error would be a fault of the law itself.
    expect(error, `${law.name}: ${String(error)}`).toSatisfy(isJudgement)
    names.push(law.name)
  }
  return names
}

function isJudgement(error: unknown): boolean {
  return error instanceof LawBroken || (error instanceof Error && error.name === 'StorageFault')
}
