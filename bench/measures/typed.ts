import { spawn } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { timed } from '../samples.ts'
import type { Measure } from '../task.ts'

const steps = 200
const chain = 10
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))

// What the compiler itself says of its memory is the heap at its end.
const sayPeak = `data:text/javascript,process.on('exit',()=>console.log('peak KiB '+process.resourceUsage().maxRSS))`

const config = {
  compilerOptions: {
    ...{ target: 'es2023', module: 'nodenext', lib: ['es2024', 'esnext.disposable'] },
    ...{ strict: true, skipLibCheck: true, noEmit: true, types: [] },
  },
  files: ['workflow.ts'],
}

/** W7: `tsc` of a workflow of 200 typed steps, most of which read the one before them. */
export const measure: Measure = async ({ place: { folder } }) => {
  await symlink(modules, join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  await writeFile(join(folder, 'workflow.ts'), workflowOf(steps))
  let said = ''
  const tscMs = await timed(async () => (said = await compile(folder)))
  return { tscMs, tscMiB: Number(/^peak KiB (\d+)/m.exec(said)?.[1]) / 1024 }
}

async function compile(folder: string): Promise<string> {
  const child = spawn(process.execPath, ['--import', sayPeak, join(modules, 'typescript/bin/tsc'), '-p', folder])
  let said = ''
  child.stdout.on('data', (chunk) => (said += String(chunk)))
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`tsc: ${said.trim().split('\n', 4).join(' ')}`)
  return said
}

function workflowOf(count: number): string {
  const lines = Array.from({ length: count }, (_, index) => stepOf(index)).join('\n')
  return `import { defineHandler, defineWorkflow, gt } from '@segno/core'
import { z } from 'zod'

const input = z.object({ text: z.string(), count: z.number(), tags: z.array(z.string()).optional() })
const work = defineHandler({ name: 'work', input }, (_context, { text, count }) => {
  return { text, count: count + 1, verdict: 'fine' as 'fine' | 'bad', notes: [text] }
})

export const workflow = defineWorkflow(
  'typed',
  { input: { text: z.string(), limit: z.number() }, output: { text: z.string(), count: z.number() } },
  (w) => {
${lines}
    return { text: s${count - 1}.text, count: s${count - 1}.count }
  },
)
`
}

// Chains of ten: each step reads the one before it, the first of a chain the input.
function stepOf(index: number): string {
  const place = index % chain
  const before =
    place === 0 ? '{ text: w.input.text, count: 0 }' : `{ text: s${index - 1}.text, count: s${index - 1}.count }`
  const step = `    const s${index} = w.step('s${index}', work, ${before})`
  if (place !== chain - 1) return step
  const large = `w.if('large${index}', gt(s${index}.count, w.input.limit), (w) => w.step('note${index}', work, s${index}))`
  return `${step}\n    ${large}`
}
