import { describe, expect, test } from 'vitest'
import { look } from './terminal.ts'
import { took } from './took.ts'
import { uiMode } from './ui-mode.ts'
import { resultText } from './result-text.ts'

test.for([
  [0, '0ms'],
  [999, '999ms'],
  [12_400, '12.4s'],
  [59_949, '59.9s'],
  [59_950, '1m00s'],
  [124_000, '2m04s'],
  [3_599_600, '1h00m'],
  [3_720_000, '1h02m'],
] as const)('%d ms are told as %s', ([ms, text]) => {
  expect(took(ms)).toBe(text)
})

describe('the mode of the screen', () => {
  const terminal = { asked: 'auto', quiet: false, json: false, env: {}, isTerminal: true, cols: 80 } as const

  test.for([
    ['a terminal', {}, 'tree'],
    ['a narrow terminal', { cols: 39 }, 'plain'],
    ['a dumb terminal', { env: { TERM: 'dumb' } }, 'plain'],
    ['a pipe', { isTerminal: false }, 'plain'],
    ['a CI job', { env: { CI: 'true' } }, 'plain'],
    ['CI=false', { env: { CI: 'false' } }, 'tree'],
    ['GitHub Actions', { env: { GITHUB_ACTIONS: 'true', CI: 'true' }, isTerminal: false }, 'ci'],
    ['--quiet', { quiet: true }, 'quiet'],
    ['-o json', { json: true }, 'json'],
    ['-o json with a mode', { json: true, asked: 'plain' }, 'plain'],
    ['a mode that is asked for', { asked: 'ndjson' }, 'ndjson'],
  ] as const)('for %s', ([, over, mode]) => {
    expect(uiMode({ ...terminal, ...over })).toBe(mode)
  })
})

test('outputs are one line each, whatever is in them', () => {
  const output = { name: 'Ada', lines: 'a\nb', escape: '\u001b[2J', list: [1, { a: true }], none: null }
  expect(resultText(output)).toBe(
    ['name: Ada', 'lines: "a\\nb"', 'escape: "\\u001b[2J"', 'list: [1,{"a":true}]', 'none: null', ''].join('\n'),
  )
})

test('no status is told by colour alone', () => {
  for (const unicode of [true, false]) {
    const signs = Object.values(look({ unicode, color: false }).glyphs.status)
    expect(new Set(signs).size).toBe(signs.length)
  }
})
