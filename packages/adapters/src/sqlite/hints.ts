import type { Storage } from '@segno/core/storage'

type Listener = Parameters<NonNullable<Storage['subscribe']>>[0]

/** Hints of this process. */
export interface Hints {
  readonly send: Listener
  readonly subscribe: (callback: Listener) => () => void
}

/** Calls back whoever subscribed: later, and never from inside a call. */
export function hintLine(): Hints {
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
  }
}
