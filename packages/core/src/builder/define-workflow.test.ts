import { expect, test } from 'vitest'
import { z } from 'zod'
import { createEngine } from '../runtime/engine.ts'
import { defineHandler } from './define-handler.ts'
import { defineWorkflow } from './define-workflow.ts'
import { text } from './text.ts'

const classify = defineHandler(
  {
    name: 'classify',
    input: z.object({ text: z.string() }),
    output: z.object({ decision: z.enum(['createTicket', 'manualReview']) }),
  },
  (_, { text: body }) => ({ decision: body.includes('broken') ? 'createTicket' : 'manualReview' }),
)
const createTicket = defineHandler(
  { name: 'createTicket', input: z.object({ subject: z.string() }), output: z.object({ id: z.string() }) },
  (_, { subject }) => ({ id: `T-${subject}` }),
)

const triage = defineWorkflow(
  'email-triage',
  { input: { subject: z.string(), body: z.string() }, output: { ticket: z.string().nullable() } },
  (w) => {
    const label = w.step('classify', classify, { text: w.input.body })
    return w.match('route', label.decision, {
      createTicket: (w) => ({ ticket: w.step('ticket', createTicket, { subject: text`Re: ${w.input.subject}` }).id }),
      manualReview: () => ({ ticket: null }),
    })
  },
)

test('it builds', async () => {
  await using engine = createEngine({ handlers: triage.handlers })
  const run = await engine.start(triage.definition, { subject: 'tea', body: 'it is broken' })
  expect(await run.output()).toEqual({ ticket: 'T-Re: tea' })
})
