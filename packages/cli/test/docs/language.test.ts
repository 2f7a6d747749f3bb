import { existsSync, readFileSync } from 'node:fs'
import { formatDiagnostics, loadWorkflow, parseDuration, type LoadedWorkflow } from 'segno'
import { describe, expect, test } from 'vitest'
import { claimsOf, type Claim } from './claim.ts'
import { readPage, root, rowsOf, sectionOf, type Block } from './page.ts'
import { handlers, play, playForReal } from './play-claim.ts'

const page = readPage('docs/05-language.md')
const pages = [page, readPage('docs/05-blocks.md')]
const text = pages.map((each) => each.text).join('\n')

const examples = pages
  .flatMap(({ blocks }) => blocks)
  .filter(({ language }) => language === 'yaml')
  .map((block) => ({ block, claims: claimsOf(block), isLibrary: /^# \S+\.yaml\n/.test(block.text) }))
const libraries = new Map(examples.flatMap(({ block, isLibrary }) => (isLibrary ? [[block.file, block.text]] : [])))
const refused = examples.filter(({ claims }) => claims.some(({ ends }) => ends === 'is refused'))
const sound = examples.filter((example) => !refused.includes(example))
const claims = sound.flatMap(({ block, claims: all }) => all.map((claim) => ({ block, claim })))

describe('an example of the language pages', () => {
  test.for(sound)('on line $block.line has no mistakes, and says what comes of it', ({ block, claims, isLibrary }) => {
    expect(formatDiagnostics(loaded(block).diagnostics, { text: block.text })).toBe('')
    expect(claims.length > 0).toBe(!isLibrary)
  })

  test.for(claims)('on line $block.line $claim.line', async ({ block, claim }) => {
    const { workflow } = loaded(block)
    if (workflow === undefined) throw new Error('it is no workflow')

    const { tookMs, ...told } = await (/\b(exec|run|http):/.test(block.text) ? playForReal : play)(workflow, claim)

    expect(told).toEqual(toldBy(claim))
    if (claim.after !== undefined) expect(tookMs).toBe(parseDuration(claim.after))
  })

  test.for(refused)('on line $block.line is refused, for nothing else than it says', ({ block, claims }) => {
    expect(claims).toHaveLength(1)
    const codes = loaded(block).diagnostics.map(({ code }) => code)
    expect([...new Set(codes)]).toEqual([claims[0]?.with])
  })
})

function loaded({ text: source }: Block): LoadedWorkflow {
  const names = ['exec', 'run', 'http', 'watch', ...Object.keys(handlers)]
  return loadWorkflow(source, { handlers: names, read: (path) => libraries.get(path) })
}

function toldBy(claim: Claim): object {
  const { ends, emits, takesBack } = claim
  return { ends, emits, takesBack, with: ends === 'completes' ? JSON.parse(claim.with ?? '') : claim.with }
}

test('what an example leads to and its line does not say is found', () => {
  expect(() => claimsOf({ after: '- emits nothing, completes with `{}`' } as Block)).toThrow('no claim')
  const [claim] = claimsOf({ after: '- takes back `b` and `a`, fails with `X` after `2m`\n\n- no list' } as Block)
  expect(claim).toMatchObject({ emits: [], takesBack: ['b', 'a'], ends: 'fails', with: 'X', after: '2m' })
})

describe('the language pages have', () => {
  const schema = JSON.parse(readFileSync(`${root}packages/schema/json/workflow.schema.json`, 'utf8')) as Schema
  const steps = Object.keys(schema.$defs).filter((name) => /.Step$/.test(name))
  const verbs = steps.map((name) => name.charAt(0).toLowerCase() + name.slice(1, -'Step'.length))

  test('a row and a chapter for each verb, and no other', () => {
    const told = rowsOf(sectionOf(page, 'Steps').split('| modifier')[0] ?? '').map(
      ([first = '']) => /\w+/.exec(first)?.[0] ?? '',
    )
    expect(told.toSorted()).toEqual(verbs.toSorted())
    for (const verb of verbs) expect(chapterOf(verb)).toContain('```yaml\nsegno: 1\n')
  })

  test('every key of every construct', () => {
    const keys = new Set(Object.keys(schema.properties))
    collectKeys(schema.properties, keys)
    for (const [name, def] of Object.entries(schema.$defs)) if (!ofJsonSchema.has(name)) collectKeys(def, keys)
    const tables = text.replace(/^```[^]*?^```$/gm, '')
    expect([...keys].filter((key) => !new RegExp(`\`[^\`]*\\b${key}\\b[^\`]*\``).test(tables))).toEqual([])
    expect(keys.size).toBeGreaterThan(100)
  })

  test('every option of a step that takes back another', () => {
    const kinds = Object.keys(schema.$defs).flatMap((name) => /^(.+)Undo$/.exec(name)?.[1]?.toLowerCase() ?? [])
    const [, work = '', call = ''] =
      /one step of work \((.*?)\) or a (`call`)/.exec(chapterOf('undo').replaceAll('\n', ' ')) ?? []
    expect(`${work}, ${call}`).toBe(kinds.map((kind) => `\`${kind}\``).join(', '))
  })

  test('the place of a schema that editors read', () => {
    const path = /\$schema=\.\/(\S+\.json)/.exec(page.text)?.[1] ?? ''
    expect(existsSync(root + path)).toBe(true)
  })

  test('the handlers that their examples use', () => {
    const told = rowsOf(page.text.split('\n## A file')[0] ?? '').map(([name = '']) => name.replaceAll('`', ''))
    expect(told).toEqual(Object.keys(handlers))
  })
})

function chapterOf(heading: string): string {
  const owner = pages.find((each) => each.text.includes(`\n### ${heading}\n`))
  if (owner === undefined) throw new Error(`no page has a chapter "${heading}"`)
  return sectionOf(owner, heading)
}

// What JSON Schema has is told elsewhere.
const ofJsonSchema: ReadonlySet<string> = new Set(['JsonSchema', 'Input', 'Output'])

interface Schema {
  readonly properties: object
  readonly $defs: Readonly<Record<string, unknown>>
}

function collectKeys(schema: unknown, keys: Set<string>): void {
  if (typeof schema !== 'object' || schema === null) return
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') for (const name of Object.keys(value as object)) keys.add(name)
    collectKeys(value, keys)
  }
}
