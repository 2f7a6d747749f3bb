import { setTimeout } from 'node:timers/promises'
import type { HandlerContext } from 'segno'
import type { Handlers } from '../load-named.ts'

interface Reservation {
  readonly supplier: string
  readonly reference: string
}

/** The suppliers and the shop, as far as they can be asked. A reference that is known already is the same reservation. */
export interface Market {
  reserve(reservation: Reservation & { readonly article: string; readonly count: number }): void
  release(reservation: Reservation): void
  /** The price, once the supplier has confirmed; rejects once `signal` aborts. */
  confirm(reservation: Reservation, signal: AbortSignal): Promise<number>
  /** The price in the shop. */
  buy(article: string, count: number): number
}

const demo: Market = {
  reserve: ({ supplier, article, count }) => console.log(`${supplier}: ${count} × ${article} reserved`),
  release: ({ supplier }) => console.log(`${supplier}: released`),
  confirm: ({ supplier }, signal) => setTimeout(supplier === 'north' ? 1000 : 2000, 10, { signal }),
  buy: () => 15,
}

/** Handlers over a market: one that prints, and confirms after a second or two, unless given. */
export function handlers(market: Market = demo): Handlers {
  return {
    reserve: (_context, order: Reservation & { article: string; count: number }) => market.reserve(order),
    release: (_context, reservation: Reservation) => market.release(reservation),
    confirm: async ({ signal }: HandlerContext, reservation: Reservation) => ({
      price: await market.confirm(reservation, signal),
    }),
    buy: (_context, { article, count }: { article: string; count: number }) => ({
      from: 'shop',
      price: market.buy(article, count),
    }),
  }
}
