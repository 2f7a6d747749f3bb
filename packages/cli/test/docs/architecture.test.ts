import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readPage, root, sectionOf } from './page.ts'

const page = readPage('docs/architecture.md')

interface Invariant {
  readonly name: string
  readonly stated: Anchor
  readonly tested: Anchor
}

/** A file, and words that are in it. */
interface Anchor {
  readonly file: string
  readonly words: string
}

const invariants = sectionOf(page, 'Invariants')
  .split(/^### /m)
  .slice(1)
  .map((text): Invariant => ({
    name: text.slice(0, text.indexOf('\n')),
    stated: anchorOf(text, 'Stated'),
    tested: anchorOf(text, 'Tested'),
  }))

test('the invariants are numbered from 1, without a gap', () => {
  expect(invariants.map(({ name }) => name.split(' ')[0])).toEqual(invariants.map((_, index) => `I${index + 1}`))
})

describe('an invariant is stated where it binds, and borne by a test of that name:', () => {
  test.for(invariants)('$name', ({ stated, tested }) => {
    expect(prose(textOf(stated.file)).includes(stated.words), `${stated.file} states it`).toBe(true)
    const title = new RegExp(`(\\btest(\\.for\\(.*\\))?\\(|name: )(['"\`])${escaped(tested.words)}\\3`)
    expect(title.test(textOf(tested.file)), `${tested.file} tests it`).toBe(true)
  })
})

function anchorOf(text: string, kind: 'Stated' | 'Tested'): Anchor {
  const [, path = '', words = ''] = new RegExp(`^- ${kind} in \\[[^\\]]+\\]\\(([^)]+)\\): "(.+)"$`, 'm').exec(text) ?? []
  return { file: join('docs', path), words: words.replaceAll('\\"', '"') }
}

function textOf(file: string): string {
  expect(existsSync(root + file), file).toBe(true)
  return readFileSync(root + file, 'utf8')
}

// Words of a comment, over the ends of its lines.
function prose(source: string): string {
  return source.replace(/\n\s*(\*|\/\/) ?/g, ' ')
}

function escaped(words: string): string {
  return words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
