import { loadWorkflow, toYaml, type Definition, type HandlerFace, type Step } from '@segno/schema'
import { median, timed } from '../samples.ts'
import type { Measure } from '../task.ts'

const steps = 1000
const rounds = 10

/** W7: a YAML file of 1,000 steps parsed and checked, the first time in a process and then. */
export const measure: Measure = async () => {
  const text = toYaml(workflowOf(steps))
  const load = async (): Promise<void> => expectNone(loadWorkflow(text, { handlers }).diagnostics)
  const firstLoadMs = await timed(load)
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await timed(load))
  return { firstLoadMs, loadMs: median(times), loadPeakMiB: process.resourceUsage().maxRSS / 1024 }
}

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
function workflowOf(count: number): Definition {
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

function expectNone(diagnostics: readonly { readonly code: string; readonly pointer: string }[]): void {
  const [first] = diagnostics
  if (first) throw new Error(`${first.code} at ${first.pointer}: what is measured has to be right`)
}
