import { commitFault, faultOf } from './faults.ts'
import type { Change, Reply } from './protocol.ts'
import type { Store } from './store.ts'
import { change } from './work.ts'

/** What became of a group of changes: whose transaction failed, the connection is not to be trusted. */
export interface GroupOutcome {
  readonly replies: readonly Reply[]
  readonly isBroken: boolean
}

/**
 * Makes changes in one transaction, and syncs once for all of them. One that fails
 * leaves nothing behind and hurts no neighbour; nobody hears of anything before it
 * is committed. Throws where the transaction cannot even begin, such as while another
 * connection is writing.
 */
export function commitGroup(store: Store, calls: readonly Change[], clock: () => number): GroupOutcome {
  begin(store)
  return togetherIn(store, calls, clock) ?? oneByOneIn(store, calls, clock)
}

function begin({ database, known }: Store): void {
  database.run('BEGIN IMMEDIATE')
  known?.begin(database)
}

function undo({ database, known }: Store): void {
  known?.clear()
  // SQLite undoes the whole transaction itself where the disk is full or does not answer.
  if (database.sqlite.isTransaction) database.run('ROLLBACK')
}

// Most often none of them fails, and nothing has to be remembered that it could be undone alone to.
function togetherIn(store: Store, calls: readonly Change[], clock: () => number): GroupOutcome | undefined {
  const replies: Reply[] = []
  try {
    for (const call of calls) replies.push({ id: call.id, answer: change(store, call, call.now ?? clock()) })
  } catch {
    // What is wrong with which of them, and of what kind it is, shows when they are made one by one.
    undo(store)
    begin(store)
    return undefined
  }
  return committed(store, calls, replies)
}

function oneByOneIn(store: Store, calls: readonly Change[], clock: () => number): GroupOutcome {
  const replies: Reply[] = []
  for (const call of calls) {
    try {
      replies.push(changedAlone(store, call, clock))
    } catch (error) {
      undo(store)
      return failed(calls, error, false)
    }
  }
  return committed(store, calls, replies)
}

function committed(store: Store, calls: readonly Change[], replies: readonly Reply[]): GroupOutcome {
  try {
    store.database.run('COMMIT')
  } catch (error) {
    store.known?.clear()
    return failed(calls, commitFault(error), true)
  }
  return { replies, isBroken: false }
}

/** The reply that tells of a fault. */
export function faultReply(id: number, error: unknown, ambiguous: boolean): Reply {
  const { code, message, ambiguous: mayBe } = faultOf(error, ambiguous)
  return { id, fault: { code, message, ambiguous: mayBe } }
}

function changedAlone(store: Store, call: Change, clock: () => number): Reply {
  const { database, known } = store
  const { sqlite } = database
  sqlite.exec('SAVEPOINT segno_call')
  try {
    const answer = change(store, call, call.now ?? clock())
    sqlite.exec('RELEASE segno_call')
    return { id: call.id, answer }
  } catch (error) {
    if (!sqlite.isTransaction) throw error
    known?.clear()
    sqlite.exec('ROLLBACK TO segno_call; RELEASE segno_call')
    return faultReply(call.id, error, false)
  }
}

// A fault that one of them caused is told of all: none was written, or none is known to be.
function failed(calls: readonly Change[], error: unknown, ambiguous: boolean): GroupOutcome {
  return { replies: calls.map(({ id }) => faultReply(id, error, ambiguous)), isBroken: true }
}
