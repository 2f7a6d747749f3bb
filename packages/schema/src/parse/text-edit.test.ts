import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { applyEdits } from '../diagnostic/apply-edits.ts'
import { isJsonObject, pointerPart, type Json, type JsonObject } from '../json.ts'
import type { DocumentEdit } from './document-edit.ts'
import { parseWorkflow, type ParsedWorkflow } from './workflow.ts'

/** The text after an edit; `undefined` where it cannot be made. */
function edited(
  text: string,
  edit: DocumentEdit,
  { sourceMap }: Pick<ParsedWorkflow, 'sourceMap'> = parseWorkflow(text),
): string | undefined {
  const found = sourceMap.textEdit(edit)
  return found && applyEdits(text, [found])
}

const block = `segno: 1
name: test # its name
secrets: # needed
  - A
  # the second
  - B

steps:
  - id: a
    # runs tests
    run: |
      one
      two

    env: { X: "1", 'Y': 2, } # two

  - { id: b, uses: 'h' }
`

describe('an edit of a block', () => {
  const cases: readonly (readonly [string, DocumentEdit, string, string])[] = [
    ['removes an item with its line', { op: 'remove', pointer: '/secrets/0' }, '  - A\n', ''],
    ['removes an entry with its comment', { op: 'remove', pointer: '/name' }, 'name: test # its name\n', ''],
    [
      'removes an entry of several lines',
      { op: 'remove', pointer: '/steps/0/run' },
      '    run: |\n      one\n      two\n',
      '',
    ],
    [
      'moves the next key up where the first one goes',
      { op: 'remove', pointer: '/steps/1/id' },
      '{ id: b, uses',
      '{ uses',
    ],
    [
      'adds an entry behind another one',
      { op: 'add', pointer: '/steps/0/needs', value: ['b'], after: 'id' },
      '  - id: a\n',
      '  - id: a\n    needs: [b]\n',
    ],
    [
      'adds an entry at the end, behind the comment of the last one',
      { op: 'add', pointer: '/steps/0/title', value: 'It: all' },
      ' # two\n',
      ' # two\n    title: "It: all"\n',
    ],
    [
      'adds an item',
      { op: 'add', pointer: '/secrets/-', value: 'C' },
      '  # the second\n  - B\n',
      '  # the second\n  - B\n  - C\n',
    ],
    ['renames a key', { op: 'rename', pointer: '/steps/0/run', key: 'prompt' }, 'run: |', 'prompt: |'],
    ['keeps the quotes of a text', { op: 'replace', pointer: '/steps/1/uses', value: 'g' }, "'h'", "'g'"],
    [
      'replaces a part of a text of several lines',
      { op: 'splice', pointer: '/steps/0/run', start: 4, end: 7, text: 'three' },
      '      two',
      '      three',
    ],
  ]
  test.for(cases)('%s', ([, edit, from, to]) => {
    expect(edited(block, edit)).toBe(block.replace(from, to))
  })

  test('keeps the line breaks of Windows, and a byte order mark', () => {
    const text = `\ufeff${block.replaceAll('\n', '\r\n')}`
    for (const [, edit, from, to] of cases) {
      if (edit.op === 'splice') continue
      expect(edited(text, edit)).toBe(text.replace(from.replaceAll('\n', '\r\n'), to.replaceAll('\n', '\r\n')))
    }
  })

  test('takes the last line of a file without a line break at its end', () => {
    const text = 'segno: 1\nname: test\nsteps: []\nsecrets: [A]'
    expect(edited(text, { op: 'remove', pointer: '/secrets' })).toBe('segno: 1\nname: test\nsteps: []')
    expect(edited(text, { op: 'add', pointer: '/x-a', value: 1 })).toBe(`${text}\nx-a: 1`)
  })
})

describe('an edit between brackets', () => {
  test.for<[string, string, DocumentEdit, string]>([
    ['removes the first one', '{ a: 1, b: 2 }', { op: 'remove', pointer: '/x/a' }, '{ b: 2 }'],
    ['removes the last one', '[1, 2]', { op: 'remove', pointer: '/x/1' }, '[1]'],
    ['removes the last one before a comma', '[1, 2,]', { op: 'remove', pointer: '/x/1' }, '[1,]'],
    ['adds an entry', '{ a: 1 }', { op: 'add', pointer: '/x/b', value: 'two words' }, '{ a: 1, b: two words }'],
    ['adds to an empty map', '{}', { op: 'add', pointer: '/x/b', value: { c: [] } }, '{ b: { c: [] } }'],
    ['adds to an empty list', '[ ]', { op: 'add', pointer: '/x/-', value: true }, '[true]'],
    ['adds before a comma at the end', '[1,]', { op: 'add', pointer: '/x/-', value: 2 }, '[1, 2,]'],
    ['quotes what is no plain text', '[1]', { op: 'replace', pointer: '/x/0', value: 'no' }, '["no"]'],
    ['gives a value to a key without one', '{ a: }', { op: 'replace', pointer: '/x/a', value: 1 }, '{ a: 1 }'],
    [
      'keeps the comment of the entry before',
      '[\n    1, # one\n    2 # two\n  ]',
      { op: 'remove', pointer: '/x/1' },
      '[\n    1, # one\n  ]',
    ],
    [
      'keeps the comment of the entry behind',
      '[\n    1, # one\n    # more\n    2 # two\n  ]',
      { op: 'remove', pointer: '/x/0' },
      '[\n    # more\n    2 # two\n  ]',
    ],
  ])('%s', ([, from, edit, to]) => {
    expect(edited(`y: 1\nx: ${from}\nz: 1\n`, edit)).toBe(`y: 1\nx: ${to}\nz: 1\n`)
  })

  test('takes out what it leaves empty', () => {
    expect(edited('y: 1\nx: [1]\n', { op: 'remove', pointer: '/x/0' })).toBe('y: 1\n')
    expect(edited('y: 1\nx:\n  - 1\n', { op: 'remove', pointer: '/x/0' })).toBe('y: 1\n')
    expect(edited('y: [{ a: 1 }]\n', { op: 'remove', pointer: '/y/0/a' })).toBeUndefined()
  })

  test('leaves JSON what it is', () => {
    const text = '{\n\t"y": 1,\n\t"x": ["A"]\n}\n'
    expect(edited(text, { op: 'add', pointer: '/x/-', value: 'B' })).toBe('{\n\t"y": 1,\n\t"x": ["A", "B"]\n}\n')
    expect(edited(text, { op: 'rename', pointer: '/x', key: 'z' })).toBe(text.replace('"x"', '"z"'))
    expect(edited(text, { op: 'add', pointer: '/z', value: ['C'] })).toBe('{\n\t"y": 1,\n\t"x": ["A"], "z": ["C"]\n}\n')
  })
})

test.for<[string, string, DocumentEdit]>([
  ['a block in place of which a value would stand', 'x: |\n  a\n', { op: 'replace', pointer: '/x', value: 1 }],
  ['a text that would end there', 'x: a b\n', { op: 'splice', pointer: '/x', start: 0, end: 1, text: 'c: d' }],
  ['a key that is there', 'x: 1\n', { op: 'add', pointer: '/x', value: 2 }],
  ['a map that is not there', 'x: 1\n', { op: 'add', pointer: '/y/z', value: 2 }],
  ['an item that is not there', 'x: [1]\n', { op: 'remove', pointer: '/x/1' }],
  ['a comment in the way', 'x:\n  - a: 1\n    # b\n    b: 2\n', { op: 'remove', pointer: '/x/0/a' }],
  ['blank lines that are a part of the value', 'x: |+\n  a\n\n\n', { op: 'add', pointer: '/y', value: 1 }],
])('an edit is not made where more would change: %s', ([, text, edit]) => {
  expect(edited(text, edit)).toBeUndefined()
})

const conformance = new URL('../../conformance/', import.meta.url)
const fixtures = readdirSync(conformance, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .toSorted()
  // Enough to meet every style.
  .filter((_, index) => index % 70 === 4)
  .map((path): [string, string] => [path, readFileSync(new URL(path, conformance), 'utf8')])
const texts: readonly [string, string][] = [['the block above', block], ...fixtures]

/** Every pointer of a value, with what it leads to. */
function* nodes(value: Json, pointer = ''): Generator<readonly [pointer: string, value: Json]> {
  yield [pointer, value]
  const entries = Array.isArray(value) ? value.entries() : isJsonObject(value) ? Object.entries(value) : []
  for (const [key, field] of entries) yield* nodes((field ?? null) as Json, pointer + pointerPart(key))
}

/** A value without what an edit takes out of it, or with what it puts in. */
function changed(value: Json, pointer: string, change: (around: Record<string, Json>, key: string) => void): Json {
  const copy = structuredClone(value)
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  let around: unknown = copy
  for (const part of parts.slice(0, -1)) around = (around as JsonObject)[part]
  change(around as Record<string, Json>, parts.at(-1) ?? '')
  return copy
}

test.for(texts)('each edit changes its document as it says, and nothing else: %s', ([, text]) => {
  const value = parse(text) as Json
  const parsed = parseWorkflow(text)
  let made = 0
  const holds = (edit: DocumentEdit, expected: Json): void => {
    const found = edited(text, edit, parsed)
    if (found === undefined) return
    made++
    expect(parse(found), JSON.stringify(edit)).toEqual(expected)
  }
  for (const [pointer, node] of nodes(value)) {
    if (isJsonObject(node)) holds({ op: 'add', pointer: `${pointer}/x-new`, value: ['a b'] }, addedTo(value, pointer))
    if (pointer === '') continue
    holds(
      { op: 'replace', pointer, value: 'other' },
      changed(value, pointer, (map, key) => (map[key] = 'other')),
    )
    const size = sizeOf(value, pointer)
    if (size > 1) holds({ op: 'remove', pointer }, changed(value, pointer, without))
  }
  expect(made).toBeGreaterThan(10)
})

function addedTo(value: Json, pointer: string): Json {
  return changed(value, `${pointer}/x-new`, (map, key) => (map[key] = ['a b']))
}

function sizeOf(value: Json, pointer: string): number {
  let size = 0
  changed(value, pointer, (around) => (size = Object.keys(around).length))
  return size
}

function without(around: Record<string, Json>, key: string): void {
  if (Array.isArray(around)) around.splice(Number(key), 1)
  else delete around[key]
}
