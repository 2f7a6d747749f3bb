import { memoryUnderTest, storageLaws } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { memoryStorage } from './index.ts'

describe('memoryStorage keeps the laws', () => {
  test.for(storageLaws)('$name', (law) => law.holds(memoryUnderTest()))
})

describe('memoryStorage keeps the laws where it keeps only the snapshot and the tail', () => {
  test.for(storageLaws)('$name', (law) => law.holds(memoryUnderTest({ keep: 'tail' })))
})

test('a storage tells the time of the host unless it is given a clock', async () => {
  const before = Date.now()
  const { now } = await memoryStorage().acquire({ owner: 'test', ttlMs: 1, limit: 1 })
  expect(now).toBeGreaterThanOrEqual(before)
  expect(now).toBeLessThanOrEqual(Date.now())
})
