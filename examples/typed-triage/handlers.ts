import { defineHandler } from 'segno'
import { z } from 'zod'

/** A mail, as the workflow gets it. */
export const Mail = z.object({ from: z.string(), subject: z.string(), body: z.string() })

const words = { ticket: ['broken', 'error', 'refund'], spam: ['lottery', 'winner'] }

/** Sorts a mail by the words in it; one with none of them is for a person. */
export const classify = defineHandler(
  {
    name: 'classify',
    effect: 'pure',
    input: Mail,
    output: z.object({ decision: z.enum(['ticket', 'spam', 'unsure']), because: z.array(z.string()) }),
  },
  (_, { subject, body }) => {
    const text = `${subject} ${body}`.toLowerCase()
    const found = (kind: keyof typeof words): string[] => words[kind].filter((word) => text.includes(word))
    if (found('spam').length > 0) return { decision: 'spam', because: found('spam') }
    if (found('ticket').length > 0) return { decision: 'ticket', because: found('ticket') }
    return { decision: 'unsure', because: [] }
  },
)

/** Opens a ticket. The same attempt, made again, opens the same one. */
export const openTicket = defineHandler(
  {
    name: 'openTicket',
    input: z.object({ from: z.string(), subject: z.string(), because: z.array(z.string()) }),
    output: z.object({ number: z.string() }),
  },
  ({ idempotencyKey }, { subject }) => {
    const key = `${idempotencyKey} ${subject}`
    const sum = Array.from({ length: key.length }, (_, at) => key.charCodeAt(at)).reduce((a, b) => a + b, 0)
    return { number: `T-${1000 + (sum % 9000)}` }
  },
)
