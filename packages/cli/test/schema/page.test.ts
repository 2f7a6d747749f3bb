import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readPage, root, rowsOf, sectionOf } from '../docs/page.ts'
import { openEditor } from './editor.ts'

const page = readPage('docs/18-editors.md')
const schemas = rowsOf(sectionOf(page, 'Schemas')).map(
  ([path = '', , draft = '']) => [path.replaceAll('`', ''), draft] as const,
)

test('the page about editors has every schema that is published', () => {
  const { exports } = JSON.parse(readFileSync(`${root}packages/schema/package.json`, 'utf8')) as {
    readonly exports: Readonly<Record<string, unknown>>
  }
  const published = Object.keys(exports).filter((door) => door.endsWith('.json'))
  expect(schemas.map(([path]) => path).toSorted()).toEqual(
    published.map((door) => `@segno/schema/${door.slice('./'.length)}`).toSorted(),
  )
})

test.for(schemas)('%s is there, in draft %s', ([path, draft]) => {
  const { $schema } = JSON.parse(readFileSync(createRequire(import.meta.url).resolve(path), 'utf8')) as {
    readonly $schema: string
  }
  expect($schema).toContain(`draft${draft === '07' ? '-07' : '/2020-12'}/schema`)
})

test('the line that it has for a file leads to the schema', async () => {
  const text = page.blocks.find(({ language }) => language === 'yaml')?.text ?? ''
  const editor = openEditor({})
  expect(await editor.problems(`${text}  - { id: next, sett: {} }\n`, `${root}hello.yaml`)).toEqual([
    '6: Property sett is not allowed.',
    expect.stringMatching(/^6: The step has no verb\./),
  ])
})
