import { expect, test } from 'vitest'
import { classify } from './classify.ts'
import { contextOf } from './context.fixture.ts'
import type { Mail } from './contract.ts'

const mail: Mail = {
  file: 'one.eml',
  messageId: null,
  from: { name: 'Ada', address: 'ada@example.org' },
  replyTo: 'ada@example.org',
  subject: '',
  date: null,
  isReply: false,
  isBulk: false,
  text: '',
  attachments: [],
}

test.for<[string, Partial<Mail>, object]>([
  [
    'what one rule knows is as certain as its points',
    { text: 'It arrived broken.' },
    { decision: 'ticket', confidence: 0.75, reasons: ['ticket: something is broken'] },
  ],
  [
    'rules that agree make it more certain',
    { text: 'It arrived broken. I want a refund.' },
    { decision: 'ticket', confidence: 0.86 },
  ],
  [
    'rules that disagree make it less certain',
    { text: 'It arrived broken. How do I get a new one?' },
    { decision: 'ticket', confidence: 0.5 },
  ],
  [
    'a tie is for a person',
    { subject: 'You are a winner', text: 'It is broken' },
    { decision: 'review', confidence: 0 },
  ],
  ['nothing known is for a person', {}, { decision: 'review', reasons: ['no rule speaks for anything'] }],
  ['what was sent to a list is spam', { isBulk: true }, { decision: 'spam', confidence: 0.75 }],
])('%s', async ([, part, expected]) => {
  expect(await classify.perform(contextOf('key'), { mail: { ...mail, ...part } })).toMatchObject(expected)
})
