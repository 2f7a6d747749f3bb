import fc from 'fast-check'
import { posix, win32 } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../definition.ts'
import { validateJson } from './json-schema.ts'
import { pathMistake } from './path.ts'

describe('a path', () => {
  test.for([
    ['', 'a path'],
    ['a\0b', 'a path without NUL'],
    ['/etc/passwd', 'a relative path'],
    ['\\windows', 'a relative path'],
    ['\\\\server\\share', 'a relative path'],
    ['C:\\windows', 'a relative path'],
    ['c:file', 'a relative path'],
    ['..', 'a path without ".."'],
    ['../up', 'a path without ".."'],
    ['a/../b', 'a path without ".."'],
    ['a/..', 'a path without ".."'],
    ['a\\..\\b', 'a path without ".."'],
    ['a\n/..', 'a path without ".."'],
  ] as const)('is not %j: expected %s', ([text, expected]) => {
    expect(pathMistake(text)).toBe(expected)
  })

  test.for(['a', '.', './a', 'a//b', 'a/./b/', '..a', 'a..', '...', 'a b', 'résumé.md', 'a\\b'])('is %j', (text) => {
    expect(pathMistake(text)).toBeUndefined()
  })

  test('stays in its folder, whatever the text and the platform', () => {
    const part = fc.constantFrom('a', '.', '..', '/', '\\', 'C:', '\0', '', ' ')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const text = parts.join('')
        if (pathMistake(text) !== undefined) return
        expect(posix.resolve('/root', text)).toMatch(/^\/root(\/|$)/)
        expect(win32.resolve('D:\\root', text)).toMatch(/^D:\\root(\\|$)/)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a path under a folder', () => {
  test.for([
    ['out', 'out'],
    ['out', 'out/a'],
    ['out', './out/./a'],
    ['./out/', 'out//a'],
    ['a/b', 'a/./b/c'],
    ['a.b', 'a.b/c'],
    ['.', 'anything'],
  ] as const)('%j: is %j', ([under, text]) => {
    expect(pathMistake(text, under)).toBeUndefined()
  })

  test.for([
    ['out', 'out2'],
    ['out', 'out2/a'],
    ['out', 'a/out'],
    ['out', 'out\\a'],
    ['a/b', 'a'],
    ['a/b', 'ab'],
    ['a.b', 'aXb/c'],
  ] as const)('%j: is not %j', ([under, text]) => {
    expect(pathMistake(text, under)).toBe(`a path under ${under}`)
  })
})

describe('`type: path` in a schema', () => {
  const path: JsonSchema = { type: 'path', under: 'docs' }

  test.for<[string, JsonSchema, string | null | string[], string[]]>([
    ['is told by its rule', path, '/docs/a', [': expected a relative path, got "/docs/a"']],
    ['is told by its folder', path, 'doc/a', [': expected a path under docs, got "doc/a"']],
    ['is told in a list', { items: path }, ['docs/a', 'b'], ['/1: expected a path under docs, got "b"']],
    [
      'is told through a reference',
      { $ref: '#/$defs/p', $defs: { p: path } },
      'b',
      [': expected a path under docs, got "b"'],
    ],
    ['may be null where that is a type too', { type: ['path', 'null'] }, null, []],
    ['is a path where null is a type too', { type: ['path', 'null'] }, '/', [': expected a relative path, got "/"']],
    ['is any text where text is a type too', { type: ['path', 'string'] }, '/', []],
    ['picks an alternative', { anyOf: [path, { const: '/' }] }, '/', []],
    ['keeps a pattern beside it', { ...path, pattern: 'md$' }, 'docs/a.md', []],
    [
      'tells a pattern beside it',
      { ...path, pattern: 'md$' },
      'docs/a.mdx',
      [': expected text that matches md$, got "docs/a.mdx"'],
    ],
  ])('%s', ([, schema, value, expected]) => {
    expect(validateJson(schema, value).map(({ path: pointer, message }) => `${pointer}: ${message}`)).toEqual(expected)
  })
})
