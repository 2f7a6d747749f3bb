import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import type { Json } from '../json.ts'
import { scan } from './scan.ts'
import { readSimpleYaml } from './simple-yaml.ts'
import { treeOf } from './tree.ts'

const simple = `# A comment
a: b
some words: it's "quoted"  # and a comment
none:
empty: # a comment
b:

  - c: d
    "e\\u00e9": |
      one
        two

      three
    f:
    - g
    -
      h: 'i''j'

  - "x\\ty"
  # Another comment
  - { k: [1, -2.5, true, null, ~], "l": {}, m: [] }
14d: { to: x }
url: https://example.com/a:b#c
folded: >-
  one
  two

  three
flow:
  {
    a: [rm, -f, --, '--name=\${{ a }}'],
    b: [x y, "z",],
  }
`
const json = `{ "a": [1, "b\\n", { "c": false }],\n  "d":{"e": null}\n}\n`

/** What the parser of all of YAML makes of a text; `undefined` where it is not as it should be. */
function parsed(text: string): Json | undefined {
  const { mistakes, tooDeep } = scan(text)
  if (tooDeep || mistakes.length > 0) return undefined
  const document = parseDocument(text, {
    ...({ schema: 'core', version: '1.2', uniqueKeys: false, merge: false } as const),
    ...({ prettyErrors: false, stringKeys: false, strict: true, logLevel: 'error' } as const),
  })
  if (document.errors.length > 0) return undefined
  const { value, mistakes: unfit, unread, isNameless } = treeOf(document.contents)
  return unfit.length > 0 || unread.size > 0 || isNameless ? undefined : value
}

describe('what a text says that uses little of YAML', () => {
  test.for([simple, json, json.trimEnd()])('is what its parser says', (text) => {
    const value = readSimpleYaml(text)
    expect(value).toBeDefined()
    expect(value).toEqual(parsed(text))
  })

  test('has its keys in the order of the text', () => {
    expect(JSON.stringify(readSimpleYaml(simple))).toBe(JSON.stringify(parsed(simple)))
  })
})

const pieces = [
  ...['{', '}', '[', ']', ':', ': ', '- ', '-', ',', '"', "'", '|', '>', '|-\n', '#', ' # c\n', '? ', '${{', '}}'],
  ...[
    '\n',
    '\n  ',
    '\n      ',
    '  ',
    '\n \n',
    '\t',
    '\r\n',
    '---\n',
    '...\n',
    '%',
    '@',
    '`',
    '!t ',
    '&a ',
    '*a',
    '<<: ',
  ],
  ...[
    'a',
    'a: ',
    'a:\n',
    '"a": ',
    '- a: b\n',
    '- - ',
    'true',
    '~',
    '404: ',
    '0x1',
    '1e3',
    '.5',
    '+1',
    '-0',
    '01',
    '1.',
  ],
  ...[
    '9007199254740993',
    '\\n',
    '\\x41',
    '\\ud800',
    "''",
    '[]',
    '{}',
    '__proto__: ',
    'é',
    '\u00a0',
    '\u2028',
    '\ufeff',
    '\ud800',
  ],
]

const change = fc.record({
  at: fc.nat({ max: simple.length }),
  removed: fc.nat({ max: 4 }),
  added: fc.oneof({ arbitrary: fc.constantFrom(...pieces), weight: 3 }, fc.constant('')),
})

function changed(text: string, changes: readonly { at: number; removed: number; added: string }[]): string {
  return changes.reduce((now, { at, removed, added }) => now.slice(0, at) + added + now.slice(at + removed), text)
}

test('a text is read as its parser reads it, or left to it', () => {
  const texts = fc
    .tuple(fc.constantFrom(simple, json), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([text, changes]) => changed(text, changes))
  const check = fc.property(texts, (text) => {
    const value = readSimpleYaml(text)
    if (value !== undefined) expect(value, JSON.stringify(text)).toStrictEqual(parsed(text))
  })
  fc.assert(check, { numRuns: 2000 })
})

test.for<readonly [string, string]>([
  ['a tab', 'a:\tb\n'],
  ['a text on several lines', 'a: b\n  c\n'],
  ['an anchor', 'a: &x b\n'],
  ['a tag', 'a: !t b\n'],
  ['a directive', '%YAML 1.2\n---\na: b\n'],
  ['a second document', 'a: b\n---\nc: d\n'],
  ['a key twice', 'a: b\na: c\n'],
  ['a key that is no text', '404: a\n'],
  ['a forbidden key', '__proto__: a\n'],
  ['a number that is not exact', 'a: 9007199254740993\n'],
  ['half of a surrogate pair', 'a: "\\ud800"\n'],
  ['an entry between two columns', 'a:\n    b: c\n  d: e\n'],
  ['a bracket that is not closed', 'a: [b\n'],
  ['a bracket too far to the left', 'a:\n  b: [\nc ]\n'],
  ['a map of unusual depth', `${Array.from({ length: 30 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')}`],
  ['a scalar alone', 'a\n'],
  ['nothing', ''],
])('left to the parser is %s', ([, text]) => {
  expect(readSimpleYaml(text)).toBeUndefined()
})

test('as many keys and values are read as a document may have', () => {
  const items = (count: number): string => `a: [${Array.from({ length: count }, () => 1).join(', ')}]\n`
  // The map, its key and the list are counted too.
  expect(readSimpleYaml(items(19_990))).toBeDefined()
  expect(readSimpleYaml(items(20_000))).toBeUndefined()
})
