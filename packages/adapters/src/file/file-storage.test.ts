import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { durableStorageLaws, storageLaws, type DurableStorageUnderTest } from '@segno/core/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { fileStorage } from './index.ts'

let root = ''
let stores = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'segno-file-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

function underTest(): DurableStorageUnderTest {
  let now = Date.UTC(2026, 0, 1)
  const dir = join(root, `store-${(stores += 1)}`)
  return {
    storage: fileStorage({ dir, now: () => now }),
    reopen: async (host) => fileStorage({ dir, now: () => now + (host?.skewMs ?? 0) }),
    advance: async (ms) => {
      now += ms
    },
    leaseMs: 30_000,
  }
}

describe('fileStorage keeps the laws', { timeout: 30_000 }, () => {
  test.for([...storageLaws, ...durableStorageLaws])('$name', (law) => law.holds(underTest()))
})
