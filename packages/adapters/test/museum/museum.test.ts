import { expect, test } from 'vitest'
import { describeOnEachStorage } from '../storages/storages.ts'
import { MuseumWorld } from './museum-world.ts'
import { owning } from './owning.ts'
import { waiting } from './waiting.ts'
import { working } from './working.ts'

const exhibits = [...waiting, ...working, ...owning]

describeOnEachStorage('the museum of bugs that others had', (stores) => {
  test.for(exhibits)('$name', { timeout: 60_000 }, async ({ show }) => {
    const world = new MuseumWorld(await stores.live())
    try {
      await show(world)
    } finally {
      await world.close()
    }
  })
})

test('the museum has its eighteen exhibits', () => {
  expect(exhibits).toHaveLength(18)
})
