import type { HandlerContext } from 'segno'
import type { Handlers } from '../load-named.ts'

interface Person {
  readonly email: string
}

/** What the steps call. `accounts` and `orders` are what there is just now. */
export function handlers(accounts = new Set<string>(), orders = new Set<string>()): Handlers {
  return {
    'directory.create': (_context: HandlerContext, { person }: { readonly person: Person }) => {
      const [login = ''] = person.email.split('@')
      accounts.add(login)
      return { login }
    },
    'directory.remove': (_context: HandlerContext, { email }: Person) => {
      accounts.delete(email.split('@')[0] ?? '')
    },
    'equipment.order': ({ idempotencyKey }: HandlerContext) => {
      orders.add(idempotencyKey)
      return { order: idempotencyKey }
    },
    'equipment.takeBack': (_context: HandlerContext, { order }: { readonly order: string }) => {
      orders.delete(order)
    },
  }
}
