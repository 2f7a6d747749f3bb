import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPage, root, rowsOf, sectionOf } from './page.ts'

const page = readPage('docs/24-security.md')
const defaults = rowsOf(sectionOf(page, 'Defaults')).map(([name = '', tests = '']) => ({
  name,
  anchors: anchorsOf(tests),
}))

test('the page has defaults', () => {
  expect(defaults.length).toBeGreaterThan(40)
})

test.for(defaults)('a test of that name bears the default: $name', ({ anchors }) => {
  expect(anchors).not.toEqual([])
  for (const { file, words } of anchors) {
    expect(existsSync(root + file), file).toBe(true)
    expect(isQuoted(words, readFileSync(root + file, 'utf8')), `${file}: ${words}`).toBe(true)
  }
})

/** A file, and the words of a test in it: its title, or that of one of its cases. */
interface Anchor {
  readonly file: string
  readonly words: string
}

function anchorsOf(cell: string): Anchor[] {
  const found = cell.matchAll(/\[[^\]]+\]\(([^)]+)\): "(.+?)"(?=;|$)/g)
  return [...found].map(([, path = '', words = '']) => ({ file: join('docs', path), words }))
}

// As a whole: half a sentence is no test.
function isQuoted(words: string, source: string): boolean {
  return [`'${words}'`, `"${words}"`, `\`${words}\``].some((text) => source.replaceAll("\\'", "'").includes(text))
}
