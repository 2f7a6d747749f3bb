import { accessSync, constants, mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Storage } from '@segno/core'
import { openStore, type Store, type StoreOptions } from './store.ts'

/** The store that runs would be kept in. */
export interface FoundStore {
  /** `files` is the folder that this command makes, `sqlite` a database, `postgres` one on a server; `config` is whatever the configuration names. */
  readonly kind: 'files' | 'sqlite' | 'postgres' | 'memory' | 'config'
  readonly path?: string
  /** Whether its folder or its database is there; it is made by the first run. */
  readonly exists?: boolean
  readonly durability: Storage['capabilities']['durability']
  readonly multiProcess: boolean
  /** Why runs could not be kept. */
  readonly flaw?: string
}

/** Finds the store, and whether something can be written where it is a folder. Makes no store. */
export async function storeFound(options: Omit<StoreOptions, 'starts'>): Promise<FoundStore> {
  // As for a run that starts: a storage of files makes its folder when it is first written to, and not before.
  const store = openStore({ ...options, starts: true })
  try {
    const { durability, multiProcess } = store.storage.capabilities
    const place = store.remote === undefined ? placeOf(store, options) : await remotePlaceOf(store.shown, store.remote)
    return { ...place, durability, multiProcess }
  } finally {
    await store.close()
  }
}

type Place = Pick<FoundStore, 'kind' | 'path' | 'exists' | 'flaw'>

async function remotePlaceOf(shown: string, exists: () => Promise<boolean>): Promise<Place> {
  const found = { kind: 'postgres', path: shown } as const
  try {
    return { ...found, exists: await exists() }
  } catch (error) {
    return { ...found, flaw: `${shown}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function placeOf({ dir, database, shown }: Store, { given }: Omit<StoreOptions, 'starts'>): Place {
  if (database !== undefined) {
    // SQLite makes files of its own beside the database.
    const folder = dirname(database)
    const flaw = isFolder(folder) ? flawOfWriting(folder) : flawOfMaking(folder)
    const exists = statSync(database, { throwIfNoEntry: false }) !== undefined
    return { kind: 'sqlite', path: shown, exists, ...(flaw !== undefined && { flaw: `${shown}: ${flaw}` }) }
  }
  if (dir === undefined) return { kind: given === 'memory' ? 'memory' : 'config' }
  const exists = isFolder(dir)
  const flaw = exists ? flawOfWriting(dir) : flawOfMaking(dir)
  return { kind: 'files', path: shown, exists, ...(flaw !== undefined && { flaw: `${shown}: ${flaw}` }) }
}

// Permissions tell too little: a disk may be full or mounted to be read, and root may do everything but that.
function flawOfWriting(folder: string): string | undefined {
  try {
    rmdirSync(mkdtempSync(join(folder, '.doctor-')))
    return undefined
  } catch (error) {
    return `nothing can be written there (${reasonOf(error)})`
  }
}

// Nothing is left, nor shown to those who watch it, in a folder that is not Segno's.
function flawOfMaking(folder: string): string | undefined {
  let above = dirname(folder)
  while (statSync(above, { throwIfNoEntry: false }) === undefined && above !== dirname(above)) above = dirname(above)
  if (!isFolder(above)) return `it cannot be made: ${above} is no folder`
  try {
    accessSync(above, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return `it cannot be made (${reasonOf(error)})`
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
