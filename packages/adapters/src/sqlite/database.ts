import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { StorageFault } from '@segno/core/storage'
import { migrations } from './schema.ts'

/** A connection, with its statements prepared once. */
export interface Database {
  readonly file: string
  readonly sqlite: DatabaseSync
  /** The first row; what is in it is what the `STRICT` tables hold. */
  one<Row>(sql: string, ...values: readonly SQLInputValue[]): Row | undefined
  all<Row>(sql: string, ...values: readonly SQLInputValue[]): readonly Row[]
  /** Rows as they are needed, for as long as nothing else is asked by this statement. */
  each<Row>(sql: string, ...values: readonly SQLInputValue[]): Iterable<Row>
  /** How many rows were changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number
  /** The number of the row that was put in; `undefined` where there was one in its place. */
  insert(sql: string, ...values: readonly SQLInputValue[]): number | undefined
  close(): void
}

/**
 * Opens a database, makes it where there is none, and brings its tables to the
 * version of this package. Throws `JOURNAL_FORMAT` on one that is newer.
 */
export function openDatabase(file: string): Database {
  makeFolder(dirname(file))
  makeFile(file)
  const database = connect(file)
  try {
    prepare(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function connect(file: string): Database {
  const sqlite = new DatabaseSync(file, { timeout: openingMs })
  const statements = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const made = sqlite.prepare(sql)
    statements.set(sql, made)
    return made
  }
  return {
    file,
    sqlite,
    one: <Row>(sql: string, ...values: readonly SQLInputValue[]) => statement(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: readonly SQLInputValue[]) => statement(sql).all(...values) as Row[],
    each: <Row>(sql: string, ...values: readonly SQLInputValue[]) => statement(sql).iterate(...values) as Iterable<Row>,
    run: (sql, ...values) => Number(statement(sql).run(...values).changes),
    insert(sql, ...values) {
      const { changes, lastInsertRowid } = statement(sql).run(...values)
      return Number(changes) === 0 ? undefined : Number(lastInsertRowid)
    },
    close: () => sqlite.close(),
  }
}

// How long a process that opens the database waits for one that is just making its tables.
const openingMs = 5_000
// Who wants to write and finds another process writing asks again later, so that readers of its own do not wait.
const waitingMs = 20

function prepare(database: Database): void {
  const { sqlite, file } = database
  const mode = database.one<{ journal_mode: string }>('PRAGMA journal_mode = WAL')?.journal_mode
  if (mode !== 'wal') {
    const message = `${file}: the journal mode is ${mode}, expected wal: this file system cannot share a database.`
    throw new StorageFault('STORAGE_UNAVAILABLE', message, { ambiguous: false })
  }
  sqlite.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
  if (versionOf(database) !== migrations.length) migrate(database)
  sqlite.exec(`PRAGMA busy_timeout = ${waitingMs}`)
}

// In a table and not in `user_version`, which belongs to the application whose tables are in the same file.
function versionOf(database: Database): number {
  const isThere = database.one("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'segno_schema'")
  if (isThere === undefined) return 0
  const version = database.one<{ version: number }>('SELECT version FROM segno_schema')?.version ?? 0
  if (version <= migrations.length) return version
  const message = `${database.file}: tables of version ${version}, expected at most ${migrations.length}: a newer version of Segno made them.`
  throw new StorageFault('JOURNAL_FORMAT', message, { ambiguous: false })
}

function migrate(database: Database): void {
  const { sqlite } = database
  sqlite.exec('BEGIN EXCLUSIVE')
  try {
    // Another process may have done it in the meantime.
    const version = versionOf(database)
    if (version === 0) sqlite.exec('CREATE TABLE IF NOT EXISTS segno_schema (version INTEGER NOT NULL) STRICT')
    for (const step of migrations.slice(version)) sqlite.exec(step)
    sqlite.exec(`DELETE FROM segno_schema; INSERT INTO segno_schema VALUES (${migrations.length})`)
    sqlite.exec('COMMIT')
  } catch (error) {
    if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
    throw error
  }
}

// For its owner only, and so is what SQLite puts beside it: that has the mode of the database. One that is there is not
// opened: to close it again would let go of all locks that this process has on it.
function makeFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

// A folder that is made lasts once the one above it is synced; in its own folder SQLite does that itself.
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const above = openSync(dirname(folder), 'r')
  try {
    fsyncSync(above)
  } finally {
    closeSync(above)
  }
}
