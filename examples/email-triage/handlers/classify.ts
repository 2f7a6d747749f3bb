import type { HandlerDefinition } from 'segno'
import { z } from 'zod'
import { Mail, Verdict } from './contract.ts'

type Decision = 'ticket' | 'reply' | 'spam'

interface Rule {
  readonly because: string
  readonly decision: Decision
  readonly points: number
  readonly holds: (mail: Mail) => boolean
}

const Input = z.strictObject({ mail: Mail })

/**
 * Adds up the points of the rules that hold. The decision with the most points
 * wins; its confidence is its share of all points, of which one more counts for
 * what no rule knows. A tie, or no rule at all, is for a person to decide.
 */
export const classify: HandlerDefinition<z.infer<typeof Input>, Verdict> = {
  input: Input,
  output: Verdict,
  effect: 'pure',
  perform: (_context, { mail }) => verdictOf(rules.filter(({ holds }) => holds(mail))),
}

const rules: readonly Rule[] = [
  { because: 'something is broken', decision: 'ticket', points: 3, holds: says(/\b(broken|damaged|crack(ed)?)\b/i) },
  {
    because: 'something fails',
    decision: 'ticket',
    points: 3,
    holds: says(/\b(error|fails?|outage|does not work)\b/i),
  },
  { because: 'cannot log in', decision: 'ticket', points: 3, holds: says(/\b(cannot|can't) log ?in\b/i) },
  { because: 'wants money back', decision: 'ticket', points: 3, holds: says(/\brefund\b/i) },
  { because: 'the conversation goes on', decision: 'ticket', points: 1, holds: ({ isReply }) => isReply },
  {
    because: 'asks how, what or whether',
    decision: 'reply',
    points: 2,
    holds: says(/\b(how do|what (is|are)|do you)\b/i),
  },
  {
    because: 'asks to be sent something',
    decision: 'reply',
    points: 2,
    holds: says(/\b(could you|please) .*send me\b/i),
  },
  { because: 'is about an invoice', decision: 'reply', points: 1, holds: says(/\binvoices?\b/i) },
  { because: 'was sent to a list', decision: 'spam', points: 3, holds: ({ isBulk }) => isBulk },
  { because: 'promises a prize', decision: 'spam', points: 3, holds: says(/\b(winner|lottery|prize)\b/i) },
  { because: 'asks for bank details', decision: 'spam', points: 2, holds: says(/\b(bank details|wire transfer)\b/i) },
  { because: 'makes an offer', decision: 'spam', points: 3, holds: says(/\b(limited offer|free for)\b/i) },
]

function says(words: RegExp): (mail: Mail) => boolean {
  return ({ subject, text }) => words.test(`${subject}\n${text}`)
}

function verdictOf(held: readonly Rule[]): Verdict {
  const points: Record<Decision, number> = { ticket: 0, reply: 0, spam: 0 }
  for (const rule of held) points[rule.decision] += rule.points
  const [first, second] = (['ticket', 'reply', 'spam'] as const).toSorted((a, b) => points[b] - points[a])
  const reasons = held.map(({ because, decision }) => `${decision}: ${because}`)
  if (first === undefined || second === undefined || points[first] === points[second]) {
    return {
      decision: 'review',
      confidence: 0,
      reasons: reasons.length > 0 ? reasons : ['no rule speaks for anything'],
    }
  }
  const all = points.ticket + points.reply + points.spam + 1
  return { decision: first, confidence: Math.round((points[first] / all) * 100) / 100, reasons }
}
