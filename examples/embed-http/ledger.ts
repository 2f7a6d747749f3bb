import type { HandlerDefinition } from 'segno'
import { z } from 'zod'

const Expense = z.strictObject({ purpose: z.string(), amount: z.number(), approvedBy: z.string() })
const Booking = z.strictObject({ number: z.int() })

/** The books, for as long as the process lives. A second booking under the same key is the first one. */
export function ledger(): HandlerDefinition<z.infer<typeof Expense>, z.infer<typeof Booking>> {
  const numbers = new Map<string, number>()
  return {
    input: Expense,
    output: Booking,
    perform({ idempotencyKey }) {
      const number = numbers.get(idempotencyKey) ?? numbers.size + 1
      numbers.set(idempotencyKey, number)
      return { number }
    },
  }
}
