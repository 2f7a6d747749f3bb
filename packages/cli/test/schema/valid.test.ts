import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { allPages, root } from '../docs/page.ts'
import { openEditor } from './editor.ts'

const editor = openEditor()
const isOwn = (path: string): boolean => !path.includes('node_modules')

// The schema that a file names may be one that is not written yet.
const withoutLine = (text: string): string => text.replace(/^# yaml-language-server:.*$/m, '#')

describe('an editor underlines nothing', () => {
  const examples = globSync('examples/**/*.segno.yaml', { cwd: root }).filter(isOwn)

  test.for(examples)('in %s', async (path) => {
    expect(await editor.problems(withoutLine(readFileSync(root + path, 'utf8')))).toEqual([])
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
    expect(await editor.problems(withoutLine(text))).toEqual([])
  })

  test.for([
    ['keys of cases that are no text', 'match: input.x\n    cases: { true: [], 1: [], "": [] }\n    default: []'],
    [
      'templates in the place of numbers',
      'repeat: { max: "${{ input.n }}", while: "${{ input.go }}", every: "${{ input.t }}" }\n    do: []',
    ],
    ['expressions without their signs', 'if: input.x > 1 && !input.y\n    do: []\n    else: []'],
    ['numbers and booleans in argv and env', 'exec: [a, 1, true]\n    env: { A: 1, B: true, C: "${{ input.c }}" }'],
    ['keys that are free', 'uses: a\n    x-owner: ada\n    retry: { max: 1, x-why: { is: [it] } }'],
    ['scripts', 'run: |\n      echo a\n      echo b\n    shell: bash'],
  ])('in a step with %s', async ([, lines]) => {
    expect(await editor.problems(`segno: 1\nname: test\nsteps:\n  - id: work\n    ${lines}\n`)).toEqual([])
  })

  test('in any of them, since there are many', () => {
    expect(examples.length).toBeGreaterThan(20)
    expect(fixtures.length).toBeGreaterThan(300)
    expect(told.length).toBeGreaterThan(50)
  })
})
