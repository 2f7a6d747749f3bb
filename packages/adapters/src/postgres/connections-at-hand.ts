import type { Pool, PoolClient } from 'pg'

/** Connections that were used a moment ago: the way through the pool takes longer than many a question that is asked. */
export interface ConnectionsAtHand {
  /** The one that was used last, if there is one. */
  take(): PoolClient | undefined
  /** Has a connection of the pool come here once it is given back, unless somebody waits for it there. */
  keep(pool: Pool, client: PoolClient): PoolClient
  /** Gives them back to their pool, and from now on each at once. */
  close(): void
}

/** Keeps connections at hand until none was used for a second; then they are the pool's. */
export function connectionsAtHand(): ConnectionsAtHand {
  const free: Free[] = []
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  const giveBack = (): void => {
    for (const { release } of free.splice(0)) release()
  }
  const put = (one: Free): void => {
    free.push(one)
    timer = timer?.refresh() ?? setTimeout(giveBack, unusedMs).unref()
  }
  return {
    take: () => free.pop()?.client,
    keep(pool, client) {
      const toPool = client.release
      const one: Free = {
        client,
        release(destroy) {
          client.removeListener('error', drop)
          toPool(destroy)
        },
      }
      // As a pool does with those that nobody uses.
      const drop = (): void => {
        const at = free.indexOf(one)
        if (at === -1) return
        free.splice(at, 1)
        one.release(true)
      }
      client.on('error', drop)
      client.release = (destroy) => {
        const isSound = destroy === undefined || destroy === false
        if (isSound && !isClosed && pool.waitingCount === 0) put(one)
        else one.release(destroy)
      }
      return client
    },
    close() {
      isClosed = true
      giveBack()
    },
  }
}

interface Free {
  readonly client: PoolClient
  /** How the pool is given it back. */
  readonly release: PoolClient['release']
}

const unusedMs = 1000
