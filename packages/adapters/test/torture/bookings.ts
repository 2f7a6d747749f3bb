import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { HandlerContext } from '@segno/core'
import type { Journal } from './journal.ts'
import { databaseFile, type StorePlace } from './store-place.ts'

/** The workflow whose steps write rows of their own in the transaction that records their end. */
export const bookingName = 'booking'

/** Makes the table of the rows, where the store is in a database. */
export async function makeBookings(place: StorePlace): Promise<void> {
  const columns = '(run TEXT NOT NULL, path TEXT NOT NULL, attempt INTEGER NOT NULL)'
  await inDatabase(place, `CREATE TABLE ${tableOf(place)} ${columns}`)
}

/** Writes the row of a step, with its transaction. */
export async function book(place: StorePlace, { sql, runId, path, attempt }: HandlerContext): Promise<boolean> {
  const values = place.kind === 'postgres' ? '$1, $2, $3' : '?, ?, ?'
  if (sql === undefined) throw new Error('a tx step without a transaction')
  const text = `INSERT INTO ${tableOf(place)} (run, path, attempt) VALUES (${values})`
  const { rowCount } = await sql.query(text, [runId, path, attempt])
  return rowCount === 1
}

/** What is wrong with the rows: a step that has completed has one, any other none. */
export async function wrongBookings(place: StorePlace, journals: readonly Journal[]): Promise<string[]> {
  const rows = (await inDatabase(place, `SELECT run, path FROM ${tableOf(place)}`)) as readonly Booking[]
  const written = Map.groupBy(rows, ({ run, path }) => `${run} ${path}`)
  const wanted = new Set(
    journals.flatMap(({ runId, written: events }) =>
      events.flatMap(({ event }) => {
        return event.type === 'step.completed' && /^(first|second)$/.test(event.path) ? [`${runId} ${event.path}`] : []
      }),
    ),
  )
  return [...new Set([...wanted, ...written.keys()])].flatMap((step) => {
    const [count, isWanted] = [written.get(step)?.length ?? 0, wanted.has(step) ? 1 : 0]
    return count === isWanted || !isBooking(journals, step) ? [] : [`${step}: ${count} rows, and not ${isWanted}`]
  })
}

interface Booking {
  readonly run: string
  readonly path: string
}

// Steps of other workflows have these ids too.
function isBooking(journals: readonly Journal[], step: string): boolean {
  const created = journals.find(({ runId }) => step.startsWith(`${runId} `))?.written[0]?.event
  return created?.type === 'run.created' && created.workflow === bookingName
}

function tableOf(place: StorePlace): string {
  return place.kind === 'postgres' ? `public."bookings_${place.schema}"` : 'bookings'
}

/** Runs a statement on a connection of its own. */
export async function inDatabase(
  place: StorePlace,
  sql: string,
  values: readonly string[] = [],
): Promise<readonly unknown[]> {
  switch (place.kind) {
    case 'file':
      return []
    case 'sqlite': {
      const database = new DatabaseSync(databaseFile(place), { timeout: 5000 })
      try {
        return database.prepare(sql).all(...values)
      } finally {
        database.close()
      }
    }
    case 'postgres': {
      const client = new pg.Client(place.url)
      await client.connect()
      try {
        return (await client.query(sql, [...values])).rows
      } finally {
        await client.end()
      }
    }
    default:
      return place satisfies never
  }
}
