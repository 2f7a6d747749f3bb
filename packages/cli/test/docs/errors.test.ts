import { diagnosticCodes, errorCodes, failureCodes, storageFaultCodes } from 'segno'
import { describe, expect, test } from 'vitest'
import { commandErrorCodes } from '../../src/command-error.ts'
import { readPage, rowsOf, sectionOf } from './page.ts'

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

test('no two rows have one anchor', () => {
  const anchors = [...page.text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id)
  expect(new Set(anchors).size).toBe(anchors.length)
})
