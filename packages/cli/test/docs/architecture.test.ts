import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readPage, root, sectionOf } from './page.ts'

const page = readPage('docs/architecture.md')

interface Invariant {
  readonly name: string
  readonly stated: readonly Anchor[]
  readonly tested: readonly Anchor[]
}

/** A file, and words that are in it. */
interface Anchor {
  readonly file: string
  readonly words: string
}

const invariants = sectionOf(page, 'Invariants')
  .split(/^### /m)
  .slice(1)
  .map((text): Invariant => {
    const name = text.slice(0, text.indexOf('\n'))
    return { name, stated: anchorsOf(text, 'Stated'), tested: anchorsOf(text, 'Tested') }
  })

test('the invariants are numbered from 1, without a gap', () => {
  expect(invariants.map(({ name }) => name.split(' ')[0])).toEqual(invariants.map((_, index) => `I${index + 1}`))
})

describe('an invariant is stated where it binds, and borne by a test of that name:', () => {
  test.for(invariants)('$name', ({ stated, tested }) => {
    expect(stated).toHaveLength(1)
    for (const { file, words } of stated) expect(prose(textOf(file)).includes(words), `${file} states it`).toBe(true)
    expect(tested).not.toEqual([])
    for (const { file, words } of tested) expect(titles(textOf(file)), file).toContain(words)
  })
})

function anchorsOf(text: string, kind: 'Stated' | 'Tested'): Anchor[] {
  const lines = text.matchAll(new RegExp(`^- ${kind} in \\[[^\\]]+\\]\\(([^)]+)\\): "(.+)"$`, 'gm'))
  return [...lines].map(([, path = '', words = '']) => ({
    file: join('docs', path),
    words: words.replaceAll('\\"', '"'),
  }))
}

function textOf(file: string): string {
  expect(existsSync(root + file), file).toBe(true)
  return readFileSync(root + file, 'utf8')
}

// Words of a comment, over the ends of its lines.
function prose(source: string): string {
  return source.replace(/\n\s*(\*|\/\/) ?/g, ' ')
}

// Of tests and of laws.
function titles(source: string): string[] {
  const named = source.matchAll(/(?:\b(?:test|describe)(?:\.for\(.*\))?\(|\bname: )(['"`])(.+?)\1/g)
  return [...named].flatMap(([, , title]) => title ?? [])
}
