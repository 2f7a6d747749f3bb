import { StorageFault } from '@segno/core'
import type { AppendOutcome, AppendRequest, LeaseName, Sql, SqlResult, SqlValue, Transaction } from '@segno/core'
import { appendText, appendValues, judgeWrong, mistakeIn, outcomeOf, type AppendAnswer } from './append.ts'
import { askOn, connected, type PostgresClient } from './connection.ts'
import { commitFault, faultOf, sqlFault } from './faults.ts'
import { keptName } from './names.ts'
import { refusalOf } from './sql-text.ts'
import type { PostgresStore } from './store.ts'

/**
 * `Storage.begin`: a transaction on a connection of its own. The run's row is not locked before the
 * append: who delivers to the run or renews its lease meanwhile does not wait for the step.
 */
export async function begin(
  store: PostgresStore,
  lease: LeaseName,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<Transaction | undefined> {
  await store.ready()
  const connection = new TransactionConnection(store, await connected(store.pool), timeoutMs)
  const { client } = connection
  try {
    // The limits are the server's own too, for a host that hangs.
    const limit = Math.max(1, Math.ceil(timeoutMs))
    const locals = ['statement_timeout', 'idle_in_transaction_session_timeout'].map(
      (name) => `SET LOCAL ${name} = ${limit}`,
    )
    await client.query({ text: `BEGIN ISOLATION LEVEL READ COMMITTED; ${locals.join('; ')}` })
    const text = `SELECT pg_current_xact_id()::text FROM ${store.schema}.runs
      WHERE run_id = $1 AND incarnation = $2 AND token = $3 AND lease_expires_at > ${store.schema}.now_ms()`
    const values = [keptName(lease.runId), keptName(lease.incarnation), lease.token]
    const id = await askOn(client, { text, values, writes: false })
    if (id !== undefined) return transactionOn(store, connection, id)
    await connection.undo()
    return undefined
  } catch (error) {
    connection.close()
    throw faultOf(error, { wrote: false })
  }
}

/**
 * The connection on which the transaction of a `tx` step runs, for query builders and what else is
 * made for `pg`. What goes through it is not looked at: a step that ends the transaction itself fails.
 *
 * @example
 * const db = drizzle(postgresClient(context.sql) as pg.PoolClient)
 */
export function postgresClient(sql: Sql | undefined): PostgresClient {
  const client = sql === undefined ? undefined : clients.get(sql)
  if (client !== undefined) return client
  throw new TypeError('This is not the `sql` of a `tx` step on a PostgreSQL storage.')
}

const clients = new WeakMap<Sql, PostgresClient>()

function transactionOn(store: PostgresStore, connection: TransactionConnection, id: string): Transaction {
  let failed: StorageFault | undefined
  const query = async (text: string, values: readonly SqlValue[]): Promise<SqlResult> => {
    if (failed !== undefined) throw spoiled(failed)
    const reason = refusalOf(text, store.schemaName)
    if (reason !== undefined) throw refused(reason)
    try {
      return await run(connection.client, text, values)
    } catch (error) {
      failed = connection.isOver ? over() : sqlFault(error)
      throw failed
    }
  }
  const sql: Sql = { query: (text, values = []) => connection.inTurn(() => query(text, values)) }
  clients.set(sql, connection.client)
  return {
    sql,
    append: (request) =>
      connection.inTurn(async () => {
        if (failed === undefined) return appendOn(store, connection, { request, id })
        await connection.undo()
        throw spoiled(failed)
      }),
    rollback: () => connection.inTurn(() => connection.undo()).catch(() => undefined),
  }
}

async function appendOn(
  store: PostgresStore,
  connection: TransactionConnection,
  { request, id }: { readonly request: AppendRequest; readonly id: string },
): Promise<AppendOutcome> {
  const { client } = connection
  connection.disarm()
  const mistake = mistakeIn(request)
  if (mistake !== undefined) {
    await connection.undo()
    return judgeWrong(store, request, mistake)
  }
  // In another transaction than at the beginning, the step has ended its own.
  const text = `SELECT CASE WHEN pg_current_xact_id()::text = $21 THEN (${appendText(store.schema)}) END`
  try {
    const answer = await askOn(client, { text, values: [...appendValues(request), id], writes: false })
    if (answer === undefined) throw over()
    const parsed: AppendAnswer = JSON.parse(answer)
    if (parsed.outcome !== 'ok') {
      await connection.undo()
      return await outcomeOf(store, request, parsed)
    }
    await commit(client)
    connection.giveBack()
    return await outcomeOf(store, request, parsed)
  } catch (error) {
    connection.close()
    throw error
  }
}

async function commit(client: PostgresClient): Promise<void> {
  const { command } = await client.query({ text: 'COMMIT' }).catch((error: unknown) => {
    throw commitFault(error)
  })
  if (command !== 'COMMIT') throw over()
}

async function run(client: PostgresClient, text: string, values: readonly SqlValue[]): Promise<SqlResult> {
  // Always with a plan of its own: the other way PostgreSQL would take several statements in one text.
  const { rows, rowCount } = await client.query({ text, values: [...values], queryMode: 'extended' })
  const records = rows.filter((row) => isRecord(row))
  return { rows: records, rowCount: rowCount ?? records.length }
}

/** The connection of one transaction: whose turn it is, and whether it is over. */
class TransactionConnection {
  readonly client: PostgresClient
  isOver = false
  readonly #store: PostgresStore
  readonly #timer: ReturnType<typeof setTimeout>
  #turn: Promise<unknown> = Promise.resolve()

  constructor(store: PostgresStore, client: PostgresClient, timeoutMs: number) {
    this.client = client
    this.#store = store
    this.#timer = setTimeout(this.close, timeoutMs)
    client.on('error', ignore)
    store.open.add(this.close)
  }

  /** After what was asked for before; rejects once the transaction is over. */
  inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const next = this.#turn.then(() => {
      if (this.isOver) throw over()
      return work()
    })
    this.#turn = next.catch(() => undefined)
    return next
  }

  /** An append that has begun is not cut off by the limit: it would be in doubt. */
  disarm(): void {
    clearTimeout(this.#timer)
  }

  /** Ends it by closing the connection: the server then undoes what it did. */
  readonly close = (): void => this.#end(true)

  giveBack(): void {
    this.#end(false)
  }

  async undo(): Promise<void> {
    try {
      await this.client.query({ text: 'ROLLBACK' })
      this.giveBack()
    } catch {
      // A connection that cannot be told to undo does so as it closes.
      this.close()
    }
  }

  #end(isBroken: boolean): void {
    if (this.isOver) return
    this.isOver = true
    this.disarm()
    this.#store.open.delete(this.close)
    this.client.release(isBroken)
    // The errors of one that closes are still nobody's.
    if (!isBroken) this.client.removeListener('error', ignore)
  }
}

function ignore(): void {}

function isRecord(row: unknown): row is Readonly<Record<string, unknown>> {
  return typeof row === 'object' && row !== null
}

function over(): StorageFault {
  const message = 'The transaction has ended: it was committed or undone, or was open for too long.'
  return new StorageFault('TRANSACTION_OVER', message, { ambiguous: false })
}

function refused(reason: string): StorageFault {
  const message = `The statement was not run: ${reason}.`
  return new StorageFault('SQL_REFUSED', message, { ambiguous: false })
}

function spoiled(cause: StorageFault): StorageFault {
  if (cause.code !== 'SQL_FAILED') return cause
  const message = `A statement before failed, so the transaction can only be undone: ${cause.message}`
  return new StorageFault('SQL_FAILED', message, { ambiguous: false, cause: cause.cause })
}
