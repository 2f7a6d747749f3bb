import { acquireLaws } from './laws/acquire-laws.ts'
import { appendLaws } from './laws/append-laws.ts'
import { batchIdLaws } from './laws/batch-id-laws.ts'
import { blobLaws } from './laws/blob-laws.ts'
import { createLaws } from './laws/create-laws.ts'
import { deleteLaws } from './laws/delete-laws.ts'
import { hintLaws } from './laws/hint-laws.ts'
import { inboxLaws } from './laws/inbox-laws.ts'
import { journalLaws } from './laws/journal-laws.ts'
import { leaseLaws } from './laws/lease-laws.ts'
import { listLaws } from './laws/list-laws.ts'
import { valueLaws } from './laws/value-laws.ts'
import type { Law } from './law.ts'
import type { StorageUnderTest } from './storage-under-test.ts'

/**
 * What every storage keeps. Each law wants a fresh storage.
 *
 * @example
 * describe('myStorage keeps the laws', () => {
 *   test.for(storageLaws)('$name', (law) => law.holds({ storage: myStorage(), advance: wait, leaseMs: 300 }))
 * })
 */
export const storageLaws: readonly Law<StorageUnderTest>[] = [
  ...createLaws,
  ...appendLaws,
  ...batchIdLaws,
  ...journalLaws,
  ...valueLaws,
  ...blobLaws,
  ...leaseLaws,
  ...acquireLaws,
  ...inboxLaws,
  ...listLaws,
  ...deleteLaws,
  ...hintLaws,
]
