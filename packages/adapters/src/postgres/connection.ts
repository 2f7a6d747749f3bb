import { faultOf, isContention, sqlState } from './faults.ts'

/** A connection of a pool, as `pg` gives it. */
export interface PostgresClient {
  query(config: {
    readonly name?: string
    readonly text: string
    readonly values?: unknown[]
    readonly rowMode?: 'array'
    readonly queryMode?: 'extended'
    readonly types?: { getTypeParser(): (value: string) => string }
  }): Promise<{ readonly rows: readonly unknown[]; readonly rowCount: number | null; readonly command: string }>
  release(destroy?: boolean | Error): void
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
}

/** A pool of connections: a `pg.Pool`, or what is like one. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  /** Where the pool tells of new connections, as `pg.Pool` does. */
  on?(event: 'connect', listener: (client: PostgresClient) => void): unknown
}

/**
 * Lets no connection end the host that the server ends while it is handed over: in that
 * moment nobody else listens to it. Whoever then uses it is told.
 */
export function listenToNew(pool: PostgresPool): void {
  if (listenedTo.has(pool)) return
  listenedTo.add(pool)
  pool.on?.('connect', (client) => client.on('error', ignore))
}

// A host may have several stores on one pool.
const listenedTo = new WeakSet<PostgresPool>()

/** A statement, and what it is given. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  /** Whether it changes the store: it may have done so if its connection is lost. */
  readonly writes: boolean
  /** Under which a connection may keep it, once it is read and planned. It stands for this text only. */
  readonly name?: string
}

/** The values of a row, as PostgreSQL writes them. */
export type TextRow = readonly (string | null)[]

/** The rows that a statement gives. */
export async function askRows(pool: PostgresPool, statement: Statement): Promise<readonly TextRow[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withClient(pool, (client) => askRowsOn(client, statement))
    } catch (error) {
      if (attempt === attemptsMax || !isContention(causeOf(error))) throw error
    }
  }
}

/** The value that a statement gives, the first of its first row; `undefined` without a row, or where it is NULL. */
export async function askOn(client: PostgresClient, statement: Statement): Promise<string | undefined> {
  return valueOf(await askRowsOn(client, statement))
}

/** The first value of the first row; `undefined` without a row, or where it is NULL. */
export function valueOf(rows: readonly TextRow[]): string | undefined {
  return rows[0]?.[0] ?? undefined
}

/** The rows that a statement gives on this connection. With a name, only outside of a transaction. */
export async function askRowsOn(client: PostgresClient, statement: Statement): Promise<readonly TextRow[]> {
  const { text, values, writes, name } = statement
  const kept = name === undefined || forgetful.has(client) ? {} : { name }
  try {
    const { rows } = await client.query({ ...kept, text, values: [...values], rowMode: 'array', types: asWritten })
    return rows.filter(isTextRow)
  } catch (error) {
    if (kept.name === undefined || !isForgotten(error)) throw faultOf(error, { wrote: writes })
    forgetful.add(client)
    return askRowsOn(client, statement)
  }
}

// Connections behind which there is another server process each time, as PgBouncer shares them out: what one of them was
// told to keep, the next one does not know, or was told by somebody else. It has then done nothing.
const forgetful = new WeakSet<PostgresClient>()

function isForgotten(error: unknown): boolean {
  const state = sqlState(error)
  return state === '26000' || state === '42P05'
}

/** Works with a connection of the pool, and gives it back, or away if it may be broken. */
export async function withClient<Value>(
  pool: PostgresPool,
  work: (client: PostgresClient) => Promise<Value>,
): Promise<Value> {
  const client = await connected(pool)
  // What is wrong with the connection the statement on it is told; without a listener it would end the host.
  client.on('error', ignore)
  let isSound = false
  try {
    const value = await work(client)
    isSound = true
    return value
  } catch (error) {
    isSound = leavesSound(causeOf(error))
    throw error
  } finally {
    client.removeListener('error', ignore)
    client.release(!isSound)
  }
}

function ignore(): void {}

/** A connection of the pool. Where there is none, nothing was sent. */
export async function connected(pool: PostgresPool): Promise<PostgresClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw faultOf(error, { wrote: false })
  }
}

const attemptsMax = 5

// Values are read from their text by this adapter, whatever the host has told `pg` to do with numbers and JSON.
const asWritten = { getTypeParser: () => (value: string) => value }

function isTextRow(row: unknown): row is TextRow {
  return Array.isArray(row)
}

/** What a fault was made of. */
export function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error
}

// A statement that the server refused has done nothing to its connection, unless it goes away itself.
function leavesSound(error: unknown): boolean {
  const state = sqlState(error)
  return state !== undefined && !state.startsWith('57P') && !state.startsWith('08')
}
