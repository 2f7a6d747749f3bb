import { defineHandler, defineWorkflow } from 'segno'
import { z } from 'zod'

/** Takes the money. The real one would talk to a bank, which no test does. */
const charge = defineHandler(
  {
    name: 'payments.charge',
    input: z.object({ order: z.string(), amount: z.number() }),
    output: z.object({ charge: z.string() }),
  },
  () => {
    throw new Error('the bank is not there')
  },
)

/** Sends the parcel. */
const send = defineHandler(
  { name: 'parcels.send', input: z.object({ order: z.string() }), output: z.object({ parcel: z.string() }) },
  () => {
    throw new Error('the carrier is not there')
  },
)

/** An order in TypeScript: paid, kept for a day in which it can be cancelled, sent. */
export const typedOrder = defineWorkflow(
  'typed-order',
  {
    input: { order: z.string(), amount: z.number() },
    output: { charge: z.string(), parcel: z.string() },
  },
  (w) => {
    const { order, amount } = w.input
    const paid = w.step('pay', charge, { order, amount }, { retry: { max: 3, delay: '1m' } })
    w.sleep('day', '1d')
    const sent = w.step('ship', send, { order })
    return { charge: paid.charge, parcel: sent.parcel }
  },
)
