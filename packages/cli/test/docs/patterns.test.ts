import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readPage, root, rowsOf } from './page.ts'

const page = readPage('docs/17-patterns.md')
const folder = 'packages/schema/conformance/patterns/'

interface Section {
  readonly number: number
  readonly name: string
  readonly text: string
}

const sections = page.text.split(/^## /m).slice(1).map(sectionOf)
const rows = rowsOf(page.text)

describe('the page of patterns', () => {
  test('has a section and a row for each of the twenty, in their order', () => {
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1)
    expect(sections.map(({ number }) => number)).toEqual(numbers)
    const told = rows.map(([number, link = '']) => ({ number: Number(number), name: /\[(.*?)\]/.exec(link)?.[1] }))
    expect(told).toEqual(sections.map(({ number, name }) => ({ number, name })))
  })

  test('says at its head and in its table which ones it has in part', () => {
    const inPart = sections.filter(({ text }) => text.includes('*In part*: ')).map(({ number }) => number)
    expect(rows.filter((cells) => cells.at(-1) === 'in part').map(([number]) => Number(number))).toEqual(inPart)
    expect(rows.filter((cells) => cells.at(-1) === 'yes').length).toBe(20 - inPart.length)
    expect(page.text).toContain(`Segno has ${20 - inPart.length} of them as they are, and ${inPart.length} in part`)
  })

  test('shows every fixture of a pattern', () => {
    const files = readdirSync(root + folder).toSorted()
    expect(sections.map(({ text }) => fixtureOf(text))).toEqual(files)
  })

  test.for(sections)('has for WCP-$number what its fixture has', ({ text }) => {
    const excerpt = /```yaml\n([^]*?)```/.exec(text)?.[1] ?? ''
    const shown = parse(excerpt) as Readonly<Record<string, unknown>>
    const { definition } = parse(readFileSync(root + folder + fixtureOf(text), 'utf8')) as {
      readonly definition: Readonly<Record<string, unknown>>
    }

    expect(Object.keys(shown)).toContain('steps')
    expect(shown).toEqual(Object.fromEntries(Object.keys(shown).map((key) => [key, definition[key]])))
  })
})

function sectionOf(text: string): Section {
  const [, number = '', name = ''] = /^WCP-(\d+) (.*)$/m.exec(text) ?? []
  return { number: Number(number), name, text }
}

function fixtureOf(text: string): string {
  return /\]\(\.\.\/packages\/schema\/conformance\/patterns\/(\S+)\)/.exec(text)?.[1] ?? ''
}
