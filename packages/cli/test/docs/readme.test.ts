import { readdirSync } from 'node:fs'
import { createEngine, loadWorkflow, normalise, parseDefinition, planHash, type Workflow } from 'segno'
import { expect, test } from 'vitest'
import { readPage, root, type Block } from './page.ts'
import { printedBy } from './printed-by.ts'

const page = readPage('README.md')
const yaml = loadWorkflow(blockOf('refund.segno.yaml').text, { handlers: ['payments.refund', 'mail.send'] })
const twin = await definitionOf('refund')

test('it is one screen', () => {
  expect(page.text.split('\n').length).toBeLessThanOrEqual(126)
  expect(blockOf('refund.segno.yaml').text.trimEnd().split('\n').length).toBeLessThanOrEqual(26)
})

test('its workflow has no mistakes, and its two forms have one hash', () => {
  expect(yaml.diagnostics).toEqual([])
  const { definition, diagnostics } = parseDefinition(twin)
  expect(diagnostics).toEqual([])
  expect(definition && planHash(normalise(definition))).toBe(yaml.workflow?.hash)
})

test('its two forms give one result', async () => {
  const results = await Promise.all([yaml.workflow, twin].map((workflow) => resultOf(workflow as Workflow)))
  expect(results[0]).toEqual({ status: 'completed', output: { receipt: 'R-A17' } })
  expect(results[1]).toEqual(results[0])
})

test('it maps every page of the documentation', () => {
  for (const name of readdirSync(`${root}docs`)) {
    if (name.endsWith('.md')) expect(page.text).toContain(`](docs/${name})`)
  }
})

async function resultOf(workflow: Workflow): Promise<unknown> {
  await using engine = createEngine({
    handlers: {
      'payments.refund': (_, { order }: { order: string }) => ({ receipt: `R-${order}` }),
      'mail.send': () => undefined,
    },
  })
  const run = await engine.start(workflow, { order: 'A17', amount: 250 })
  await run.signal('approved')
  return await run.result()
}

async function definitionOf(name: string): Promise<unknown> {
  const text = `import { ${name} } from './${name}.ts'\nconsole.log(JSON.stringify(${name}.definition))`
  return JSON.parse(await printedBy([blockOf(`${name}.ts`), { file: 'show.ts', text }]))
}

function blockOf(file: string): Block {
  const block = page.blocks.find((candidate) => candidate.file === file)
  if (block === undefined) throw new Error(`README.md has no block called ${file}`)
  return block
}
