import { crashMatrix } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { loadNamed } from '../load-named.ts'
import { eventsOf, play, workDone } from '../play.ts'
import { handlers } from './handlers.ts'

const triage = loadNamed('email-triage', handlers())
const hourMs = 3_600_000

function mail(subject: string, text: string): { mail: Record<string, string> } {
  return { mail: { from: 'ada@example.com', subject, text } }
}

const broken = mail('The kettle is broken', 'It fails with an error.')
const mixed = mail('A question', 'Is it an error that the price is so high, or do I click the wrong thing?')

describe('a mail', () => {
  test.for([
    [broken, { filedAs: 'ticket', reference: 'T-1' }, ['classify', 'file/ticket']],
    [mail('How do I descale it', 'And when?'), { filedAs: 'reply', reference: 'D-1' }, ['classify', 'file/draft']],
    [mail('Winner!', 'The lottery: click here'), { filedAs: 'spam', reference: null }, ['classify']],
  ] as const)('of which the classifier is sure is filed as it says: %o', async ([input, output, done]) => {
    const played = await play(triage, { input, handlers })
    expect(played.output).toEqual(output)
    expect(workDone(played.events)).toEqual(done)
  })

  test('of which it is not sure is shown to a person, who decides', async () => {
    const answers = [{ path: 'verdict/review', choice: 'ticket', by: 'grace', afterMs: 5 * hourMs }]
    const { output, events, tookMs } = await play(triage, { input: mixed, handlers, answers })
    expect(output).toEqual({ filedAs: 'ticket', reference: 'T-1' })
    expect(tookMs).toBe(5 * hourMs)
    expect(eventsOf(events, 'task.asked')).toMatchObject([
      { title: 'What is "A question"?', choices: ['ticket', 'reply', 'spam'], subject: mixed.mail },
    ])
  })

  test('that nobody looks at for three days fails the run', async () => {
    const { failure, tookMs } = await play(triage, { input: mixed, handlers })
    expect(failure).toMatchObject({ code: 'TIMEOUT' })
    expect(tookMs).toBe(72 * hourMs)
  })
})

test('a crash anywhere changes nothing, also while a person thinks', async () => {
  const answers = [{ atMs: 5 * hourMs, path: 'verdict/review', choice: 'reply', by: 'grace' }]
  const { reference } = await crashMatrix(triage, { input: mixed, handlers, answers })
  expect(reference.output).toEqual({ filedAs: 'reply', reference: 'D-1' })
})
