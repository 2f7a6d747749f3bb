import { constants, type DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite'
import type { SqlResult, SqlValue } from '@segno/core/storage'
import { failedStatement, isUnauthorized, refused } from './faults.ts'

/** Keeps statements of users off what they may not touch, for as long as `isOn`. */
export interface Guard {
  isOn: boolean
}

/**
 * Sets the guard on a connection: nothing that ends the transaction or leads out of
 * it, and nothing that changes tables of Segno, also by a trigger. Before Node 24.10
 * only the text of a statement can be looked at.
 */
export function guarded(sqlite: DatabaseSync): Guard {
  const guard = { isOn: false }
  if ('setAuthorizer' in sqlite) {
    sqlite.setAuthorizer((action, ...names) =>
      guard.isOn && !isAllowed(action, names) ? constants.SQLITE_DENY : constants.SQLITE_OK,
    )
  }
  return guard
}

/** Runs one statement of a user. */
export function runStatement(
  sqlite: DatabaseSync,
  guard: Guard,
  { text, values }: { readonly text: string; readonly values: readonly SqlValue[] },
): SqlResult {
  refuseText(text, 'setAuthorizer' in sqlite)
  guard.isOn = true
  try {
    const statement = sqlite.prepare(text)
    if (wordsOf(text.slice(statement.sourceSQL.length)) !== '') throw refused('it is more than one statement')
    statement.setReadBigInts(true)
    const bound = values.map(boundValue)
    if (statement.columns().length === 0) return { rows: [], rowCount: Number(statement.run(...bound).changes) }
    const rows = statement.all(...bound).map(plainRow)
    return { rows, rowCount: rows.length }
  } catch (error) {
    throw isUnauthorized(error) ? refused('it ends the transaction, or changes tables of the store') : errorOf(error)
  } finally {
    guard.isOn = false
  }
}

function errorOf(error: unknown): Error {
  return error instanceof Error && 'ambiguous' in error ? error : failedStatement(error)
}

function isAllowed(action: number, names: readonly (string | null)[]): boolean {
  if (outside.has(action)) return false
  return reading.has(action) || !names.some((name) => name !== null && /^segno_/i.test(name))
}

const outside: ReadonlySet<number> = new Set([
  constants.SQLITE_TRANSACTION,
  constants.SQLITE_SAVEPOINT,
  constants.SQLITE_PRAGMA,
  constants.SQLITE_ATTACH,
  constants.SQLITE_DETACH,
])
const reading: ReadonlySet<number> = new Set([
  constants.SQLITE_READ,
  constants.SQLITE_SELECT,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_RECURSIVE,
])

const leading = /^(begin|commit|end|rollback|savepoint|release|attach|detach|pragma|vacuum)\b/i

function refuseText(text: string, hasAuthorizer: boolean): void {
  const words = wordsOf(text)
  if (words === '') throw refused('there is none')
  const [word] = leading.exec(words) ?? []
  if (word !== undefined) throw refused(`${word.toUpperCase()} is not for a step`)
  if (!hasAuthorizer && /\bsegno_/i.test(words)) throw refused('it names a table of the store')
}

/** A text without what means nothing at its beginning: comments, spaces, semicolons. */
function wordsOf(text: string): string {
  return text.replace(/^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$))+/, '')
}

function boundValue(value: SqlValue): SQLInputValue {
  return typeof value === 'boolean' ? Number(value) : value
}

// A whole number is a number as long as it can be one.
function plainRow(row: Readonly<Record<string, SQLOutputValue>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const isSafe = typeof value === 'bigint' && Number.isSafeInteger(Number(value))
      return [name, isSafe ? Number(value) : value]
    }),
  )
}
