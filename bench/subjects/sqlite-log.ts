import { DatabaseSync } from 'node:sqlite'

/** The two tables of a log of steps, and what is asked of them. Each call that writes is a commit, unless one is begun. */
export interface SqliteLog {
  create(run: string): void
  record(run: string, step: number, output: string): void
  count(run: string): number
  begin(): void
  commit(): void
  close(): void
}

/** The settings of every raw SQLite baseline. */
export const sqliteSettings = 'journal_mode=WAL, synchronous=FULL'

/** Opens the database of a log, and makes it if it is not there. */
export function sqliteLog(file: string): SqliteLog {
  const database = new DatabaseSync(file)
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS runs (run TEXT PRIMARY KEY, created INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS steps (run TEXT, step INTEGER, output TEXT NOT NULL, PRIMARY KEY (run, step)) WITHOUT ROWID`)
  const create = database.prepare('INSERT INTO runs VALUES (?, ?)')
  const record = database.prepare('INSERT INTO steps VALUES (?, ?, ?)')
  const count = database.prepare('SELECT count(*) AS steps FROM steps WHERE run = ?')
  const [begin, commit] = [database.prepare('BEGIN IMMEDIATE'), database.prepare('COMMIT')]
  return {
    create: (run) => void create.run(run, Date.now()),
    record: (run, step, output) => void record.run(run, step, output),
    count: (run) => Number(count.get(run)?.['steps']),
    begin: () => void begin.run(),
    commit: () => void commit.run(),
    close: () => database.close(),
  }
}
