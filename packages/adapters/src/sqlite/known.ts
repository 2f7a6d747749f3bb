import type { Database } from './database.ts'
import type { RunRecord } from './store.ts'

/**
 * What this connection has read or written and nobody else has changed since: runs,
 * and the number of this process. It holds within a transaction that writes, once
 * `begin` has looked whether another connection has committed anything; a transaction
 * that is undone takes all of it away.
 */
export interface Known {
  readonly runs: Map<string, RunRecord>
  process: number | undefined
  /** A transaction has begun: what others may have changed is forgotten. */
  begin(database: Database): void
  clear(): void
}

const runsMax = 1_000

/** Nothing known yet. */
export function knownOf(): Known {
  let version: number | undefined
  const known: Known = {
    runs: new Map(),
    process: undefined,
    begin(database) {
      const now = database.one<{ data_version: number }>('PRAGMA data_version')?.data_version
      if (now !== version || known.runs.size > runsMax) known.clear()
      version = now
    },
    clear() {
      known.runs.clear()
      known.process = undefined
    },
  }
  return known
}
