import { handleLaws } from './laws/handle-laws.ts'
import { restartLaws } from './laws/restart-laws.ts'
import type { Law } from './law.ts'
import type { DurableStorageUnderTest } from './storage-under-test.ts'

/**
 * What a storage keeps beside `storageLaws` if it outlives the process, or is
 * used by several. Each law wants a fresh storage.
 */
export const durableStorageLaws: readonly Law<DurableStorageUnderTest>[] = [...restartLaws, ...handleLaws]
