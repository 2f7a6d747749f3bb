import { durableStorageLaws, storageLaws } from '@segno/core/testing'
import { describe, test } from 'vitest'
import { storeAtRest } from './virtual-clock.ts'
import { describeWithServer } from './with-server.ts'

describeWithServer('postgresStorage keeps the laws', (world) => {
  describe('with a clock that stands still', () => {
    test.for([...storageLaws, ...durableStorageLaws])('$name', async (law) => law.holds(await storeAtRest(world.pool)))
  })
})
