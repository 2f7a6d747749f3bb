import { setTimeout } from 'node:timers/promises'
import type { HandlerContext } from 'segno'
import type { Handlers } from '../load-named.ts'

/** A statement as it is delivered. */
export interface Statement {
  readonly account: string
  readonly batch: string
  readonly number: number
  readonly balance: number
}

/** The books of a bank. */
export interface Books {
  /** What an account should have, and what its bookings come to; rejects once `signal` aborts. */
  bookings(account: string, signal: AbortSignal): Promise<{ readonly sum: number; readonly balance: number }>
  /** By statement. */
  readonly numbers: Map<string, number>
  readonly delivered: Statement[]
  readonly entries: string[]
}

const demo: Books = {
  bookings: (_account, signal) => setTimeout(1000, { sum: 10, balance: 10 }, { signal }),
  numbers: new Map(),
  delivered: [],
  entries: [],
}

/** Handlers over books: those of a bank where all is well, and each account takes a second, unless given. */
export function handlers(books: Books = demo): Handlers {
  const { numbers, delivered, entries } = books
  let taken = 0
  return {
    takeNumber: (_context, { statement }: { statement: string }) => {
      const number = numbers.get(statement) ?? (taken += 1)
      numbers.set(statement, number)
      return { number }
    },
    giveNumberBack: (_context, { statement }: { statement: string }) => void numbers.delete(statement),
    bookings: ({ signal }: HandlerContext, { account }: { account: string }) => books.bookings(account, signal),
    deliver: (_context, statement: Statement) => void delivered.push(statement),
    countDelivered: (_context, { batch }: { batch: string }) =>
      delivered.filter((statement) => statement.batch === batch).length,
    enter: (_context, { text }: { text: string }) => void entries.push(text),
  }
}
