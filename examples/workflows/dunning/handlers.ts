import type { HandlerContext } from 'segno'
import type { Handlers } from '../load-named.ts'

/** The bank, the mail and the books, as far as they are needed to collect a payment. */
export interface Office {
  /** Throws `CARD_DECLINED`, or `BANK_AWAY` where it may be tried again. The same key never charges twice. */
  charge(key: string, amount: number): void
  mail(to: string, text: string): void
  /** Posts a registered letter; gives its number. */
  post(to: string, text: string): string
  hasArrived(letter: string): boolean
  close(subscription: string): void
}

const demo: Office = {
  charge: () => {
    throw Object.assign(new Error('the card is declined'), { code: 'CARD_DECLINED', retryable: false })
  },
  mail: (to, text) => console.log(`to ${to}: ${text}`),
  post: (to, text) => {
    console.log(`registered, to ${to}: ${text}`)
    return 'R1'
  },
  hasArrived: () => true,
  close: (subscription) => console.log(`${subscription} is closed`),
}

interface Letter {
  readonly to: string
  readonly text: string
}

/** Handlers over an office: one that prints, with a card that is always declined, unless given. */
export function handlers(office: Office = demo): Handlers {
  return {
    charge: ({ idempotencyKey }: HandlerContext, { amount }: { amount: number }) =>
      office.charge(idempotencyKey, amount),
    mail: (_context, { to, text }: Letter) => office.mail(to, text),
    post: (_context, { to, text }: Letter) => ({ letter: office.post(to, text) }),
    track: (_context, { letter }: { letter: string }) => ({ hasArrived: office.hasArrived(letter) }),
    close: (_context, { subscription }: { subscription: string }) => office.close(subscription),
  }
}
