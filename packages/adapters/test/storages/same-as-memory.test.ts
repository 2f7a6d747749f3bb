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

  // A creation that is sent again under another idempotency key took that key from all others.
  test('give it in the sequence in which they did not', async () => {
    const report = await sameAsMemory({ open: stores.atRest, seed: 795_322_385, sequences: 1 })
    expect(report.sequences).toBe(1)
  })
})
