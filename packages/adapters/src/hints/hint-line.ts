import type { Storage } from '@segno/core/storage'

/** Who is told that a run may have news. */
export type Listener = Parameters<NonNullable<Storage['subscribe']>>[0]

/** Hints of what a storage itself did. */
export interface HintLine {
  /** Given later and never from inside a write, where a callback that throws would make the writer doubt its batch. */
  readonly send: Listener
  readonly subscribe: (callback: Listener) => () => void
  /** How many listen. */
  readonly count: () => number
  readonly clear: () => void
}

/** Calls back whoever subscribed. */
export function hintLine(): HintLine {
  const listeners = new Set<{ readonly callback: Listener }>()
  let pending: Parameters<Listener>[] = []
  const flush = (): void => {
    const hints = pending
    pending = []
    for (const { callback } of listeners) for (const hint of hints) callback(...hint)
  }
  return {
    send(...hint) {
      if (listeners.size > 0 && pending.push(hint) === 1) queueMicrotask(flush)
    },
    subscribe(callback) {
      const own = { callback }
      listeners.add(own)
      return () => {
        listeners.delete(own)
      }
    },
    count: () => listeners.size,
    clear: () => listeners.clear(),
  }
}
