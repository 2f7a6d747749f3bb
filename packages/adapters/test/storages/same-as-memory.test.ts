import { sameAsMemory } from '@segno/core/testing'
import { expect, test } from 'vitest'
import { describeOnEachStorage } from './storages.ts'

const isDeep = process.env['SEGNO_DEEP'] !== undefined
const sequences = isDeep ? 10_000 : 500
// Other sequences in each deep run; a failing one tells its number.
const seed = isDeep ? Math.floor(Date.now() / 1000) % 1_000_000_000 : 1

describeOnEachStorage('random operations', (stores) => {
  test('give what they give with the memory storage', { timeout: 7_200_000 }, async () => {
    const report = await sameAsMemory({ open: stores.atRest, seed, sequences })
    expect(report.sequences).toBe(sequences)
  })

  test.for([
    ['takes no key from others under which it was not created', 795_322_385],
    ['keeps the key under which it was created', 795_327_739],
  ] as const)('show that a creation that is sent again %s', async ([, one]) => {
    const report = await sameAsMemory({ open: stores.atRest, seed: one, sequences: 1 })
    expect(report.sequences).toBe(1)
  })
})
