import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineDiff } from './line-diff.ts'

test('lines that differ are shown between those around them', () => {
  const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join('\n')
  expect(lineDiff('x', before, before.replace('b', 'B').replace('\nj', ''))).toBe(`--- a/x
+++ b/x
@@ -1,4 +1,4 @@
 a
-b
+B
 c
 d
@@ -7,4 +7,3 @@
 g
 h
-i
-j
\\ No newline at end of file
+i
\\ No newline at end of file
`)
})

test('texts that are the same have no diff', () => {
  expect(lineDiff('x', 'a\n', 'a\n')).toBe('')
})

/** What a unified diff makes of a text. */
function patched(text: string, diff: string): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const result: string[] = []
  let at = 0
  for (const [, head = '', body = ''] of diff.matchAll(/^@@ -(.*?) .*@@\n((?:(?!@@ ).*\n)*)/gm)) {
    const [start = 0, count = 0] = head.split(',').map(Number)
    result.push(...lines.slice(at, count === 0 ? start : start - 1))
    at = (count === 0 ? start : start - 1) + count
    const rows = body.replaceAll('\n\\ No newline at end of file\n', '\u0000').match(/[^\n\0]*[\n\0]/g) ?? []
    result.push(...rows.filter((row) => !row.startsWith('-')).map((row) => row.slice(1).replace('\u0000', '')))
  }
  return [...result, ...lines.slice(at)].join('')
}

test('the diff of two texts makes one of the other', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(patched(before, lineDiff('x', before, after))).toBe(after)
    }),
  )
})
