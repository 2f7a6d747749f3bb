import { Worker } from 'node:worker_threads'
import type { LeaseKeeper, LeaseName, Storage } from '@segno/core'
import { threadFile } from '../thread/thread-file.ts'
import type { KeptStore } from './kept-store.ts'

/** What a thread that keeps leases is started with. */
export interface KeeperData {
  readonly store: KeptStore
  readonly ttlMs: number
  readonly hungAfterMs: number
}

/** What it is told: the leases of now, or that it is over. */
export type KeeperMessage = { readonly leases: readonly LeaseName[] } | { readonly close: true }

/**
 * Keeps leases from a thread of its own, which opens the store for itself. The thread
 * is started at once, keeps no process alive, and ends with it. One that dies is
 * started again with the next leases, but not sooner than a lease lasts: until then the
 * host renews them alone.
 */
export function threadKeeper(
  store: KeptStore,
  { ttlMs, hungAfterMs }: Parameters<NonNullable<Storage['keeper']>>[0],
): LeaseKeeper {
  const data: KeeperData = { store, ttlMs, hungAfterMs }
  let thread: Worker | undefined
  let startedAt = 0
  let isClosed = false
  const start = (): Worker => {
    const { url, execArgv, env } = threadFile('keeper/thread')
    // Node 22 warns of `node:sqlite` each time.
    const options = { workerData: data, env, execArgv: [...execArgv, '--disable-warning=ExperimentalWarning'] }
    const started = new Worker(url, options)
    const lose = (): void => {
      if (thread === started) thread = undefined
    }
    // Nobody is told: what it does not do shows when the host asks for its leases.
    started.on('error', lose)
    started.on('exit', lose)
    started.unref()
    startedAt = performance.now()
    return started
  }
  thread = start()
  return {
    keep(leases) {
      if (isClosed) return
      if (thread === undefined && performance.now() - startedAt >= ttlMs) thread = start()
      thread?.postMessage({ leases } satisfies KeeperMessage)
    },
    async close() {
      if (isClosed) return
      isClosed = true
      const open = thread
      if (open === undefined) return
      const ended = new Promise((resolve) => open.once('exit', resolve))
      open.ref()
      open.postMessage({ close: true } satisfies KeeperMessage)
      await ended
    },
  }
}
