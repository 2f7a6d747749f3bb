import { globSync, readFileSync } from 'node:fs'
import { diagnosticCodes, errorCodes, failureCodes, storageFaultCodes } from 'segno'
import { describe, expect, test } from 'vitest'
import { commandErrorCodes } from '../../src/command-error.ts'
import { readPage, root, rowsOf, sectionOf } from './page.ts'

const page = readPage('docs/09-errors.md')

const lists = [
  ['Diagnostics', diagnosticCodes, ''],
  ['Failures', failureCodes, 'failure-'],
  ['Errors', errorCodes, 'error-'],
  ['Storage faults', storageFaultCodes, 'storage-'],
  ['Command', commandErrorCodes, 'command-'],
] as const

describe.for(lists)('the page about errors, under %s,', ([heading, codes, prefix]) => {
  const section = sectionOf(page, heading)
  const rows = rowsOf(section).map(([first = '', ...cells]) => {
    const [, anchor = '', code = ''] = /^<a id="([^"]+)"><\/a>`([A-Z_]+)`$/.exec(first) ?? []
    return { anchor, code, cells }
  })

  test('has a row for each code, and no other', () => {
    expect(rows.map(({ code }) => code).toSorted()).toEqual(Object.keys(codes).toSorted())
  })

  test('says of each code what it means and what to do', () => {
    for (const { cells } of rows) {
      expect(cells).toHaveLength(3)
      expect(cells[0]).toMatch(/\.$/)
      expect(cells[2]).toMatch(/[^|]$/)
    }
  })

  test('names each row by its code', () => {
    for (const { anchor, code } of rows) expect([code.toLowerCase(), prefix + code.toLowerCase()]).toContain(anchor)
  })
})

// Where codes come up as what happens, and not in a list of all of them.
const provoking = globSync(
  [
    ...['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'packages/cli/test/golden/cases/*.yaml'],
    ...['packages/schema/conformance/*/*.yaml', 'packages/core/src/testing/**/*.ts'],
  ],
  { cwd: root },
)
  .filter((file) => !file.endsWith('test/docs/errors.test.ts'))
  .map((file) => readFileSync(root + file, 'utf8'))

// Every Node that can be installed has the data of all time zones; what finds out that they are missing has tests.
const unprovoked: ReadonlySet<string> = new Set(['TIME_ZONES_MISSING'])

test.for(lists)('under %s, something that is tested comes to each code', ([, codes]) => {
  const words = new Set(provoking.flatMap((text) => text.match(/\b[A-Z][A-Z_]+\b/g) ?? []))
  expect(Object.keys(codes).filter((code) => !words.has(code) && !unprovoked.has(code))).toEqual([])
})

test('no two rows have one anchor', () => {
  const anchors = [...page.text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id)
  expect(new Set(anchors).size).toBe(anchors.length)
})
