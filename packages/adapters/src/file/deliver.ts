import { isTerminal, type DeliverOutcome, type Message } from '@segno/core'
import { ifPossible, onDisk, unavailable } from './faults.ts'
import { fileNameOf } from './file-name.ts'
import { refreshInbox, syncInbox } from './inbox.ts'
import { messagePath } from './layout.ts'
import { currentState } from './read-run.ts'
import { checked, jsonOf } from './record.ts'
import type { RunState } from './run-state.ts'
import { entryOf, inTurn, type FileStore, type RunEntry } from './store.ts'

/** `Storage.deliver`. */
export async function deliver(store: FileStore, runId: string, message: Message): Promise<DeliverOutcome> {
  const name = fileNameOf(runId)
  if (name === undefined) return { outcome: 'unknown', now: store.now() }
  const deliveredAt = store.now()
  const { id, name: kind, payload, sender } = message
  const json = jsonOf({ id, name: kind, payload, ...(sender === undefined ? {} : { sender }), deliveredAt })
  const entry = entryOf(store, name)
  const outcome = await inTurn(entry, () => send(store, entry, { id, text: checked(json) }))
  if (outcome === 'accepted') store.hint(runId, 'inbox')
  return { outcome, now: deliveredAt }
}

interface Sent {
  readonly id: string
  readonly text: string
}

async function send(store: FileStore, entry: RunEntry, sent: Sent): Promise<DeliverOutcome['outcome']> {
  const state = await currentState(store, entry)
  if (state === undefined) return 'unknown'
  if (state.inbox.ids.has(sent.id)) return duplicate(store, entry, state)
  if (isTerminal(state.status)) return 'closed'
  await store.ready()
  const { disk, layout } = store
  const staged = `${layout.sending}/${entry.name}~${store.freshName()}`
  try {
    const file = await disk.create(staged)
    if (file === undefined) throw unavailable(new Error(`${staged} exists`), false)
    try {
      await file.write(Buffer.from(sent.text))
      await file.sync()
    } finally {
      await file.close()
    }
    if (state.inbox.head === 0) await disk.makeNewFolder(`${entry.folder}/inbox`)
    return await link(store, entry, { state, id: sent.id, staged })
  } finally {
    await ifPossible(disk.remove(staged))
  }
}

interface Staged {
  readonly state: RunState
  readonly id: string
  readonly staged: string
}

// Whoever gives a message the next place has read all before it: so no id gets two places.
async function link(
  store: FileStore,
  entry: RunEntry,
  { state, id, staged }: Staged,
): Promise<DeliverOutcome['outcome']> {
  for (;;) {
    const { head } = state.inbox
    if (await store.disk.link(staged, messagePath(entry.folder, head + 1))) break
    await refreshInbox(store, state)
    if (state.inbox.ids.has(id)) return duplicate(store, entry, state)
    if (state.inbox.head === head) return 'unknown'
  }
  await onDisk(true, refreshInbox(store, state))
  await onDisk(true, syncInbox(store, entry, state))
  await store.changes.tell()
  return 'accepted'
}

async function duplicate(store: FileStore, entry: RunEntry, state: RunState): Promise<'duplicate'> {
  await syncInbox(store, entry, state)
  return 'duplicate'
}
