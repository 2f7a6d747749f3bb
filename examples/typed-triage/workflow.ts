import { add, defineQuestion, defineWorkflow, eq, filter, size, text } from 'segno'
import { z } from 'zod'
import { Mail, classify, openTicket } from './handlers.ts'

/** What a person is asked about a mail that nobody else understands. */
export const whereTo = defineQuestion({ choices: ['ticket', 'drop'] })

/** Turns one mail into a ticket, or drops it. */
const file = defineWorkflow(
  'file-mail',
  { input: Mail, output: { filedAs: z.enum(['ticket', 'spam', 'dropped']), ticket: z.string().nullable() } },
  (w) => {
    const { from, subject, body } = w.input
    const label = w.step('classify', classify, { from, subject, body })
    return w.match('route', label.decision, {
      ticket: (w) => {
        const opened = w.step('open', openTicket, { from, subject, because: label.because }, { retry: { max: 3 } })
        return { filedAs: 'ticket', ticket: opened.number }
      },
      spam: () => ({ filedAs: 'spam', ticket: null }),
      unsure: (w) => {
        const asked = w.ask('ask', whereTo, { title: text`What is "${subject}"?`, body }, { timeout: '2d' })
        return w.match('answer', asked.choice, {
          ticket: (w) => {
            const because = [text`${asked.choice}, says a person`]
            const opened = w.step('openAnyway', openTicket, { from, subject, because })
            return { filedAs: 'ticket', ticket: opened.number }
          },
          drop: () => ({ filedAs: 'dropped', ticket: null }),
        })
      },
    })
  },
)

/** Sorts mails, three at a time. Where a person has to decide and does not, the mail is left. */
export const triage = defineWorkflow(
  'typed-triage',
  {
    description: 'Sorts mails into tickets and spam, and asks a person about the rest.',
    input: { mails: z.array(Mail) },
    output: { tickets: z.number(), summary: z.string() },
    defaults: { timeout: '1m' },
  },
  (w) => {
    const filed = w.forEach(
      'mails',
      w.input.mails,
      (w, mail) =>
        w.try('file', (w) => w.call('filed', file, { from: mail.from, subject: mail.subject, body: mail.body }), {
          catch: [{ on: ['TIMEOUT'], do: () => ({ filedAs: 'left', ticket: null }) }],
        }),
      { as: 'mail', concurrency: 3 },
    )
    const tickets = size(filter(filed, (one) => eq(one.filedAs, 'ticket')))
    const rest = size(filter(filed, (one) => eq(one.filedAs, 'left')))
    const counts = w.set('counts', { tickets, rest, all: add(tickets, rest) })
    return { tickets: counts.tickets, summary: text`${counts.tickets} tickets, ${counts.rest} left` }
  },
)
