import type { Storage } from '@segno/core'
import { nameOfFile } from './file-name.ts'
import type { FileStore } from './store.ts'

type Listener = Parameters<NonNullable<Storage['subscribe']>>[0]

/** Hints of this process, and of messages that others send. */
export interface Hints {
  /** Given later and never from inside a write, where a callback that throws would make the writer doubt its batch. */
  readonly send: Listener
  readonly subscribe: (store: FileStore, callback: Listener) => () => void
  readonly close: () => Promise<void>
}

/** Calls back whoever subscribed. */
export function hintLine(): Hints {
  const listeners = new Set<{ readonly callback: Listener }>()
  let pending: Parameters<Listener>[] = []
  let stop: (() => void) | undefined
  let watching: Promise<unknown> = Promise.resolve()
  const flush = (): void => {
    const hints = pending
    pending = []
    for (const { callback } of listeners) for (const hint of hints) callback(...hint)
  }
  const send: Listener = (...hint) => {
    if (listeners.size > 0 && pending.push(hint) === 1) queueMicrotask(flush)
  }
  const unwatch = (): void => {
    stop?.()
    stop = undefined
  }
  return {
    send,
    async close() {
      listeners.clear()
      await watching
      unwatch()
    },
    subscribe(store, callback) {
      const own = { callback }
      listeners.add(own)
      if (listeners.size === 1) watching = Promise.allSettled([watch(store)])
      return () => {
        listeners.delete(own)
        if (listeners.size === 0) unwatch()
      }
    },
  }

  // Every message passes through one folder, so one watch is enough for all runs.
  async function watch(store: FileStore): Promise<void> {
    await store.ready()
    if (listeners.size === 0 || stop !== undefined) return
    stop = store.disk.watch?.(store.layout.sending, (name) => {
      const runId = nameOfFile(name.slice(0, Math.max(0, name.indexOf('~'))))
      if (runId !== undefined) send(runId, 'inbox')
    })
  }
}
