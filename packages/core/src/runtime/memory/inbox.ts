import { isTerminal } from '../../ports/batch.ts'
import type { DeliverOutcome, InboxMessage, Message } from '../../ports/storage.ts'
import type { MemoryRun, MemoryStore } from './store.ts'

/** `Storage.deliver`. */
export function deliver(store: MemoryStore, runId: string, message: Message): DeliverOutcome {
  const now = store.now()
  const run = store.runs.get(runId)
  if (run === undefined) return { outcome: 'unknown', now }
  if (run.accepted?.has(message.id) === true) return { outcome: 'duplicate', now }
  if (isTerminal(run.row.status)) return { outcome: 'closed', now }
  run.accepted ??= new Set()
  run.inbox ??= new Map()
  run.row.inboxHead += 1
  run.accepted.add(message.id)
  run.inbox.set(message.id, { ...message, n: run.row.inboxHead, deliveredAt: now })
  // The holder of a lease hears of it when it renews, appends or parks.
  const isParked = run.leaseExpiresAt === undefined && (run.place < 0 || run.dueAt > now)
  if (isParked) store.due.set(run, now)
  store.hint(runId, 'inbox')
  return { outcome: 'accepted', now }
}

/** Messages not yet consumed and newer than `after`. */
export function unconsumed(run: MemoryRun | undefined, after: number): InboxMessage[] {
  return run?.inbox === undefined ? [] : [...run.inbox.values()].filter((message) => message.n > after)
}
