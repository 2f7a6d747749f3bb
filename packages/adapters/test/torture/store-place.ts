import { basename, join } from 'node:path'
import type { Evidence, Storage } from '@segno/core'
import { fileStorage } from '@segno/adapters/file'
import { postgresStorage } from '@segno/adapters/postgres'
import { sqliteStorage } from '@segno/adapters/sqlite'

/** The storages that are tortured: those that outlive a process. */
export const storeKinds = ['file', 'sqlite', 'postgres'] as const

/** One of them. */
export type StoreKind = (typeof storeKinds)[number]

/** Where a store is, as its processes are told on the command line. */
export type StorePlace = {
  /** Of the torture: the store is in it where it is made of files, and what processes print is. */
  readonly folder: string
} & ({ readonly kind: 'file' | 'sqlite' } | ({ readonly kind: 'postgres' } & PostgresPlace))

/** A schema of a server. */
export interface PostgresPlace {
  readonly url: string
  readonly schema: string
}

/** The place of a new store in a folder; `url` is that of the server, where it needs one. */
export function newPlace(kind: StoreKind, folder: string, url: string): StorePlace {
  if (kind !== 'postgres') return { kind, folder }
  return { kind, folder, url, schema: `torture_${basename(folder).replaceAll('-', '_')}` }
}

/** A store that is open in this process. */
export interface OpenStore {
  readonly storage: Storage
  readonly evidence: Evidence
  close(): Promise<void>
}

/** Opens a store; as many processes as there are may do so at once. */
export function openStore(place: StorePlace): OpenStore {
  switch (place.kind) {
    case 'file':
      return opened(fileStorage({ dir: storeFolder(place) }))
    case 'sqlite':
      return opened(sqliteStorage({ file: databaseFile(place) }))
    case 'postgres': {
      const storage = postgresStorage({ connectionString: place.url, schema: place.schema })
      return opened({
        ...storage,
        evidence: { folder: (...attempt) => join(place.folder, 'steps', ...attempt.map(String)) },
      })
    }
    default:
      return place satisfies never
  }
}

function opened(storage: Storage & Pick<OpenStore, 'evidence' | 'close'>): OpenStore {
  return { storage, evidence: storage.evidence, close: () => storage.close() }
}

/** The folder of a store that is made of files. */
export function storeFolder({ folder }: Pick<StorePlace, 'folder'>): string {
  return join(folder, 'store')
}

/** The file of a database. */
export function databaseFile({ folder }: Pick<StorePlace, 'folder'>): string {
  return join(folder, 'store.db')
}
