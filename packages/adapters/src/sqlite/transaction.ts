import type { AppendOutcome, LeaseName, SqlResult } from '@segno/core/storage'
import { append } from './append.ts'
import { openDatabase } from './database.ts'
import { commitFault, failedStatement, faultOf, isConstraint } from './faults.ts'
import { heldRun } from './leases.ts'
import type { AppendText, Steps } from './protocol.ts'
import { guarded, runStatement } from './statement.ts'
import type { Store } from './store.ts'

/** A transaction of a `tx` step. It has a connection of its own, so that nothing of it is left for the next one. */
export interface OpenTransaction {
  query(args: Steps['query']['args']): SqlResult
  /** Writes the batch and commits, or undoes all. */
  finish(request: AppendText, now: number): AppendOutcome
  rollback(): void
}

/**
 * Opens a transaction that nobody writes beside; `undefined` where the lease is not
 * held. Throws while another process is writing.
 */
export function openTransaction(
  { file, ...rest }: Omit<Store, 'database'> & { readonly file: string },
  lease: LeaseName,
  now: number,
): OpenTransaction | undefined {
  const database = openDatabase(file)
  const { sqlite } = database
  const store = { ...rest, database }
  try {
    sqlite.exec('BEGIN IMMEDIATE')
    if (heldRun(store, lease, now) === undefined) {
      database.close()
      return undefined
    }
  } catch (error) {
    database.close()
    throw error
  }
  const guard = guarded(sqlite)
  let flaw: Error | undefined
  return {
    query({ text, values }) {
      if (flaw !== undefined) throw flaw
      try {
        return runStatement(sqlite, guard, { text, values })
      } catch (error) {
        // What is refused was not run. After anything else the transaction can only be undone, as on other databases.
        const fault = faultOf(error, false)
        if (fault.code === 'SQL_FAILED') flaw = fault
        throw fault
      }
    },
    finish(request, at) {
      try {
        if (flaw !== undefined) throw flaw
        const outcome = append(store, request, at)
        if (outcome.outcome === 'ok') commit(store)
        return outcome
      } finally {
        database.close()
      }
    },
    // What is not committed when a connection is closed is undone.
    rollback: () => database.close(),
  }
}

function commit({ database }: Store): void {
  try {
    database.sqlite.exec('COMMIT')
  } catch (error) {
    // A constraint of the user's that is checked only now: nothing was written.
    if (isConstraint(error)) throw failedStatement(error)
    throw commitFault(error)
  }
}
