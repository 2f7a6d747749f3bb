import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'

/**
 * The calls of better-sqlite3 that LangGraph's SqliteSaver makes, over the SQLite of Node:
 * better-sqlite3's own binary comes from no package, but is downloaded or compiled when it is installed.
 */
export class Database {
  readonly #database: DatabaseSync

  constructor(path: string) {
    this.#database = new DatabaseSync(path)
  }

  pragma(source: string): void {
    this.#database.exec(`PRAGMA ${source}`)
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  prepare(sql: string): Statement {
    return new Statement(this.#database.prepare(sql))
  }

  transaction<Arguments extends readonly unknown[]>(run: (...given: Arguments) => void): (...given: Arguments) => void {
    return (...given) => {
      this.#database.exec('BEGIN')
      try {
        run(...given)
      } catch (error) {
        this.#database.exec('ROLLBACK')
        throw error
      }
      this.#database.exec('COMMIT')
    }
  }

  close(): void {
    this.#database.close()
  }
}

class Statement {
  readonly #statement: StatementSync

  constructor(statement: StatementSync) {
    this.#statement = statement
  }

  get(...given: readonly Value[]): unknown {
    return this.#statement.get(...given.map(bound))
  }

  all(...given: readonly Value[]): readonly unknown[] {
    return this.#statement.all(...given.map(bound))
  }

  run(...given: readonly Value[]): void {
    this.#statement.run(...given.map(bound))
  }
}

type Value = SQLInputValue | undefined

/** better-sqlite3 takes an undefined for NULL, Node refuses it. */
function bound(value: Value): SQLInputValue {
  return value === undefined ? null : value
}
