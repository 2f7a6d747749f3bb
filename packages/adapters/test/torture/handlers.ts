import { setTimeout as delay } from 'node:timers/promises'
import type { HandlerContext } from '@segno/core'
import { book } from './bookings.ts'
import { writeDid } from './ledger.ts'
import type { StorePlace } from './store-place.ts'
import { bulk } from './workflows.ts'

/** Host functions that write down that they began, and take a while. */
export function tortureHandlers(ledger: number, place: StorePlace): Readonly<Record<string, Perform>> {
  return {
    async note(context, { ms }: { ms: number }) {
      writeDid(ledger, context)
      await delay(ms, undefined, { signal: context.signal })
      return true
    },
    book(context) {
      writeDid(ledger, context)
      return book(place, context)
    },
    unsteady(context) {
      writeDid(ledger, context)
      if (context.attempt === 1) throw new Error('the first time it fails')
      return true
    },
    bulk(context, { length, letter }: { length: number; letter: string }) {
      writeDid(ledger, context)
      return letter.repeat(length)
    },
    compare(context, { fetched, printed }: { fetched: string; printed: string }) {
      writeDid(ledger, context)
      return fetched === 'a'.repeat(bulk) && printed === '7'.padStart(bulk, '0')
    },
  }
}

type Perform = (context: HandlerContext, input: never) => unknown
