import { loadDefinition, loadWorkflow, normalise } from '@segno/schema'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { SegnoError } from '../error.ts'
import { createEngine } from '../runtime/engine.ts'
import { defineHandler } from './define-handler.ts'
import { defineWorkflow } from './define-workflow.ts'
import { has, orElse, sure } from './guards.ts'
import { add, gt } from './operators.ts'
import { text } from './text.ts'
import type { TypedWorkflow } from './typed-workflow.ts'

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

const yaml = `
segno: 1
name: email-triage
input: { subject: { type: string }, body: { type: string } }
output: { ticket: { type: [string, "null"], value: "\${{ steps.route.output.ticket }}" } }
steps:
  - { id: classify, uses: classify, with: { text: "\${{ input.body }}" } }
  - id: route
    match: steps.classify.output.decision
    cases:
      createTicket:
        - { id: ticket, uses: createTicket, with: { subject: "Re: \${{ input.subject }}" } }
        - { id: route_createTicket, set: { ticket: "\${{ steps.ticket.output.id }}" } }
      manualReview:
        - { id: route_manualReview, set: { ticket: null } }
`

function hashOf({ definition }: TypedWorkflow): string | undefined {
  const { workflow, diagnostics } = loadDefinition(definition)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return workflow?.hash
}

describe('a workflow in TypeScript', () => {
  test('is the definition that YAML gives, with the same hash', () => {
    const { workflow } = loadWorkflow(yaml)
    expect(normalise(triage.definition)).toEqual(workflow?.definition)
    expect(hashOf(triage)).toBe(workflow?.hash)
  })

  test('is plain data', () => {
    expect(JSON.parse(JSON.stringify(triage.definition))).toEqual(triage.definition)
  })

  test('brings its handlers to the engine that starts it', async () => {
    await using engine = createEngine()
    const run = await engine.start(triage, { subject: 'tea', body: 'it is broken' })
    expect(await run.output()).toEqual({ ticket: 'T-Re: tea' })
    expect(await (await engine.start(triage, { subject: 'tea', body: 'fine' })).result()).toEqual({
      status: 'completed',
      output: { ticket: null },
    })
  })

  test('tells where each step was written', () => {
    const { callSites } = triage
    expect(Object.keys(callSites)).toEqual(['/steps/0', '/steps/1', '/steps/1/cases/createTicket/0'])
    expect(callSites['/steps/0']).toMatch(/builder\/define-workflow\.test\.ts:\d+:\d+$/)
  })
})

describe('an engine', () => {
  const other = defineHandler({ name: 'classify' }, () => ({ decision: 'manualReview' as const }))

  test('takes the handlers of workflows for runs that others began', async () => {
    await using engine = createEngine({ workflows: [triage] })
    const run = await engine.start(triage.definition, { subject: 'tea', body: 'fine' })
    expect(await run.output()).toEqual({ ticket: null })
  })

  test('refuses a workflow that brings another handler of a name', async () => {
    expect(() => createEngine({ workflows: [triage], handlers: { classify: other } })).toThrow(
      expect.objectContaining({
        code: 'HANDLER_CONFLICT',
        message: 'The workflow email-triage brings a handler "classify" that is not the one that the engine has',
      }),
    )
    await using engine = createEngine({ handlers: { classify: other } })
    await expect(engine.start(triage, { subject: 'tea', body: 'fine' })).rejects.toSatisfy((error) =>
      SegnoError.is(error, 'HANDLER_CONFLICT'),
    )
  })

  test('takes the same handler from the host and from a workflow', () => {
    expect(() => createEngine({ workflows: [triage], handlers: { classify } })).not.toThrow()
  })

  test('says where a step with a mistake was written', async () => {
    const mistaken = defineWorkflow('mistaken', {}, (w) => {
      const inside = { leak: w.input as never }
      w.do('block', (w) => {
        inside.leak = w.set('hidden', { a: 1 }) as never
      })
      w.set('outside', { a: (inside.leak as { readonly a: never }).a })
    })
    await using engine = createEngine()
    await expect(engine.start(mistaken)).rejects.toThrow(
      /^The definition has errors:\nSTEP_OUT_OF_SCOPE at \/steps\/1\/set\/a \(\S+define-workflow\.test\.ts:\d+:\d+\): /,
    )
  })
})

describe('inputs', () => {
  const order = defineWorkflow(
    'order',
    {
      input: z.object({ item: z.string(), count: z.number().default(1), note: z.string().optional() }),
      output: { count: z.number(), note: z.string() },
    },
    (w) => ({ count: add(w.input.count, 1), note: orElse(w.input.note, 'none') }),
  )

  test('of one object are declared one by one', () => {
    const steps = defineWorkflow('all', { input: { note: z.string().optional(), n: z.number().default(2) } }, (w) => {
      w.assert('enough', gt(w.input.n, 1))
    })
    expect(order.definition.input).toEqual({
      item: { type: 'string' },
      count: { type: 'number', default: 1 },
      note: { type: 'string', optional: true },
    })
    expect(steps.definition.input).toEqual({
      note: { type: 'string', optional: true },
      n: { type: 'number', default: 2 },
    })
  })

  test('may be left out where they have a default', async () => {
    const seen = defineWorkflow('seen', { input: { note: z.string().optional() } }, (w) => {
      w.assert('known', has(w.input.note))
      w.set('copy', { note: sure(w.input.note) })
    })
    await using engine = createEngine()
    expect((await (await engine.start(seen)).result()).status).toBe('failed')
    expect((await (await engine.start(seen, { note: 'here' })).result()).status).toBe('completed')
  })

  test('need a schema that gives JSON Schema', () => {
    const when = z.object({ when: z.date() })
    expect(() => defineWorkflow('dated', { input: when }, () => undefined)).toThrow(
      expect.objectContaining({
        code: 'ARGUMENT_INVALID',
        message:
          'The schema of the input is of no use in a definition: its validator (zod) gives no JSON Schema: Date cannot be represented in JSON Schema',
      }),
    )
  })
})
