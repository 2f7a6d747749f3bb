/** How many steps a group of the generated workflow has. */
const stepsOfGroup = 10

/** A project that imports zod, and does nothing with it. */
export const emptySource = `import { z } from 'zod'
export const text = z.string()
`

const head = `import { z } from 'zod'
import { defineHandler } from '../../src/builder/define-handler.ts'
import { defineWorkflow } from '../../src/builder/define-workflow.ts'

const mail = z.object({ subject: z.string(), body: z.string(), files: z.array(z.object({ name: z.string(), bytes: z.int() })) })
const fetchMail = defineHandler(
  { name: 'fetch', input: z.object({ folder: z.string(), after: z.string() }), output: mail },
  () => ({ subject: '', body: '', files: [] }),
)
const classify = defineHandler(
  {
    name: 'classify',
    input: z.object({ text: z.string(), limit: z.number().default(10) }),
    output: z.object({ decision: z.enum(['ticket', 'review', 'drop']), reason: z.string().nullable() }),
  },
  () => ({ decision: 'drop' as const, reason: null }),
)
const openTicket = defineHandler(
  { name: 'ticket', input: z.object({ subject: z.string() }), output: z.object({ id: z.string() }) },
  () => ({ id: '' }),
)
const draft = defineHandler(
  {
    name: 'draft',
    input: z.object({ text: z.string(), round: z.number() }),
    output: z.object({ text: z.string(), score: z.number(), done: z.boolean() }),
  },
  () => ({ text: '', score: 0, done: true }),
)
const scan = defineHandler(
  { name: 'scan', input: z.object({ file: z.string(), bytes: z.int() }), output: z.object({ clean: z.boolean() }) },
  () => ({ clean: true }),
)

export const workflow = defineWorkflow(
  'large',
  { input: { folder: z.string(), first: z.string() }, output: { last: z.string() } },
  (w) => {
    const sum0 = { note: w.input.first }
`

/** A program that builds a workflow of so many steps: calls with references to former ones, `match`, loops. */
export function workflowSource(steps: number): string {
  const groups = steps / stepsOfGroup
  const body = Array.from({ length: groups }, (_, index) => group(index + 1)).join('')
  return `${head}${body}    return { last: sum${groups}.note }\n  },\n)\n`
}

// The shapes of one group are those of no other: the compiler cannot take them from what it knows already.
function group(n: number): string {
  return `    const mail${n} = w.step('mail${n}', fetchMail, { folder: w.input.folder, after: sum${n - 1}.note })
    const label${n} = w.step('label${n}', classify, { text: mail${n}.body })
    const route${n} = w.match('route${n}', label${n}.decision, {
      ticket: (w) => ({ note${n}: w.step('ticket${n}', openTicket, { subject: mail${n}.subject }).id }),
      review: (w) => ({ note${n}: w.set('review${n}', { subject${n}: mail${n}.subject }).subject${n} }),
      drop: () => ({ note${n}: mail${n}.subject }),
    })
    const text${n} = w.repeat('text${n}', { max: 3, initial: { text${n}: '', score: 0 } }, (w) => {
      const draft${n} = w.step('draft${n}', draft, { text: w.previous.text${n}, round: w.iteration })
      w.until(draft${n}.done)
      return { text${n}: draft${n}.text, score: draft${n}.score }
    })
    const scans${n} = w.forEach('scans${n}', mail${n}.files, (w, file) => {
      const scan${n} = w.step('scan${n}', scan, { file: file.name, bytes: file.bytes })
      return { clean${n}: scan${n}.clean, name: file.name }
    })
    const sum${n} = w.set('sum${n}', { note: route${n}.note${n}, text${n}: text${n}.text${n}, scans${n} })
`
}
