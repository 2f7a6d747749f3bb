import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { allPages, root } from '../docs/page.ts'
import { openEditor } from './editor.ts'

const editor = openEditor()
const isOwn = (path: string): boolean => !path.includes('node_modules')

describe('an editor underlines nothing', () => {
  const examples = globSync('examples/**/*.segno.yaml', { cwd: root }).filter(isOwn)

  test.for(examples)('in %s', async (path) => {
    // The schema that a file names may be one that is not written yet.
    const text = readFileSync(root + path, 'utf8').replace(/^# yaml-language-server:.*$/m, '')
    expect(await editor.problems(text)).toEqual([])
  })

  const fixtures = globSync('packages/schema/conformance/**/*.yaml', { cwd: root })

  test.for(fixtures)('in the workflow of %s', async (path) => {
    const { definition } = parse(readFileSync(root + path, 'utf8')) as { readonly definition: unknown }
    expect(await editor.problems(stringify(definition))).toEqual([])
  })

  const told = allPages().flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language, text }) => language === 'yaml' && /^segno: 1$/m.test(text))
      .map(({ line, text }) => [`${path}:${line}`, text] as const),
  )

  // The first page shows what a mistake looks like.
  test.for(told.filter(([, text]) => !text.includes('timout')))('in the workflow at %s', async ([, text]) => {
    expect(await editor.problems(text)).toEqual([])
  })

  test('in any of them, since there are many', () => {
    expect(examples.length).toBeGreaterThan(20)
    expect(fixtures.length).toBeGreaterThan(300)
    expect(told.length).toBeGreaterThan(50)
  })
})
