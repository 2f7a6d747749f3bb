import { expect, test } from 'vitest'
import { importPath, plainPath } from './import-path.ts'

test.for<[string, string | undefined, string]>([
  ['a.yaml', undefined, 'a.yaml'],
  ['./a.yaml', undefined, 'a.yaml'],
  ['a.yaml', 'main.yaml', 'a.yaml'],
  ['./lib/a.yaml', 'flows/main.yaml', 'flows/lib/a.yaml'],
  ['../lib/a.yaml', 'flows/main.yaml', 'lib/a.yaml'],
  ['../../a.yaml', 'flows/main.yaml', '../a.yaml'],
  ['../a.yaml', '../main.yaml', '../../a.yaml'],
  ['x/../y/./a.yaml', './flows/../main.yaml', 'y/a.yaml'],
  ['a//b.yaml', 'flows//main.yaml', 'flows/a/b.yaml'],
  ['../a.yaml', '/work/flows/main.yaml', '/work/a.yaml'],
  ['../../../a.yaml', '/work/main.yaml', '/a.yaml'],
  ['../a.yaml', String.raw`C:\work\flows\main.yaml`, 'C:/work/a.yaml'],
  ['../a.yaml', 'https://example.com/flows/main.yaml', 'https://example.com/a.yaml'],
])('the import %s of %s is %s', ([path, importer, expected]) => {
  expect(importPath(path, importer)).toBe(expected)
})

test('a path has one spelling', () => {
  expect(['./a.yaml', 'b/../a.yaml', 'a.yaml'].map(plainPath)).toEqual(['a.yaml', 'a.yaml', 'a.yaml'])
})
