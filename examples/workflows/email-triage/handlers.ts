import type { HandlerContext } from 'segno'
import type { Handlers } from '../load-named.ts'

const words = {
  ticket: ['broken', 'error', 'fails', 'crash'],
  reply: ['how', 'when', 'price', 'question'],
  spam: ['winner', 'lottery', 'click'],
} as const

/** Stands in for a model: the label with the most of its words in the text, and how many of all that were found. */
function classify(
  _context: HandlerContext,
  { text }: { readonly text: string },
): { label: string; confidence: number } {
  const found = Object.entries(words).map(([label, list]) => {
    const hits = list.filter((word) => text.toLowerCase().includes(word)).length
    return { label, hits }
  })
  const all = found.reduce((sum, { hits }) => sum + hits, 0)
  const best = found.reduce((one, other) => (other.hits > one.hits ? other : one))
  return { label: best.label, confidence: all === 0 ? 0 : best.hits / all }
}

/** What the steps call. Tickets and drafts are numbered by the key of their step: made twice, they are made once. */
export function handlers(): Handlers {
  const made = new Map<string, string>()
  const numbered = (kind: string, { idempotencyKey }: HandlerContext): string => {
    const known = made.get(idempotencyKey) ?? `${kind}-${made.size + 1}`
    made.set(idempotencyKey, known)
    return known
  }
  return {
    'mail.classify': classify,
    'tickets.create': (context) => ({ number: numbered('T', context) }),
    'mail.draft': (context) => ({ id: numbered('D', context) }),
  }
}
