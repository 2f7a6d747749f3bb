import { resolve } from 'node:path'
import type { Evidence, Storage } from '@segno/core'
import { evidenceIn, removeEvidence } from '../evidence/evidence-in.ts'
import type { KeptStore } from '../keeper/kept-store.ts'
import { threadKeeper } from '../keeper/thread-keeper.ts'
import { append, groupedAppends } from './append.ts'
import { listenToNew, type PostgresPool } from './connection.ts'
import { createRun, groupedCreations } from './create-run.ts'
import { hintLine } from '../hints/hint-line.ts'
import { groupQueue } from './group-queue.ts'
import { hostOf, thisProcess, type Process } from './host.ts'
import { acquire, release, renew } from './leases.ts'
import { listRuns } from './list-runs.ts'
import { migrate, tablesThere } from './migrate.ts'
import { keptName } from './names.ts'
import { ownPool, type OwnPool } from './own-pool.ts'
import { loadRun, readBlob, readEvents, readInbox, readRow } from './read-run.ts'
import type { ProcessIdentity } from '../process/process-identity.ts'
import { quoted, schemaName } from './schema.ts'
import { begin } from './transaction.ts'
import { change, look, type PostgresStore } from './store.ts'

/** How a PostgreSQL storage behaves: with a pool of the host, or with one of its own. */
export type PostgresStorageOptions = (
  | {
      /** A `pg.Pool` of the host, which ends it when it is done with the storage. */
      readonly pool: PostgresPool
    }
  | {
      /** Where the server is, as in `postgres://user:password@host:5432/database`. */
      readonly connectionString: string
      /** Of the pool: how many connections at most. 10 unless given. */
      readonly connectionsMax?: number
    }
) & {
  /** The schema of the store's tables; made if it is not there. `segno` unless given. */
  readonly schema?: string
  /** A folder of this host where attempts leave what people read, such as what their processes print. */
  readonly evidence?: string
  /** Which process this is, and how it judges others; as the host says unless given. */
  readonly process?: { readonly identity: ProcessIdentity; readonly isDead: (other: ProcessIdentity) => boolean }
}

/** A storage in a PostgreSQL database, for many processes on many hosts. */
export interface PostgresStorage extends Storage {
  /** Where attempts leave what people read, if a folder was given for it. */
  readonly evidence?: Evidence
  subscribe: NonNullable<Storage['subscribe']>
  /** Whether the tables of the store are there. Rejects where the server does not answer, or where they are of a newer version; makes nothing. */
  exists(): Promise<boolean>
  /** Undoes the transactions that are open, and ends the pool where it is the storage's own. Again, it does nothing. */
  close(): Promise<void>
}

/**
 * A storage in a schema of a PostgreSQL database, version 13 or later. It asks for nothing that
 * a connection would have to remember, so PgBouncer may share connections out by transaction.
 */
export function postgresStorage(options: PostgresStorageOptions): PostgresStorage {
  const hints = hintLine()
  const pool = poolOf(options)
  const folder = options.evidence === undefined ? undefined : resolve(options.evidence)
  const store = storeOf(pool, { name: options.schema, process: options.process ?? thisProcess(), hint: hints.send })
  return {
    capabilities: { multiProcess: true, durability: 'power', transactions: true },
    async putPlan(hash, definition) {
      const text = `WITH kept AS (
        INSERT INTO ${store.schema}.plans (hash, definition) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1
      ) SELECT count(*) FROM kept`
      await change(store, text, [keptName(hash), JSON.stringify(definition)])
    },
    getPlan: (hash) => look(store, `SELECT definition FROM ${store.schema}.plans WHERE hash = $1`, [keptName(hash)]),
    createRun: (run, batch, createOptions) => createRun(store, run, batch, createOptions),
    row: (runId) => readRow(store, runId),
    load: (runId, loadOptions) => loadRun(store, runId, loadOptions),
    read: (runId, from) => readEvents(store, runId, from),
    append: (request) => append(store, request),
    getBlob: (runId, sha256) => readBlob(store, runId, sha256),
    async deliver(runId, message) {
      const text = `SELECT ${store.schema}.deliver($1, $2, $3)`
      const values = [keptName(runId), keptName(message.id), JSON.stringify(message)]
      const answer = await change<Awaited<ReturnType<Storage['deliver']>>>(store, text, values)
      if (answer.outcome === 'accepted') store.hint(runId, 'inbox')
      return answer
    },
    inbox: (runId, after) => readInbox(store, runId, after),
    acquire: (wanted) => acquire(store, wanted),
    renew: (wanted) => renew(store, wanted),
    release: (lease) => release(store, lease),
    list: (filter, page) => listRuns(store, filter, page),
    async delete(runId) {
      const isDeleted = await deleteRun(store, runId)
      if (isDeleted && folder !== undefined) await removeEvidence(folder, runId)
      return isDeleted
    },
    subscribe: hints.subscribe,
    begin: (lease, limits) => begin(store, lease, limits),
    ...(folder === undefined ? {} : { evidence: evidenceIn(folder) }),
    // A pool of the host is out of another thread's reach.
    ...('pool' in options ? {} : { keeper: (wanted) => threadKeeper(keptStoreOf(options), wanted) }),
    exists: () => tablesThere(pool, store.schemaName),
    async close() {
      for (const close of [...store.open]) close()
      await pool.end()
    },
  }
}

async function deleteRun(store: PostgresStore, runId: string): Promise<boolean> {
  const isDeleted = await change<boolean>(store, `SELECT to_json(${store.schema}.delete_run($1))`, [keptName(runId)])
  if (isDeleted) store.hint(runId, 'journal')
  return isDeleted
}

function keptStoreOf({
  connectionString,
  schema,
}: Extract<PostgresStorageOptions, { readonly connectionString: string }>): KeptStore {
  const own = { connectionString, connectionsMax: 1, ...(schema === undefined ? {} : { schema }) }
  return { kind: 'postgres', options: own }
}

function poolOf(options: PostgresStorageOptions): OwnPool {
  if (!('pool' in options)) return ownPool(options)
  listenToNew(options.pool)
  return { connect: () => options.pool.connect(), end: async () => undefined }
}

interface StoreOptions {
  readonly name?: string | undefined
  readonly process: Process
  readonly hint: PostgresStore['hint']
}

function storeOf(pool: PostgresPool, { name = 'segno', process, hint }: StoreOptions): PostgresStore {
  const names = { schemaName: schemaName(name), schema: quoted(name) }
  let migrated: Promise<void> | undefined
  const ready = async (): Promise<void> => {
    migrated ??= migrate(pool, { schemaName: name, boot: host.boot }).then(host.hearOf)
    try {
      await migrated
    } catch (error) {
      // A server that is not there yet may be there the next time.
      migrated = undefined
      throw error
    }
  }
  const ask: Pick<PostgresStore, 'pool' | 'ready'> = { pool, ready }
  const register = (boot: string, identity: string): Promise<number> =>
    change<number>(ask, `SELECT ${names.schema}.process_of($1, $2)`, [boot, identity])
  const host = hostOf(process, register)
  return {
    ...{ pool, ...names, ready, hint, host, open: new Set() },
    appends: groupQueue(ask, groupedAppends(names.schema)),
    creations: groupQueue(ask, groupedCreations(names.schema)),
  }
}
