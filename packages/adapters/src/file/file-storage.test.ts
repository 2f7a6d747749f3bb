import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storageLaws, type StorageUnderTest } from '@segno/core/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { fileStorage } from './index.ts'

let root = ''
let stores = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'segno-file-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

function underTest(): StorageUnderTest {
  let now = Date.UTC(2026, 0, 1)
  const storage = fileStorage({ dir: join(root, `store-${(stores += 1)}`), now: () => now })
  return {
    storage,
    advance: async (ms) => {
      now += ms
    },
    leaseMs: 30_000,
  }
}

describe('fileStorage keeps the laws', { timeout: 30_000 }, () => {
  test.for(storageLaws)('$name', (law) => law.holds(underTest()))
})
