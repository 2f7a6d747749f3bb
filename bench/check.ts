import { writeFile } from 'node:fs/promises'
import { checkDefinition, loadWorkflow, toYaml, type Definition, type HandlerFace, type Step } from '@segno/schema'
import { best, timed } from './measure.ts'

const rounds = 10

const output = {
  type: 'object',
  required: ['text', 'verdict'],
  properties: {
    text: { type: 'string' },
    verdict: { enum: ['approve', 'revise', 'block'] },
    score: { type: 'number' },
    notes: { type: 'array', items: { type: 'string' } },
  },
}
const input = {
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string' }, count: { type: 'integer' } },
}
const handlers: readonly (HandlerFace | string)[] = [{ name: 'judge', input, output }, 'exec']

/** `count` steps of the kinds that workflows are made of, each reading one before it. */
export function workflowOf(count: number): Definition {
  const steps: Step[] = []
  for (let id = 0; steps.length + inside(steps) < count; id++) steps.push(...group(id))
  return { segno: 1, name: `check-${count}`, input: { text: { type: 'string' } }, steps }
}

function inside(steps: readonly Step[]): number {
  return steps.filter((step) => 'match' in step).length * 3
}

function group(id: number): Step[] {
  const text = id === 0 ? 'input.text' : `steps.tell${id - 1}.output`
  const verdict = `steps.judge${id}.output.verdict`
  const revise: Step = { id: `note${id}`, set: { text: `\${{ ${verdict} + "d" }}` } }
  return [
    { id: `judge${id}`, uses: 'judge', with: { text: `\${{ ${text} }}`, count: `\${{ size(${text}) + 1 }}` } },
    {
      id: `route${id}`,
      match: verdict,
      cases: {
        approve: [{ id: `fine${id}`, set: { text: 'fine' } }],
        revise: [revise],
        block: [{ id: `bad${id}`, set: { text: `\${{ steps.judge${id}.output.text }}` } }],
      },
    },
    {
      id: `sum${id}`,
      set: { score: `\${{ has(steps.judge${id}.output.score) ? steps.judge${id}.output.score : 0 }}` },
    },
    {
      id: `tell${id}`,
      exec: ['echo', `\${{ steps.route${id}.output.text }}`, `\${{ steps.sum${id}.output.score * 2 }}`],
      output: { from: 'stdout' },
    },
  ]
}

const rows: { readonly steps: number; readonly what: string; readonly ms: number }[] = []
for (const steps of [100, 1000, 2000]) {
  const definition = workflowOf(steps)
  const text = toYaml(definition)
  const check = async (): Promise<void> => expectNone(checkDefinition(definition, { handlers }))
  const load = async (): Promise<void> => expectNone(loadWorkflow(text, { handlers }).diagnostics)
  rows.push({ steps, what: 'check, the first time', ms: await timed(check) })
  rows.push({ steps, what: 'check', ms: await best(rounds, () => timed(check), Math.min) })
  rows.push({ steps, what: 'parse and check', ms: await best(rounds, () => timed(load), Math.min) })
}

function expectNone(diagnostics: readonly { readonly code: string; readonly pointer: string }[]): void {
  const [first] = diagnostics
  if (first) throw new Error(`${first.code} at ${first.pointer}: what is measured has to be right`)
}

for (const { steps, what, ms } of rows) console.log(`${steps} steps  ${what.padEnd(22)} ${ms.toFixed(1)} ms`)
await writeFile(
  new URL('check.json', import.meta.url),
  `${JSON.stringify({ node: process.version, rows: rows.map((row) => ({ ...row, ms: Math.round(row.ms * 10) / 10 })) }, null, 2)}\n`,
)
