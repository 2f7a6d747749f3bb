import type { InboxMessage } from '@segno/core'
import { damaged } from './faults.ts'
import { messagePath } from './layout.ts'
import { checkedText } from './record.ts'
import { ownInbox, type InboxState, type RunState } from './run-state.ts'
import type { FileStore, RunEntry } from './store.ts'
import { syncIn } from './sync-folders.ts'

/** Reads the messages that came since the last time. */
export async function refreshInbox(store: FileStore, state: RunState): Promise<void> {
  for (;;) {
    const path = messagePath(state.folder, state.inbox.head + 1)
    if (!(await store.disk.has(path))) return
    const bytes = await store.disk.read(path)
    if (bytes === undefined) return
    const text = checkedText(bytes.subarray(0, -1))
    // It was synced before it got its name.
    if (text === undefined) throw await damaged(store.disk, { path, offset: 0 }, 'the checksum of the message is wrong')
    take(ownInbox(state), JSON.parse(text) as InboxMessage)
  }
}

/** Messages not yet consumed and newer than `after`. */
export function unconsumed(state: RunState, after: number): InboxMessage[] {
  return [...state.inbox.open.values()].filter((message) => message.n > after)
}

/**
 * Makes durable what is known of the inbox: whatever is built on a message must not
 * outlive it, or its place would be given again to one that nobody looks at.
 */
export async function syncInbox(store: FileStore, entry: RunEntry, { inbox }: RunState): Promise<void> {
  const { head } = inbox
  if (inbox.syncedTo >= head) return
  await syncIn(store, entry, 'inbox')
  inbox.syncedTo = head
}

function take(inbox: InboxState, { id, ...message }: InboxMessage): void {
  inbox.head += 1
  inbox.ids.add(id)
  const wasConsumed = inbox.consumed.delete(id) || (inbox.head <= inbox.settled.head && !inbox.settled.open.has(id))
  if (!wasConsumed) inbox.open.set(id, { id, ...message, n: inbox.head })
}
