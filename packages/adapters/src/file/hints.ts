import { hintLine, type HintLine, type Listener } from '../hints/hint-line.ts'
import { nameOfFile } from './file-name.ts'
import type { FileStore } from './store.ts'

/** Hints of this process, and of messages that others send. */
export interface FileHints {
  readonly send: HintLine['send']
  readonly subscribe: (store: FileStore, callback: Listener) => () => void
  readonly close: () => Promise<void>
}

/** Calls back whoever subscribed. */
export function fileHints(): FileHints {
  const line = hintLine()
  let stop: (() => void) | undefined
  let watching: Promise<unknown> = Promise.resolve()
  const unwatch = (): void => {
    stop?.()
    stop = undefined
  }
  return {
    send: line.send,
    async close() {
      line.clear()
      await watching
      unwatch()
    },
    subscribe(store, callback) {
      const leave = line.subscribe(callback)
      if (line.count() === 1) watching = Promise.allSettled([watch(store)])
      return () => {
        leave()
        if (line.count() === 0) unwatch()
      }
    },
  }

  // Every message passes through one folder, so one watch is enough for all runs.
  async function watch(store: FileStore): Promise<void> {
    await store.ready()
    if (line.count() === 0 || stop !== undefined) return
    stop = store.disk.watch?.(store.layout.sending, (name) => {
      const runId = nameOfFile(name.slice(0, Math.max(0, name.indexOf('~'))))
      if (runId !== undefined) line.send(runId, 'inbox')
    })
  }
}
