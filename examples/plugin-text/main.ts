import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { textPlugin } from '@segno-examples/plugin-text'
import { createEngine, formatDiagnostics, handlerContracts, handlerNames, loadWorkflow } from 'segno'

const read = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8')
const plugins = [textPlugin]

for (const { name, version, effect, description } of handlerContracts({ plugins })) {
  console.log(`${name} ${version}, ${effect}: ${description}`)
}

const text = read('notice.segno.yaml')
const { workflow, diagnostics } = loadWorkflow(text, { file: 'notice.segno.yaml', handlers: handlerNames({ plugins }) })
if (workflow === undefined) throw new Error(formatDiagnostics(diagnostics, { text }))

await using engine = createEngine({ plugins })
const run = await engine.start(workflow, {
  title: 'Terms of the shop',
  since: '2026-01-01',
  before: read('terms/2025.txt'),
  after: read('terms/2026.txt'),
})
const { file, notice } = await run.output()
console.log(`\n--- ${String(file)}\n${String(notice)}`)
