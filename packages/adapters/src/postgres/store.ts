import type { GroupQueue } from './group-queue.ts'
import { askRows, valueOf, type PostgresPool, type TextRow } from './connection.ts'
import type { Host } from './host.ts'

/** What the parts of a PostgreSQL storage share. */
export interface PostgresStore {
  readonly pool: PostgresPool
  readonly schemaName: string
  /** The schema, as it stands in SQL text. */
  readonly schema: string
  /** Resolves once the schema is there, in the version that this adapter knows. */
  readonly ready: () => Promise<void>
  /** How to close the connection of each transaction that is open. */
  readonly open: Set<() => void>
  /** Appends that only bring events. */
  readonly appends: GroupQueue
  /** Creations without blobs. */
  readonly creations: GroupQueue
  readonly host: Host
  readonly hint: (runId: string, news: 'journal' | 'inbox') => void
}

/** A change of the store: one statement, one round trip. It gives a value in any case. */
export async function change<Answer>(
  store: Pick<PostgresStore, 'pool' | 'ready'>,
  text: string,
  values: readonly unknown[],
): Promise<Answer> {
  await store.ready()
  return JSON.parse(valueOf(await askRows(store.pool, { text, values, writes: true })) ?? 'null')
}

/** What the store holds: one statement, one round trip. */
export async function look<Answer>(
  store: PostgresStore,
  text: string,
  values: readonly unknown[],
): Promise<Answer | undefined> {
  const answer = valueOf(await lookForRows(store, text, values))
  return answer === undefined ? undefined : JSON.parse(answer)
}

/** As `look`, for what is too large to be told as one value: text in JSON in JSON is written and read twice. */
export async function lookForRows(
  store: PostgresStore,
  text: string,
  values: readonly unknown[],
): Promise<readonly TextRow[]> {
  await store.ready()
  return askRows(store.pool, { text, values, writes: false })
}
