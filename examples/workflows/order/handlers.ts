import type { HandlerContext } from 'segno'
import type { Handlers } from '../load-named.ts'

/** The world outside: what is reserved, charged and sent just now, and all that was ever done to it, in order. */
export interface Outside {
  readonly holds: Set<string>
  readonly log: string[]
}

/** What the steps call. Each does its work once per idempotency key, and taking back twice is taking back once. */
export function handlers({ holds, log }: Outside = { holds: new Set(), log: [] }): Handlers {
  const made = new Map<string, string>()
  const make = ({ idempotencyKey }: HandlerContext, what: string): string => {
    const known = made.get(idempotencyKey)
    if (known !== undefined) return known
    made.set(idempotencyKey, what)
    holds.add(what)
    log.push(what)
    return what
  }
  const takeBack = (what: string | undefined): void => {
    if (what !== undefined && holds.delete(what)) log.push(`no ${what}`)
  }
  return {
    'stock.reserve': (
      context: HandlerContext,
      { article, count }: { readonly article: string; readonly count: number },
    ) => ({
      reservation: make(context, `${count} ${article}`),
    }),
    'stock.release': (_context: HandlerContext, { reservation }: { readonly reservation: string }) =>
      takeBack(reservation),
    'payments.charge': (context: HandlerContext, { amount }: { readonly amount: number }) => ({
      charge: make(context, `charge of ${amount}`),
    }),
    'payments.refund': (_context: HandlerContext, { key }: { readonly key: string }) => takeBack(made.get(key)),
    'parcels.send': (context: HandlerContext, { customer }: { readonly customer: string }) => ({
      parcel: make(context, `parcel to ${customer}`),
    }),
    'parcels.recall': (_context: HandlerContext, { parcel }: { readonly parcel: string }) => takeBack(parcel),
    'mail.send': () => undefined,
    'orders.close': (_context: HandlerContext, { because }: { readonly because: string }) =>
      void log.push(`closed: ${because}`),
  }
}
