import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileStorage } from '@segno/adapters/file'
import { sqliteStorage } from '@segno/adapters/sqlite'
import { memoryStorage, type Evidence, type Storage } from '@segno/core'
import { CommandError } from './command-error.ts'
import type { SegnoConfig } from './config.ts'
import { isPostgres, openPostgres, withoutPassword } from './postgres-store.ts'
import { shownPath } from './workflow-file.ts'

/** Where a command finds runs, and what their processes printed. */
export interface Store {
  readonly storage: Storage
  readonly evidence: Evidence
  /** As messages tell it, such as `.segno`. */
  readonly shown: string
  /** The folder that it is, or will be; none where it is no folder of this command. */
  readonly dir?: string
  /** The SQLite database that it is, or will be. */
  readonly database?: string
  /** Of one on a PostgreSQL server: whether its tables are there; rejects where the server does not answer. */
  readonly remote?: () => Promise<boolean>
  /** Whether nothing of it outlives the process. */
  readonly volatile: boolean
  close(): Promise<void>
}

/** What decides which store it is. */
export interface StoreOptions {
  /** Of `--store`. */
  readonly given: string | undefined
  readonly config: SegnoConfig
  readonly cwd: string
  /** Whether it is made where it is not there, and may be in memory: only for a run that starts. */
  readonly starts: boolean
}

const folderDefault = '.segno'

/**
 * The store of `--store`, or of the configuration, or else `.segno` in the working
 * folder. A path that says so (`sqlite:` before it, or `.db` or `.sqlite` behind it)
 * is a database, an address such as `postgres://host/database` one on a server; every other one is a folder.
 */
export function openStore({ given, config, cwd, starts }: StoreOptions): Store {
  if (given === 'memory') {
    if (starts) return custom(memoryStorage(), 'memory')
    const hint = 'name the folder of a store, such as --store .segno'
    throw new CommandError({ code: 'OPTION_INVALID', message: '--store memory holds no runs of before', hint })
  }
  if (given === undefined && config.storage !== undefined) return custom(config.storage, 'the storage of segno.config')
  if (isPostgres(given)) return openRemote(given, cwd)
  const database = databaseOf(given)
  if (database !== undefined) return openDatabase(database, { cwd, starts })
  const dir = resolve(cwd, given ?? folderDefault)
  const shown = shownPath(dir, cwd)
  const entry = statSync(dir, { throwIfNoEntry: false })
  if (entry?.isDirectory() === false) {
    const message = `--store ${shown}: this is a file, not the folder of a store`
    throw new CommandError({
      code: 'OPTION_INVALID',
      message,
      hint: 'name a folder, or for a SQLite database sqlite:<path>',
    })
  }
  // Whoever only looks leaves no folder behind: where there is none, there are no runs.
  if (entry === undefined && !starts) return { ...custom(memoryStorage(), shown), dir }
  const storage = fileStorage({ dir })
  return { storage, evidence: storage.evidence, shown, dir, volatile: false, close: () => storage.close() }
}

function openRemote(given: string, cwd: string): Store {
  const storage = openPostgres(given, cwd)
  const { evidence = temporaryEvidence() } = storage
  const shown = withoutPassword(given)
  return { storage, evidence, shown, remote: () => storage.exists(), volatile: false, close: () => storage.close() }
}

function databaseOf(given: string | undefined): string | undefined {
  const [, path] = /^sqlite:(.+)$/.exec(given ?? '') ?? /^(.+\.(?:db|sqlite))$/i.exec(given ?? '') ?? []
  return path
}

function openDatabase(path: string, { cwd, starts }: Pick<StoreOptions, 'cwd' | 'starts'>): Store {
  const file = resolve(cwd, path)
  const shown = shownPath(file, cwd)
  const entry = statSync(file, { throwIfNoEntry: false })
  if (entry?.isDirectory() === true) {
    const message = `--store ${shown}: this is a folder, not a SQLite database`
    throw new CommandError({ code: 'OPTION_INVALID', message, hint: `name a file, such as --store ${shown}/segno.db` })
  }
  if (entry === undefined && !starts) return { ...custom(memoryStorage(), shown), database: file }
  const storage = sqliteStorage({ file })
  const { evidence } = storage
  return { storage, evidence, shown, database: file, volatile: false, close: () => storage.close() }
}

function custom(storage: Storage & { readonly evidence?: Evidence }, shown: string): Store {
  const volatile = storage.capabilities.durability === 'none'
  return { storage, evidence: storage.evidence ?? temporaryEvidence(), shown, volatile, close: async () => undefined }
}

// A storage that keeps no evidence leaves what processes print in a folder that the system clears away.
function temporaryEvidence(): Evidence {
  let root: string | undefined
  return {
    folder(runId, path, attempt) {
      root ??= mkdtempSync(join(tmpdir(), 'segno-evidence-'))
      return join(root, 'runs', runId, 'steps', path, `attempt-${attempt}`)
    },
  }
}
