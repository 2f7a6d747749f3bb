import { expect, test } from 'vitest'
import type { Disk } from '../../src/file/disk.ts'
import { explore } from './interleavings.ts'
import type { Contest } from './interleavings.ts'
import { SimulatedDisk } from './simulated-disk.ts'

// Two that look whether a file is there before they make it, or ask the disk to do both at once.
function contest(make: (disk: Disk) => Promise<boolean>): Contest {
  return {
    async prepare(hooksOf) {
      const simulated = new SimulatedDisk()
      return { simulated, processes: [0, 1].map((process) => () => make(simulated.disk(hooksOf(process)))) }
    },
    async judge(_, answers) {
      return [...answers.values()].filter((made) => made === true).length > 1 ? 'both made it' : undefined
    },
  }
}

test('every order of two calls each is tried, and orders that come to the same are followed once', async () => {
  const found = await explore(
    contest(async (disk) => {
      await disk.look('/f')
      return (await disk.create('/f')) !== undefined
    }),
  )
  expect(found).toEqual({ situations: 14, interleavings: 6n, wrong: [] })
})

test('an order in which two do not see each other is found', async () => {
  const { wrong } = await explore(
    contest(async (disk) => {
      if ((await disk.look('/f')) !== undefined) return false
      await disk.makeFolder('/f')
      return true
    }),
  )
  expect(wrong.length).toBeGreaterThan(0)
  expect(wrong[0]).toContain('both made it')
})

test('a name that is random does not make orders different', async () => {
  const staged = contest(async (disk) => (await disk.create(`/staged-${Math.random()}`)) !== undefined)
  const found = await explore({ ...staged, judge: async () => undefined, random: /staged-(.*)/ })
  expect(found).toEqual({ situations: 4, interleavings: 2n, wrong: [] })
})
