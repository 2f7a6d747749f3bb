import { durableStorageLaws, storageLaws, transactionLaws } from '@segno/core/testing'
import { describe, test, vi } from 'vitest'
import { storeAtRest, storeInRealTime } from './virtual-clock.ts'
import { describeWithServer } from './with-server.ts'

const laws = [...storageLaws, ...durableStorageLaws, ...transactionLaws]

describeWithServer('postgresStorage keeps the laws', (world) => {
  describe('with a clock that stands still', () => {
    test.for(laws)('$name', async (law) => law.holds(await storeAtRest(world.pool)))
  })

  // They wait for leases to run out: all at once.
  describe('by the clock of the server, where time matters', () => {
    vi.setConfig({ maxConcurrency: 100 })
    const inTime = laws.filter((law) => law.holds.toString().includes('advance('))
    test.concurrent.for(inTime)('$name', async (law) => law.holds(await storeInRealTime(world.pool)))
  })
})
