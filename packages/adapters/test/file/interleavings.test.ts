import { expect, test } from 'vitest'
import { explore } from './interleavings.ts'
import type { Contest } from './interleavings.ts'
import { SimulatedDisk } from './simulated-disk.ts'
import type { DiskHooks } from './simulated-disk.ts'

// Two that look whether a file is there before they make it, or ask the disk to do both at once.
function contest(make: (simulated: SimulatedDisk, hooks: DiskHooks) => Promise<boolean>): Contest {
  return {
    prepare: async () => new SimulatedDisk(),
    processes: [make, make],
    async judge(_, answers) {
      return [...answers.values()].filter((made) => made === true).length > 1 ? 'both made it' : undefined
    },
  }
}

test('every order of two calls each is tried, and orders that come to the same are followed once', async () => {
  const found = await explore(
    contest(async (simulated, hooks) => {
      const disk = simulated.disk(hooks)
      await disk.look('/f')
      return (await disk.create('/f')) !== undefined
    }),
  )
  expect(found).toEqual({ situations: 14, interleavings: 6n, wrong: [] })
})

test('an order in which two do not see each other is found', async () => {
  const { wrong } = await explore(
    contest(async (simulated, hooks) => {
      const disk = simulated.disk(hooks)
      if ((await disk.look('/f')) !== undefined) return false
      await disk.rename('/staged', '/f')
      await disk.makeFolder('/f')
      return true
    }),
  )
  expect(wrong.length).toBeGreaterThan(0)
  expect(wrong[0]).toContain('both made it')
})
