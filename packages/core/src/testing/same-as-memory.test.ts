import { describe, expect, test } from 'vitest'
import { rejectionOf } from './expectation.ts'
import { brokenStorages } from './laws/broken-storages.ts'
import { sameAsMemory } from './same-as-memory.ts'
import { storageOperations } from './storage-operations.ts'
import { memoryUnderTest } from './storage-under-test.ts'

/** Mistakes that only laws of their own find: by calls at the same time, hints, values that a storage may refuse, or one certain value. */
const unseen: ReadonlySet<string> = new Set([
  'loses the last event of a page',
  'goes on reading while others write',
  'reads the row after the events',
  'gives out the rows it works on',
  'goes on hinting',
  'encodes text as UTF-8',
  'ends text at a NUL',
  'copies objects key by key',
  'writes before it refuses',
  'trims the ids of messages',
  'does not wake who waits for a time that has passed',
  'leaves blobs behind',
])

describe('a comparison with the memory storage', () => {
  test('finds nothing in the memory storage itself', { timeout: 120_000 }, async () => {
    const report = await sameAsMemory({ open: async () => memoryUnderTest(), seed: 1, sequences: 50 })
    expect(report.sequences).toBe(50)
    expect(report.operations).toBeGreaterThan(50 * 40)
  })

  const findable = brokenStorages.filter(({ name }) => !unseen.has(name))
  test.for(findable)('finds a storage that $name', { timeout: 120_000 }, async ({ instead }) => {
    const open = async () => {
      const world = memoryUnderTest()
      return { ...world, storage: { ...world.storage, ...instead(world.storage, world.leaseMs) } }
    }
    expect(String(await rejectionOf(sameAsMemory({ open, seed: 1, sequences: 200 })))).toMatch(/sequence \d+ differs/)
  })

  test('tells the shortest sequence', async () => {
    const open = async () => {
      const world = memoryUnderTest()
      const lost: (typeof world.storage)['getPlan'] = async () => undefined
      return { ...world, storage: { ...world.storage, getPlan: lost } }
    }
    const error = await rejectionOf(sameAsMemory({ open, seed: 1, sequences: 200 }))
    const [, ...operations] = String(error).split('\n')
    expect(operations.map((text) => (JSON.parse(text) as { type: string }).type)).toEqual(['putPlan', 'getPlan'])
  })

  test('is the same for the same seed', async () => {
    expect(await storageOperations(7)).toEqual(await storageOperations(7))
  })
})
