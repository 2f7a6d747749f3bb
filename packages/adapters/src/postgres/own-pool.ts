import type { Pool } from 'pg'
import { StorageFault } from '@segno/core'
import { listenToNew, type PostgresPool } from './connection.ts'

/** A pool that the storage made itself. */
export interface OwnPool extends PostgresPool {
  end(): Promise<void>
}

interface OwnPoolOptions {
  readonly connectionString: string
  readonly connectionsMax?: number
}

/** A pool of connections, made when the first one is needed: then `pg` has to be there, and not before. */
export function ownPool({ connectionString, connectionsMax = 10 }: OwnPoolOptions): OwnPool {
  let made: Promise<Pool> | undefined
  let ended: Promise<void> | undefined
  const make = async (): Promise<Pool> => {
    const { Pool } = await loadPg()
    const pool = new Pool({
      connectionString,
      max: connectionsMax,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      query_timeout: 60_000,
    })
    // What happened to a connection that nobody used concerns nobody.
    pool.on('error', () => undefined)
    listenToNew(pool)
    return pool
  }
  return {
    async connect() {
      if (ended !== undefined) throw new Error('the storage is closed')
      made ??= make()
      const pool = await made
      try {
        return await pool.connect()
      } catch (error) {
        throw isUnreadable(error) ? unreadable() : error
      }
    },
    async end() {
      ended ??= made?.then((pool) => pool.end()) ?? Promise.resolve()
      await ended
    },
  }
}

async function loadPg(): Promise<{ readonly Pool: typeof Pool }> {
  try {
    return await import('pg')
  } catch (error) {
    const message = 'The package `pg` is needed to connect to PostgreSQL: npm i pg.'
    throw new StorageFault('STORAGE_UNAVAILABLE', message, { ambiguous: false, cause: error })
  }
}

function isUnreadable(error: unknown): boolean {
  return error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_URL'
}

// Without a cause, which would carry the whole text, its password too.
function unreadable(): StorageFault {
  const message = 'The connection string cannot be read: expected postgres://user:password@host:5432/database.'
  return new StorageFault('STORAGE_UNAVAILABLE', message, { ambiguous: false })
}
