import { grown } from '../kernel/grown.ts'
import type { Storage } from '../ports/storage.ts'
import { append } from './memory/append.ts'
import { dueQueue } from './memory/due-queue.ts'
import { deliver, unconsumed } from './memory/inbox.ts'
import { acquire, release, renew } from './memory/leases.ts'
import { createRun, deleteRun, eventsFrom, list, load, readRow } from './memory/runs.ts'
import type { MemoryStore } from './memory/store.ts'

/** How a memory storage behaves. */
export interface MemoryStorageOptions {
  /** The store's clock, epoch ms; `Date.now` unless given. */
  readonly now?: () => number
  /** `tail` forgets the events that a snapshot covers; `all`, the default, keeps every one. */
  readonly keep?: 'all' | 'tail'
}

/**
 * A storage that lasts as long as the process: the reference implementation of
 * the port. Values are kept, not copied: what is handed in does not change
 * afterwards.
 */
export function memoryStorage(options: MemoryStorageOptions = {}): Storage {
  const hints = hintLine()
  const store: MemoryStore = {
    now: options.now ?? Date.now,
    keep: options.keep ?? 'all',
    created: 0,
    plans: new Map(),
    runs: new Map(),
    keys: new Map(),
    due: dueQueue(),
    hint: hints.send,
  }
  return {
    capabilities: { multiProcess: false, durability: 'none', transactions: false },
    putPlan: async (hash, definition) => {
      if (!store.plans.has(hash)) store.plans.set(hash, definition)
    },
    getPlan: async (hash) => store.plans.get(hash),
    createRun: async (run, batch, createOptions) => createRun(store, run, batch, createOptions),
    row: async (runId) => readRow(store, runId),
    load: async (runId) => load(store, runId),
    read: (runId, from) => eventsFrom(store.runs.get(runId), from),
    append(request) {
      // Half of the price of an `async` function, and there is one append a step.
      try {
        return Promise.resolve(append(store, request))
      } catch (error) {
        return Promise.reject(error)
      }
    },
    getBlob: async (runId, sha256) => store.runs.get(runId)?.blobs?.get(sha256),
    deliver: async (runId, message) => deliver(store, runId, message),
    inbox: async (runId, after) => unconsumed(store.runs.get(runId), after),
    acquire: async (acquireOptions) => acquire(store, acquireOptions),
    renew: async (renewOptions) => renew(store, renewOptions),
    release: async (lease) => release(store, lease),
    list: async (filter, page) => list(store, filter, page),
    delete: async (runId) => deleteRun(store, runId),
    subscribe: hints.subscribe,
  }
}

type HintListener = Parameters<NonNullable<Storage['subscribe']>>[0]

interface Hint {
  readonly runId: string
  readonly news: Parameters<HintListener>[1]
}

const resolved = Promise.resolve()

// Hints are gathered and given in a microtask of their own: never from inside a
// write, where a callback that throws would make the writer doubt its batch.
function hintLine(): { send: HintListener; subscribe: (callback: HintListener) => () => void } {
  const callbacks = new Set<{ readonly callback: HintListener }>()
  let pending: Hint[] = []
  function flush(): void {
    const hints = pending
    pending = []
    for (const { callback } of callbacks) for (const { runId, news } of hints) callback(runId, news)
  }
  return {
    send(runId, news) {
      if (callbacks.size === 0) return
      pending = grown(pending, { runId, news })
      // Less than a microtask that the platform keeps a context for.
      if (pending.length === 1) void resolved.then(flush)
    },
    subscribe(callback) {
      const own = { callback }
      callbacks.add(own)
      return () => callbacks.delete(own)
    },
  }
}
