import type { RunEvent } from '@segno/schema/plan'
import { readFileJournals } from './file-journals.ts'
import { readPostgresJournals } from './postgres-journals.ts'
import { readSqliteJournals } from './sqlite-journals.ts'
import { databaseFile, storeFolder, type StorePlace } from './store-place.ts'

/** An event, and the lease that it was written under, where the store keeps that beside it. */
export interface Written {
  readonly event: RunEvent
  readonly lease?: number
}

/** A run as what its store keeps tells of it. */
export interface Journal {
  readonly runId: string
  readonly written: readonly Written[]
  readonly hasSnapshot: boolean
  readonly blobs: number
  /** What the store says of the run beside its journal, where it keeps that in a row of its own. */
  readonly row?: StoredRow
}

/** A row of the list of runs. */
export interface StoredRow {
  readonly status: string
  readonly head: number
  readonly wakeAt: number | null
  readonly isHeld: boolean
}

/** Reads the journals of a store with nothing of the storage that wrote them: it would judge itself. */
export async function readJournals(place: StorePlace): Promise<readonly Journal[]> {
  switch (place.kind) {
    case 'file':
      return readFileJournals(storeFolder(place))
    case 'sqlite':
      return readSqliteJournals(databaseFile(place))
    case 'postgres':
      return readPostgresJournals(place)
    default:
      return place satisfies never
  }
}
