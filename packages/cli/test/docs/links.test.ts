import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { allPages, readPage, root } from './page.ts'

const others = ['CONTRIBUTING.md', 'packages/schema/conformance/README.md', 'packages/cli/test/golden/cases/README.md']
const pages = [...allPages(), ...others.map(readPage)]

describe('every link leads somewhere', () => {
  test.for(pages.map((page) => [page.path, page] as const))('in %s', ([path, page]) => {
    expect(linksOf(page.text).filter((link) => !leadsSomewhere(path, link))).toEqual([])
  })
})

test('a link to a page or an anchor that is not there is found', () => {
  const text = '# A page\n[a](no-page.md) [b](#no-anchor) [c](#a-page) `[d](code.md)`'
  expect(linksOf(text)).toEqual(['no-page.md', '#no-anchor', '#a-page'])
  expect(leadsSomewhere('docs/x.md', 'no-page.md')).toBe(false)
  expect(leadsSomewhere('README.md', '#no-anchor')).toBe(false)
  expect(anchorsOf(text)).toEqual(new Set(['a-page']))
})

function linksOf(text: string): string[] {
  const prose = text.replace(/^```[^]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .flatMap(([, link]) => link ?? [])
    .filter((link) => !/^https?:/.test(link))
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = root + normalize(path === '' ? from : join(dirname(from), path))
  if (!existsSync(target)) return false
  if (anchor === undefined) return true
  return !statSync(target).isDirectory() && anchorsOf(readFileSync(target, 'utf8')).has(anchor)
}

// As GitHub makes them: lower case, no punctuation, a dash for each space.
function anchorsOf(text: string): Set<string> {
  const prose = text.replace(/^```[^]*?^```$/gm, '')
  const headings = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  const named = [...prose.matchAll(/<a id="([^"]+)">/g)].flatMap(([, id]) => id ?? [])
  return new Set([...headings, ...named])
}
