import { ask, type PostgresPool, type Statement } from './connection.ts'

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
  readonly hint: (runId: string, news: 'journal' | 'inbox') => void
}

/** A change of the store: one statement, one round trip. It gives a value in any case. */
export async function change<Answer>(store: PostgresStore, text: string, values: readonly unknown[]): Promise<Answer> {
  const answer = await answerTo(store, { text, values, writes: true })
  return JSON.parse(answer ?? 'null')
}

/** What the store holds: one statement, one round trip. */
export async function look<Answer>(
  store: PostgresStore,
  text: string,
  values: readonly unknown[],
): Promise<Answer | undefined> {
  const answer = await answerTo(store, { text, values, writes: false })
  return answer === undefined ? undefined : JSON.parse(answer)
}

async function answerTo(store: PostgresStore, statement: Statement): Promise<string | undefined> {
  await store.ready()
  return ask(store.pool, statement)
}
